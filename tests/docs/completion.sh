#!/bin/bash
# completion.sh - at a shell, Tab offers what the programs' help tells.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. completion/rail-sriov
PATH=$PWD/${BUILD:-build}/bin:$PATH

# offered WORD... - what Tab offers for the last word.
offered() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_rail_cni "$1" "${*: -1}" "${*: -2:1}"
	echo "${COMPREPLY[*]}"
}

for program in rail-sriov rail-ipam rdma-probe; do
	is "$program: the completion of its name is there" "$(cat completion/$program)" "$(cat completion/rail-sriov)"
	for command in $(offered $program "" | sed 's/ --.*//'); do
		# What comes after a word is options only if that is a command.
		ok "$program $command: is a command" eval "$program $command --help > /dev/null"
		is "$program $command: options" \
			"$(offered $program "$command" -- | tr ' ' '\n' | sort -u)" \
			"$($program "$command" --help | sed -n 's/^ \+\(-., \)\?\(--[a-z-]*\).*/\2/p' | sort -u)"
	done
done
like "commands are offered" "$(offered rail-ipam "")" '^doctor fence fsck .*--version$'
is "those that begin so" "$(offered rdma-probe di)" "diagnose"
is "values that a program knows are offered" "$(offered rdma-probe ping --exit-style "")" "npd nagios"
is "those that begin so" "$(offered rdma-probe ping --exit-style na)" "nagios"
is "where a file is wanted, files are left to the shell" "$(offered rdma-probe mesh --html "")" ""
is "behind no command nothing is offered" "$(offered rail-sriov --version "")" ""
done_testing
