#!/usr/bin/env bash
# Generates everything in a copy of the tree and says what differs from the tree: generated code and golden
# files that were not regenerated after a change. It does not change the tree.
set -euo pipefail
cd "$(dirname "$0")/.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh |
	tar --null -T - -cf - | tar -C "$copy" -xf -
git -C "$copy" init -q
git -C "$copy" add -A
if ! make --no-print-directory -s -C "$copy" generate golden >"$copy/.git/said" 2>&1; then
	cat "$copy/.git/said" >&2
	exit 1
fi
if ! git -C "$copy" diff --exit-code; then
	echo "generated files are out of date; run make generate golden and commit what they write" >&2
	exit 1
fi
untracked=$(git -C "$copy" ls-files --others --exclude-standard)
if [ -n "$untracked" ]; then
	echo "generating wrote files that are not in the tree:" "$untracked" >&2
	exit 1
fi
echo "generated: up to date"
