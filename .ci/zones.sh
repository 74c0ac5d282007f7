#!/usr/bin/env bash
# zones.sh update  replaces the embedded time zone table with the one of Debian's newest tzdata
# zones.sh check   says whether Debian has a newer one; without Debian or a network it says that, and never fails
set -euo pipefail
cd "$(dirname "$0")/.."

newest() { # the version of Debian's package, or nothing
	timeout 60 apt-get update -qq 2>/dev/null || true
	apt-cache policy tzdata | sed -nE 's/^ +Candidate: (.*)$/\1/p'
}

update() {
	local version packages
	version=$(newest)
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	# Newer releases of Debian keep names such as US/Pacific in a package of their own.
	packages=(tzdata)
	! apt-cache show tzdata-legacy >/dev/null 2>&1 || packages+=(tzdata-legacy)
	(cd "$work" && apt-get download -qq "${packages[@]}" 2>/dev/null && sha256sum -- *.deb >sums && for deb in *.deb; do
		dpkg -x "$deb" tree
	done)
	go run ./cmd/zonetable -from "$work/tree/usr/share/zoneinfo" -to domain/zones/zones.zip \
		-source "Debian tzdata $version"$'\n'"$(sed 's/^/sha256 /' "$work/sums")"
	go run ./cmd/zonetable
}

check() {
	local ours theirs
	ours=$(go run ./cmd/zonetable)
	ours=${ours##* }
	theirs=$(command -v apt-cache >/dev/null && newest || true)
	if [ -z "$theirs" ]; then
		echo "zones: Debian could not be asked for a newer time zone table than $ours"
	elif [[ "${theirs%%-*}" > "${ours%%-*}" ]]; then
		echo "zones: NEWER: Debian has the time zones $theirs, the embedded table is $ours; run make zones"
	else
		echo "zones: the embedded table $ours is current; Debian has $theirs"
	fi
}

"$1"
