#!/bin/bash
# man.sh - the man pages say what the programs say: commands, options, keys, reasons. Neither knows more.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
bin=${BUILD:-build}/bin
TMP=$(mktemp -d)
trap 'tap_exit; rm -rf "$TMP"' EXIT

# --- what the programs say

# commands PROGRAM - its commands, as it lists them.
commands() {
	"$bin/$1" --help | awk -v name="$1" '/^  [a-z]/ {
		sub("^  (" name " )?", "")
		if (match($0, /^[a-z-]+( [a-z]+[ |])?/) && /^[a-z]/) {
			said = substr($0, 1, RLENGTH)
			sub(/[ |]$/, "", said)
			print /^routes / ? "routes" : said
		}
	}'
}

# help PROGRAM COMMAND
# shellcheck disable=SC2086 # "mesh collect" is two words
help() { "$bin/$1" $2 --help; }

# options_told PROGRAM - a line for each option of each command: COMMAND: OPTION
options_told() {
	local command
	commands "$1" | while read -r command; do
		help "$1" "$command" | sed -n "s/^ \+\(-., \)\?\(--[a-z-]*\).*/$command: \2/p"
	done | sort -u
}

# synopses_told PROGRAM - a line for each command: its arguments, without its options.
synopses_told() {
	local command
	commands "$1" | grep -vx routes | while read -r command; do
		help "$1" "$command" | sed -n "s/^usage: $1 //p" | sed 's/ \[OPTION\.\.\.\]//; s/ \[--[a-z-]*\]//g'
	done | sort
}

# --- what the man pages say

# section PAGE NAME - its source.
section() { awk -v name="$2" '/^\.Sh / { on = substr($0, 5) == name; next } on' "man/$1"; }

# options_written PAGE - "COMMAND: OPTION" for each option in its entry, or in front of them all.
options_written() {
	section "$1" COMMANDS | awk '
		function take(from,    i) {
			for (i = from; i <= NF; i++)
				if ($i == "Fl" && $(i + 1) ~ /^-[a-z]/)
					seen[command ": -" $(i + 1)]
		}
		/^\.It Cm / {
			command = $3
			for (i = 4; i <= NF && $i ~ /^[a-z]/; i++)
				command = command " " $i
			names[command]
		}
		/^\.It / { take(2) }
		/^\.Fl / { $1 = "Fl"; take(1) }
		END {
			for (line in seen)
				if (line ~ /^: /)
					for (name in names)
						print name line
				else
					print line
		}' | sort -u
}

# rendered PAGE - as people see it, a paragraph a line.
rendered() { mandoc -T ascii -O width=1000 "man/$1" | col -bx; }

synopses_written() {
	rendered "$1" | awk '/^[A-Z]/ { on = $0 == "COMMANDS" } on && /^     [a-z]/' |
		sed -n 's/^     \([a-z-]\+\( .*\)\?\)$/\1/p' | sed 's/^\([a-z-]*\)  .*/\1/' | grep -vx 'routes.*' | sort
}

# squeeze - one line, no space at the beginning of lines and no line breaks.
squeeze() { tr '\n' ' ' | sed 's/  */ /g'; }

# unwritten PAGE - of the lines on standard input those that the page does not have, the first letter's case aside.
unwritten() {
	local text line
	text=$(rendered "$1" | squeeze)
	while read -r line; do
		[[ ${text,,} == *"${line,,}"* ]] || echo "$line"
	done
}

for page in man/*; do
	is "$page: mandoc finds nothing to say" "$(mandoc -T lint -W warning "$page")" ""
done
for program in rail-sriov rail-ipam rdma-probe; do
	ok "$program: lists its commands" [ "$(commands $program | wc -l)" -ge 3 ]
	is "$program: help and man page know the same options of the same commands" \
		"$(diff <(options_told $program) <(options_written $program.8))" ""
	is "$program: and the same arguments" \
		"$(diff <(synopses_told $program) <(synopses_written $program.8))" ""
done

# The probe has one table of options: what the man page says of each is what the help says.
squeeze_lines() { sed 's/  */ /g'; }
probe_options() {
	commands rdma-probe | while read -r command; do
		help rdma-probe "$command" | sed -n 's/^ \+\(\(-., \)\?--[a-z].*\)/\1/p'
	done | sort -u | squeeze_lines
}
is "rdma-probe: every option is explained in the words of the help" "$(probe_options | unwritten rdma-probe.8)" ""

reasons() {
	tr '\n' ' ' < plugins/rdma-probe/reason.c | grep -o '\[REASON_[A-Z0-9_]*\] = { "[^}]*}' |
		sed 's/"[ \t]*"//g; s/\\"/"/g; s/[^"]*"\([a-z0-9_]*\)", "\([a-z]*\)", [A-Z_]*,[ \t]*"\(.*\)" }/\1 (\2) \3/' |
		squeeze_lines
}
ok "there are reasons" [ "$(reasons | wc -l)" -gt 20 ]
is "rdma-probe: every reason is in the man page, with its layer and what to do" "$(reasons | unwritten rdma-probe.8)" ""
is "and no other" "$(section rdma-probe.8 REASONS | sed -n 's/^\.It Er \([a-z0-9_]*\) .*/\1/p' | sort)" \
	"$(reasons | cut -d ' ' -f 1 | sort)"
