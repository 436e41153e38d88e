#!/bin/bash
# leases.sh - every state that the lease protocol can come to is looked at; and mutants are caught.
#
# SPINFLAGS="-DNODES=3 -DROUNDS=1 -DADDRESSES=1 -DTRIES=1 -DREPEATS=1" tests/model/leases.sh
# searches a larger system instead (8 GB of memory, an hour).
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
work=$(mktemp -d)
trap 'tap_exit; rm -rf "$work"' EXIT
cd "$work" || exit

# search FLAG... - the checker's last words are in $work/said; false when it could not finish.
search() {
	rm -f pan*
	spin "$@" -a "$here/leases.pml" > said 2>&1 || return
	gcc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=8000 -o pan pan.c || return
	./pan -m2000000 -w26 > said 2>&1
	! grep -q 'Search not completed\|max search depth' said || grep -q '^pan:1: ' said
}

states() { sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' said; }
found() { sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' said; }

# holds SENTENCE FLAG...
holds() {
	local sentence=$1
	shift
	search "$@" || echo "# the search ended early"
	is "$sentence" "$(grep -o 'errors: [0-9]*' said) $(found)" "errors: 0 "
	echo "# $(states) states"
}

# caught SENTENCE FLAG PATTERN
caught() {
	search -DADDRESSES=2 -DROUNDS=1 -DREPEATS=1 "-D$2" || echo "# the search ended early"
	like "$1" "$(found)" "$3"
}

if [ -n "${SPINFLAGS-}" ]; then
	# shellcheck disable=SC2086 # words are meant
	holds "a system of $SPINFLAGS" $SPINFLAGS
	done_testing
fi
holds "two nodes, two addresses, a pod each, a request repeated" -DADDRESSES=2 -DROUNDS=1 -DREPEATS=1
holds "two nodes, one address, two pods each, a request repeated" -DADDRESSES=1 -DROUNDS=2 -DTRIES=1 -DREPEATS=1
caught "a claim that copies the free file gives an address to two" CLAIM_BY_COPY 'holders\[taken\]<=1'
caught "a release by address takes away the lease of another" RELEASE_BY_ADDRESS 'held\['
caught "a shard that is made in place is there before its files" SHARD_IN_PLACE 'isfree\[a\]==made'
done_testing
