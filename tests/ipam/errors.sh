#!/bin/bash
# errors.sh - every system call on files fails once, with each error: nothing is leaked.
#
# EIO, ENOSPC, EACCES, EROFS, ESTALE and EDQUOT, from the files of the store and of the
# node's state alike. A call then succeeds, or says what failed in an error object.
set -u
# shellcheck disable=SC2119 # leases without arguments
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

all="EIO ENOSPC EACCES EROFS ESTALE EDQUOT"

# A lease that nobody asked for; an address with no file or with two.
left() {
	local file name seen=" " n=0
	for file in "$store"/rail0/192.168.1.0-24/*; do
		file=${file##*/} name=${file%%[@=]*}
		case $file in *=*,a,*) echo "lease:$file" ;; esac
		[[ $seen != *" $name "* ]] || echo "twice:$name"
		seen+="$name " n=$((n + 1))
	done
	[ $n = 13 ] || echo "files:$n"
	[ ! -e "$state/pending" ] || echo "pending:$(pending)"
}

# Before a program with libraries begins, its loader, and maybe a sanitizer, make calls of their own: as many as
# --version needs, but one.
for ((first = 1; first < 300; first++)); do
	kill-at EIO 1 $((first + 1)) rail-ipam --version > /dev/null 2>&1
	[ $? != 3 ] || break
done

# An error object with a code and a message; or success.
is_clean() {
	[ $status != 0 ] || return 0
	[[ $(code) =~ ^[0-9]+$ && -n $(msg) ]]
}

# sweep VERB ERRORS PREPARE AFTER - fail it everywhere, with each of the errors.
sweep() {
	local verb=$1 error process n points=0 bad="" found
	for error in $2; do
		for process in 1 2; do
			for ((n = process == 1 ? first : 1; n < 400; n++)); do
				$3
				through=(kill-at "$error" "$process" "$n")
				cni "$verb" a
				through=()
				[ $status != 3 ] || break
				points=$((points + 1))
				is_clean || bad+=" $error:$process:$n:status=$status,out=$out"
				$4
				found=$(left)
				[ -z "$found" ] || bad+=" $error:$process:$n:$found"
			done
			cni DEL a
		done
	done
	is "$verb: $points calls that fail are errors with a code and a message, and leak nothing" "${bad:0:600}" ""
	ok "... which is all of them" test $points -gt "$5"
}

nothing() { :; }
added() { cni ADD a; }
# A failed ADD leaves nothing even if no DEL follows; a later call may have to mend.
after_add() {
	[ $status = 0 ] && cni DEL a
	cni STATUS
}
after_del() {
	[ $status = 0 ] || cni DEL a
	cni STATUS
}
delete() { cni DEL a && cni STATUS; }
valid() { cni ADD a; inside=',"cni.dev/valid-attachments":[]'; }
after_gc() {
	inside=
	cni DEL a && cni STATUS
}

cni ADD first # makes the pool
cni DEL first
sweep ADD "$all" nothing after_add 140
sweep DEL "$all" added after_del 40
sweep GC "EIO ESTALE" valid after_gc 40
sweep CHECK "EIO ESTALE" added delete 25
sweep STATUS "EIO EROFS" nothing nothing 30

# The call is made and its answer lost, as with a mount that gives up or a server that restarts.
sweep ADD "lost-EIO lost-ENOENT" nothing after_add 45
sweep DEL "lost-EIO lost-ENOENT" added after_del 10

# The very first ADD makes the pool and a shard; another error at each call.
bad="" points=0 status=0
read -ra errors <<< "$all"
for ((n = 1; n < 400; n++)); do
	rm -rf "${store:?}"/* "$store"/.new* "$state"
	rail-ipam init "$store" > /dev/null
	through=(kill-at "${errors[n % 6]}" 2 "$n")
	cni ADD a
	through=()
	[ $status != 3 ] || break
	points=$((points + 1))
	is_clean || bad+=" $n:status=$status,out=$out"
	cni ADD b || bad+=" $n:next:$out"
	cni DEL a
	cni DEL b
	cni STATUS
	found=$(left)
	[ -z "$found" ] || bad+=" $n:$found"
done
is "the first ADD: after $points calls that fail the next one works" "${bad:0:600}" ""
done_testing
