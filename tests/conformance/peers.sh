#!/bin/bash
# peers.sh - where Debian's plugins differ from the rules as we read them is known, and why: so we read them right.
set -u
here=$(dirname "$0")
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
for plugin in host-local static host-device; do
	("$here/run" "/usr/lib/cni/$plugin" > "$out/$plugin" || : > "$out/failed") &
done
wait
for plugin in host-local static host-device; do
	sed "/^ok\|^not ok/s/ - / - $plugin: /" "$out/$plugin"
done
[ ! -e "$out/failed" ]
