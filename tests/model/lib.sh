# shellcheck shell=bash
# lib.sh - search a Promela model to its last state. Source it with the model's name in $model.
#
# Every search is exhaustive: no state is left out, none is taken for another by its hash.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../tap.sh"
work=$(mktemp -d)
trap 'tap_exit; rm -rf "$work"' EXIT
cd "$work" || exit

# search FLAG... - the checker's last words are in $work/said; false when it could not finish.
search() {
	rm -f pan*
	spin "$@" -a "$here/$model.pml" > said 2>&1 || return
	gcc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=8000 -o pan pan.c || return
	./pan -m2000000 -w24 > said 2>&1
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

# caught SENTENCE PATTERN FLAG... - the checker finds this to be wrong.
caught() {
	local sentence=$1 pattern=$2
	shift 2
	search "$@" || echo "# the search ended early"
	like "$sentence" "$(found)" "$pattern"
}

# For a search of one's own: SPINFLAGS="-DNODES=3 ..." tests/model/leases.sh
if [ -n "${SPINFLAGS-}" ]; then
	# shellcheck disable=SC2086 # words are meant
	holds "a system of $SPINFLAGS" $SPINFLAGS
	done_testing
fi
