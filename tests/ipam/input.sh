#!/bin/bash
# input.sh - bad input gets an error object that names what was wrong, and changes nothing.
set -u
# shellcheck disable=SC2119 # leases without arguments
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

# bare [NAME=VALUE...] COMMAND... - with no other environment.
bare() { env -i ASAN_OPTIONS="$ASAN_OPTIONS" "$@"; }

# raw SENTENCE CODE PATTERN STDIN [NAME=VALUE...] - call it with exactly this.
raw() {
	local sentence=$1 wanted=$2 pattern=$3 text=$4
	shift 4
	out=$(bare "${add[@]}" "$@" "$(command -v rail-ipam)" <<< "$text" 2> "$tmp/stderr")
	status=$?
	like "$sentence" "$status $(code) $(msg)" "^1 $wanted $pattern"
}

add=(CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/run/netns/a CNI_IFNAME=net1)
good=$(config)

out=$(bare "${add[@]}" "$(command -v rail-ipam)" < /dev/null)
is "no configuration at all" "$(code) $(msg)" "6 standard input is empty: no configuration"
out=$(bare "${add[@]}" "$(command -v rail-ipam)" <&-)
is "standard input closed" "$(code) $(msg)" "6 standard input is empty: no configuration"
raw "broken JSON" 6 "configuration on standard input: invalid JSON at byte" '{"cniVersion":"1.1.0",'
raw "an array" 6 "configuration on standard input: expected a JSON object" '[]'
raw "text behind the object" 6 "configuration.*something follows" "$good x"
raw "no network name" 7 "name: missing network name" '{"cniVersion":"1.1.0"}'
raw "a network name with a slash" 7 "name: invalid characters" '{"cniVersion":"1.1.0","name":"a/b"}'
raw "a version nobody knows" 1 "incompatible CNI versions" "${good/1.1.0/9.9.9}"
raw "no ipam section" 7 "ipam: missing: no IPAM section" '{"cniVersion":"1.1.0","name":"n"}'
raw "ipam of the wrong type" 7 "ipam: expected an object, got" '{"cniVersion":"1.1.0","name":"n","ipam":[]}'
raw "no range" 7 "ipam.range: missing" '{"cniVersion":"1.1.0","name":"n","ipam":{}}'
raw "a range of the wrong type" 7 "ipam.range: expected a string, got" \
	'{"cniVersion":"1.1.0","name":"n","ipam":{"range":["192.168.1.0/24"]}}'
raw "a key twice" 6 "ipam.range: this key appears twice" \
	'{"cniVersion":"1.1.0","name":"n","ipam":{"range":"10.0.0.0/8","range":"11.0.0.0/8"}}'
raw "a store that is no absolute path" 7 "ipam.store: expected an absolute path" \
	'{"cniVersion":"1.1.0","name":"n","ipam":{"range":"10.0.0.0/8","store":"here"}}'
raw "a path with a line break in it" 7 "ipam.store: expected an absolute path" \
	'{"cniVersion":"1.1.0","name":"n","ipam":{"range":"10.0.0.0/8","store":"/a\nid 0"}}'
raw "a node called reserved" 7 "nodeName: a node cannot be called 'reserved'" \
	"${good/\"range\"/\"nodeName\":\"reserved\",\"range\"}"
raw "an unknown command" 4 "unknown CNI_COMMAND: add" "$good" CNI_COMMAND=add
raw "variables that are missing" 4 "required env variables \[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME\] missing" \
	"$good" CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME=
raw "a container id with a slash" 4 "CNI_CONTAINERID: invalid characters" "$good" CNI_CONTAINERID=../a
raw "an interface name too long" 4 "CNI_IFNAME: .* is longer than 15 bytes" "$good" CNI_IFNAME=abcdefghijklmnop
raw "CHECK of a version that has none" 1 "config version 0.3.1 does not allow CHECK" "${good/1.1.0/0.3.1}" \
	CNI_COMMAND=CHECK
is "none of this made anything" "$(entries "$store") $(entries "$state" | grep -c ,)" "store.json 0"

out=$(bare CNI_COMMAND=VERSION "$(command -v rail-ipam)" < /dev/null)
like "VERSION tells all versions and needs no input" "$out" '"supportedVersions":\["0.1.0",.*"1.1.0"\]'
raw_del() { out=$(bare CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_IFNAME=net1 "$(command -v rail-ipam)" <<< "$1" 2> /dev/null); }
raw_del '{"cniVersion":"1.1.0","name":"n","ipam":{"range":7}}'
is "DEL of what could never be added succeeds, whatever the configuration says" "$?$out" 0
raw_del '{"cniVersion":"1.1.0","name":"n","ipam":7}'
is "... or does not say" "$?$out" 0
cni ADD a
ipam='"range":7'
cni DEL a
is "DEL of what was added succeeds though the configuration was broken since" "$status $(leases | wc -l)" "0 0"

for words in "nonsense" "list a b" "list --nonsense" "init" "init a b" "fence" "release 10.0.0.1" "reserve x y" "fsck --repair" "list --map" "list --deadline" "list --deadline 0" "list --deadline 1x" "list --at-most 1" "fence --at-most 0 a b" \
	"init $tmp/nowhere"; do
	# shellcheck disable=SC2086 # words are meant
	rail-ipam $words > "$tmp/out" 2> "$tmp/err"
	is "rail-ipam ${words/$tmp/DIR} fails with a line on standard error" "$? $(wc -l < "$tmp/out")" "1 0"
done
like "... that says what was tried, on what, and why" "$(cat "$tmp/err")" \
	"rail-ipam: init: open store $tmp/nowhere: No such file or directory"
rail-ipam list "$store" > /dev/full 2> "$tmp/err"
like "output that cannot be written is an error" "$? $(< "$tmp/err")" "^1 rail-ipam: .*write the output: No space left on device"
rail-ipam list "$store" >&- 2> "$tmp/err"
like "... as is none at all" "$? $(< "$tmp/err")" "^1 rail-ipam: .*write the output: Bad file descriptor"

done_testing
