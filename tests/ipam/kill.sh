#!/bin/bash
# kill.sh - SIGKILL at every system call of ADD, DEL and GC: one DEL puts it right.
#
# Of each call there are two processes: the one the runtime started, and its child that
# works on the store. Each is killed before and behind every system call it makes, once
# alone and once together with the other.
set -u
# shellcheck disable=SC2119 # leases without arguments
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

# sweep VERB PREPARE - kill it everywhere; each time, one DEL must leave nothing behind.
sweep() {
	local verb=$1 prepare=$2 whom process n=0 bad="" points=0
	for whom in it all; do
		for process in 1 2; do
			for ((n = 1; n < 500; n++)); do
				$prepare
				through=(kill-at "$whom" "$process" "$n")
				cni "$verb" a
				[ $status = 0 ] || break
				points=$((points + 1))
				through=()
				cni DEL a || bad+=" DEL-fails"
				clean || bad+=" $whom:$process:$n($(leases | tr '\n' ' ')$(pending))"
			done
			through=()
			cni DEL a
		done
	done
	is "killed at $points points of $verb, one DEL leaves no lease" "${bad:0:500}" ""
	ok "... which is all of them" test $points -gt 200
}

# No lease, nothing pending, and every address there once. Without a process, for speed.
clean() {
	local file seen=" " n=0
	for file in "$store"/rail0/192.168.1.0-24/*; do
		file=${file##*/} file=${file%@*}
		[[ $file != *=* && $seen != *" $file "* ]] || return 1
		seen+="$file " n=$((n + 1))
	done
	[[ $n = 13 && ! -e $state/pending && ! -e "$state/a,net1,rail0" ]]
}

nothing() { :; }
added() { cni ADD a; }
garbage() { cni ADD a; inside=',"cni.dev/valid-attachments":[]'; } # for DEL this says nothing

cni ADD first # makes the pool
cni DEL first
sweep ADD nothing
sweep DEL added
sweep GC garbage
inside=
is "list shows no lease" "$(rail-ipam list "$store" | tail -n 1)" "0 leased, 13 free, 0 reserved"

# Killed while it makes the store's first pool and shard: the next ADD makes them.
bad="" points=0
for process in 1 2; do
	for ((n = 1; n < 2000; n += 3)); do
		rm -rf "${store:?}"/* "$store"/.new* "$state"
		rail-ipam init "$store" > /dev/null
		through=(kill-at all "$process" "$n")
		cni ADD a
		[ $status = 0 ] || break
		points=$((points + 1))
		through=()
		cni ADD b || bad+=" $process:$n($out)"
		cni DEL a && cni DEL b || bad+=" DEL"
		clean || bad+=" $process:$n($(files | wc -l))"
	done
	through=()
done
is "killed at $points points of the very first ADD, the next one works" "${bad:0:500}" ""

done_testing
