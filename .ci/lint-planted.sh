#!/usr/bin/env bash
# Shows that each rule of .golangci.yml fires: it lints a small module of planted violations with our own
# config and compares every remark with the //want:rule comments, which stand before the line they are about.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
export GOLANGCI_LINT_CACHE=$planted/.cache # the shared cache remembers files by content, under folders long gone
cp -R .ci/planted/. "$planted"
cp go.mod go.sum .golangci.yml "$planted"

wanted() { # file:line rule, for each comment, of the next line that is not blank
	(cd "$planted" && find . -name '*.go' | sed 's,^\./,,' | sort | while read -r file; do
		awk -v file="$file" '
			rule && NF { print file ":" NR " " rule; rule = "" }
			/^[[:space:]]*\/\/want:/ { sub(/^.*want:/, ""); rule = $1 }' "$file"
	done) | anywhere
}

remarks() {
	(cd "$planted" && go tool -modfile="$root/tools.mod" golangci-lint run --allow-serial-runners \
		--output.text.print-issued-lines=false --output.text.colors=false --show-stats=false ./... || [ $? -eq 1 ]) |
		sed -nE 's,^([^:]+:[0-9]+).*\(([a-z]+)\)$,\1 \2,p' | anywhere
}

anywhere() { # a formatter's remark is about a file, not about a line
	sed -E 's/:[0-9]+ (gci|gofumpt)$/ \1/' | sort
}

wanted >"$planted/wanted"
remarks >"$planted/remarks"
if ! diff "$planted/wanted" "$planted/remarks"; then
	echo "lint: the planted violations (<) and the remarks (>) differ" >&2
	exit 1
fi

# Every rule that the config enables has been planted.
missing=$(sed -nE 's/^    - ([a-z]+) +#.*/\1/p' .golangci.yml | sort -u |
	comm -23 - <(sed "s/.* //" "$planted/wanted" | sort -u))
if [ -n "$missing" ]; then
	echo "lint: no violation is planted for: $missing" >&2
	exit 1
fi

# An exception for a rule that is not enabled excuses nothing.
enabled=$(sed -nE 's/^    - ([a-z]+) +#.*/\1/p' .golangci.yml | paste -sd'|')
if git grep -nE 'nolint:' -- '*.go' ':!.ci/planted' | grep -vE "nolint:($enabled)\b"; then
	echo "lint: these lines excuse a rule that is not enabled; remove the nolint" >&2
	exit 1
fi
echo "lint: $(wc -l <"$planted/wanted") planted violations, each remarked; nothing else was"
