#!/usr/bin/env bash
# Starts the demo as the README says, asks it how it is, and stops it: a newcomer's first minute.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'kill -- -"$server" 2>/dev/null || true; rm -rf "$work"' EXIT
set -m # the demo and the program that go run starts get a process group of their own
CLICKBOOK_LISTEN=127.0.0.1:0 make demo >"$work/out" 2>"$work/err" &
server=$!
set +m

for _ in $(seq 600); do # building takes most of it
	url=$(grep -ohE 'http://(127\.0\.0\.1|localhost):[0-9]+' "$work/out" "$work/err" | head -n 1 || true)
	[ -z "$url" ] || break
	kill -0 "$server" 2>/dev/null || break
	sleep 0.5
done
if [ -z "$url" ]; then
	cat "$work/out" "$work/err" >&2
	echo "smoke: the demo printed no address" >&2
	exit 1
fi
ask() { curl --fail --silent --show-error --retry 20 --retry-connrefused --retry-delay 1 "$@"; }
ask "$url/api/v1/health"
echo
# The public page needs no Node. The staff app is there if Node built it, and otherwise says how to build it.
page=$(ask "$url/book/harbour-physio") # whole, because grep -q leaves a pipe before curl has written all of it
grep -q "Harbour Physiotherapy" <<<"$page" || { echo "smoke: the clinic has no booking page" >&2; exit 1; }
app=$(curl --silent --max-time 10 "$url/app/")
grep -q -e '<div id="app"' -e 'make ui' <<<"$app" || { echo "smoke: /app/ is neither the app nor says how to build it" >&2; exit 1; }
kill -TERM -- -"$server"
wait "$server" || true
if curl --silent --max-time 2 "$url/api/v1/health"; then
	echo "smoke: the demo still replies after it was stopped" >&2
	exit 1
fi
echo "smoke: the demo started at $url, replied and stopped"
