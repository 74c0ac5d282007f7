#!/usr/bin/env bash
# Refuses tracked files above 1 MB: a binary that slips into a commit stays in every clone. First it shows that it
# would find one.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=1048576
allowed=( # paths of larger files, each with its reason
	adapters/httpapi/api/api.gen.go # generated from the API document, one file by its generator
)

large() { # in the current repository, the tracked files above the limit that are not among the arguments
	git -c core.quotePath=false ls-files --stage | grep -v ^160000 | sed -E 's/^[0-7]+ ([0-9a-f]+) [0-3]\t/\1 /' |
		git cat-file --batch-check='%(objectsize) %(rest)' | while read -r size path; do
		[ "$size" -le "$limit" ] || printf '%s\n' "$@" | grep -qxF -- "$path" || echo "$path: $size bytes"
	done
}

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
found=$(
	cd "$planted"
	git init -q
	for size in "$limit" "$((limit + 1))"; do
		head -c "$size" /dev/zero >"$size bytes"
		cp "$size bytes" "listed $size"
	done
	git add .
	large "listed $((limit + 1))"
)
if [ "$found" != "$((limit + 1)) bytes: $((limit + 1)) bytes" ]; then
	echo "large files: of the planted files it found: $found" >&2
	exit 1
fi

found=$(large "${allowed[@]}")
if [ -n "$found" ]; then
	echo "$found" >&2
	echo "large files: untrack them (git rm --cached), or list them in .ci/large-files.sh" >&2
	exit 1
fi
echo "large files: a planted one was found; no tracked file is above 1 MB"