is "rdma-probe: so is every check" \
	"$(sed -n 's/^\t\[\(L[0-9]*\)\] = { "L[0-9]*", "\([a-z0-9_]*\)", true,.*/\1 * \2/p
		s/^\t\[\(L[0-9]*\)\] = { "L[0-9]*", "\([a-z0-9_]*\)", false,.*/\1 \2/p' plugins/rdma-probe/check.c |
		unwritten rdma-probe.8)" ""

# --- the keys of configurations

# literals FILE... - words in quotes: those that may be keys. What is compared with, or is in a table of words, is
# a value.
literals() {
	cat "$@" | sed 's:/\*.*\*/::' | grep -v '^#include' | sed 's/strcmp([^)]*)//g; s/{ "[a-z0-9.]*", [A-Z0-9_]* }//g
		s/{ "[a-z]*",$//' | grep -o '"[A-Za-z][A-Za-z_]\{1,30\}"' | tr -d '"' | sort -u
}

# "pod" is a value.
keys_read() {
	case $1 in
	sriov) literals plugins/sriov/conf*.c ;;
	ipam) literals ipam/conf*.c | grep -vx pod ;;
	esac
	sed -n '/^int cni_route_parse/,/^}/p' pkg/cni_result.c | grep -o '"[a-z]*"' | tr -d '"'
}

# paths_written SECTION - the keys on the page, with the way to them.
paths_written() {
	section rail-cni.conf.5 "$1" | sed -n 's/^\.It Ic //p' | sed 's/ Pq.*//; s/ , /\n/g'
}
# The routes of an IPAM plugin are those of rail-sriov, and told there.
keys_written() {
	paths_written "$1" | tr '.' '\n' | sed 's/\[\]//g'
	case $1 in
	RAIL-SRIOV) echo MAC ;;
	RAIL-IPAM) printf '%s\n' ipam IP dst gw mtu advmss priority table scope ;;
	esac
}
# A way of reading that this test does not know makes a key that nobody wrote down: then look at literals().
is "rail-sriov: every key it reads is in the man page, and no other" \
	"$(diff <(keys_read sriov | sort -u) <(keys_written RAIL-SRIOV | sort -u))" ""
is "rail-ipam: every key it reads is in the man page, and no other" \
	"$(diff <(keys_read ipam | sort -u) <(keys_written RAIL-IPAM | sort -u))" ""
is "what CNI_ARGS may hold is told" \
	"$(section rail-cni.conf.5 'VARIABLES IN CNI_ARGS' | grep -o '[A-Z0-9_]* Ns =' | sed 's/ .*//' | sort | squeeze)" \
	"$(grep -ho 'cni_arg(call, "[A-Z0-9_]*"' plugins/sriov/*.c ipam/*.c | sed 's/.*"\(.*\)"/\1/' | sort -u | squeeze)"

# refused PROGRAM PATH - a value that no key can have, [[7]], is refused in the name of the one at PATH.
refused() {
	local conf path=$2
	conf=$(jq -nc --arg path "$path" --arg program "$1" '
		def put($keys): if $keys == [] then [[7]]
			elif $keys[0] | endswith("[]") then {($keys[0][:-2]): [{"dst": "10.0.0.0/8", "address": "10.0.0.1/8"} + put($keys[1:])]}
			else {($keys[0]): put($keys[1:])} end;
		{"cniVersion": "1.1.0", "name": "n", "type": "t"}
		+ (if $program == "rail-ipam" then {"ipam": {"type": "t", "store": "/nowhere", "range": "10.0.0.0/24"}} else {} end)
		* put($path | split(".")) | if $path == "ipam.subnet" then del(.ipam.range)
			elif $path == "ipam.dataDir" then del(.ipam.store) else . end')
	jq -e --arg path "${path//\[\]/[0]}" '.code == 7 and (.msg | startswith($path))' > "$TMP/verdict" 2>&1 < <(
		CNI_COMMAND=ADD CNI_CONTAINERID=c CNI_IFNAME=i CNI_NETNS=/proc/self/ns/net CNI_PATH=/ "$bin/$1" <<< "$conf"
	) || echo "$path"
}

# unknown PROGRAM SECTION PREFIX - keys of the page that it does not know.
unknown() {
	local path
	paths_written "$2" | while read -r path; do
		case $path in
		runtimeConfig.* | args.*) refused "$1" "$path" ;;
		*) refused "$1" "$3$path" ;;
		esac
	done
}
is "rail-sriov: every key of the man page is known where the page says" "$(unknown rail-sriov RAIL-SRIOV "")" ""
is "rail-ipam: every key of the man page is known where the page says" "$(unknown rail-ipam RAIL-IPAM ipam.)" ""
like "a key that is none is not" "$(refused rail-sriov rdma.colour)" "colour"
done_testing
