#!/bin/bash
# links.sh - what the documents point at is there: files, make targets, commands and their options.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
bin=${BUILD:-build}/bin
mapfile -t documents < <(git ls-files '*.md')

# broken DOCUMENT - its links that lead nowhere.
broken() {
	local link
	grep -o '](\([^)#]*\)' "$1" | sed 's/^](//' | grep -v '^[a-z]*:' | while read -r link; do
		[ -e "$(dirname "$1")/$link" ] || echo "$link"
	done
}

# code DOCUMENT - what stands in backquotes or in blocks.
code() { awk '/^ *```/ { block = !block; next } block || /^    / { print; next }
	{ n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$1"; }

directories=$(git ls-files | sed -n 's:/.*::p' | sort -u | grep -v '^\.' | tr '\n' '|')

# missing DOCUMENT - files it names that are not in the repository; a shell's patterns may stand for several.
missing() {
	local path
	code "$1" | grep -oE "(^|[ \"'=])(${directories%|})/[^ ,;:|)\"'<>]*" | sed 's/^[ "'"'"'=]//; s/[.]$//' | sort -u |
		while read -r path; do
			path=${path//\[ch\]/?}
			# shellcheck disable=SC2086 # patterns are meant
			case $path in
			build/* | *PEER* | */nodes/* | */pool.json | */store.json) ;;
			*) compgen -G "${path%/}" > /dev/null || [ -e "$path.c" ] || (cd "$(dirname "$1")" && compgen -G "${path%/}") > /dev/null || echo "$path" ;;
			esac
		done
}

# no_target DOCUMENT - make targets it names that are none.
no_target() {
	code "$1" | grep -oE '(^|sudo |&& )make [a-z-]+' | sed 's/.*make //' | sort -u | while read -r target; do
		grep -q "^$target:" Makefile || echo "$target"
	done
}

# unknown DOCUMENT - commands of our programs, and their options, that those do not know.
unknown() {
	local program command option
	code "$1" | sed 's/#.*//' | grep -oE '(rail-sriov|rail-ipam|rdma-probe) [a-z][a-z-]*[^|;&`]*' |
		while read -r program command rest; do
			case $program$command in
			rail-sriovroutes) rest=${rest#* } ;;
			rdma-probemesh) [[ $rest != collect* ]] || command="mesh collect" ;;
			esac
			# shellcheck disable=SC2086 # "mesh collect" is two words
			"$bin/$program" $command --help > "$TMP/help" 2> /dev/null || {
				echo "$program $command"
				continue
			}
			for option in $(grep -oE -- '--[a-z][a-z-]*' <<< "$rest"); do
				grep -q -- "$option" "$TMP/help" || echo "$program $command $option"
			done
		done | sort -u
}

# unsaid DOCUMENT - what it quotes as our programs' words, where it tells what to do then, and none of them says;
# "..." and capitals stand for what differs.
unsaid() {
	local sentence part said
	said=$(cat plugins/*/*.c ipam/*.c pkg/*.c | tr '\n\t' '  ' | sed 's/" *"//g')
	sed -n '/^## What to do when/,/^## A node/{ s/`[^`]*`//g; p }' "$1" | grep -o '"[^"]*"' | tr -d '"' | while read -r sentence; do
		sed -E 's/ *(\.\.\.|\<[A-Z]+\>) */\n/g' <<< "$sentence" | while read -r part; do
			[[ $said = *"$part"* ]] || echo "$sentence"
		done
	done
}

TMP=$(mktemp -d)
trap 'tap_exit; rm -rf "$TMP"' EXIT
for document in "${documents[@]}"; do
	is "$document: its links lead somewhere" "$(broken "$document")" ""
	is "$document: the files it names are there" "$(missing "$document")" ""
	is "$document: make knows its targets" "$(no_target "$document")" ""
	is "$document: our programs know its commands and options" "$(unknown "$document")" ""
done
is "docs/operations.md: our programs say what it says that they do" "$(unsaid docs/operations.md)" ""
is "HACKING tells of every directory" "$(
	{
		git ls-files | grep / | sed 's:/.*::' | grep -vx 'plugins\|tests'
		git ls-files | sed -n 's:^\(\(plugins\|tests\)/[^/]*\)/.*:\1:p'
	} | sort -u | while read -r directory; do
		sed -n 's/^| \([^|]*\) |.*/\1/p' HACKING.md | grep -qF "\`$directory/\`" || echo "$directory"
	done)" ""

printf '%s\n' '[x](nowhere.md)' '`tests/nothing.sh`, `make nonsense`, `rail-ipam fnord`, `rdma-probe ping --fnord`' \
	'## What to do when' '| "VF X is held by nobody" | |' > "$TMP/x.md"
is "what leads nowhere is found" "$(broken "$TMP/x.md") $(missing "$TMP/x.md") $(no_target "$TMP/x.md") $(unknown "$TMP/x.md" | tr '\n' ' ') $(unsaid "$TMP/x.md")" \
	"nowhere.md tests/nothing.sh nonsense rail-ipam fnord rdma-probe ping --fnord  VF X is held by nobody"
done_testing
