# shellcheck shell=bash
# lib.sh - several suites at once, told one behind the other: job PLUGIN [OPTION...]; ...; finish
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${BUILD:-$here/../../build}/bin
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
jobs=0

job() { # what `run` takes; the last is the plugin, whose name comes before each case's
	local file=$out/$((++jobs)) plugin=${!#}
	{ "$here/run" "$@" || : > "$out/failed"; } | sed "/^ok\|^not ok/s/ - / - ${plugin##*/}: /" > "$file" &
}

finish() {
	local i
	wait
	for ((i = 1; i <= jobs; i++)); do cat "$out/$i"; done
	[ ! -e "$out/failed" ]
}
