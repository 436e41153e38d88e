#!/bin/bash
# hang.sh - a store that does not answer: nothing hangs, and nothing is leaked.
set -u
# shellcheck disable=SC2119 # leases without arguments
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

if ! strace -qq -o /dev/null -e inject=getpid:delay_enter=1 true 2> /dev/null; then
	skip "a store that hangs" "no strace, or it cannot delay system calls"
	done_testing
	exit
fi
ipam="\"store\":\"$store\",$range,\"deadline\":1"

# What takes how long, in tenths of a second.
timed() {
	local start=${EPOCHREALTIME/./} ended=0
	"$@" || ended=$?
	took=$(((${EPOCHREALTIME/./} - start) / 100000))
	return $ended
}

# Only what touches the store is slow. -D: the plugin is our child, not the tracer's.
hanging() { # SYSTEM-CALLS
	through=(strace -D -f -qq -o /dev/null -P "$store" -P "$store/rail0"
		-P "$store/rail0/192.168.1.0-24" -e trace="$1" -e inject="$1:delay_enter=2s")
}

settled() { # wait until children that nobody waits for are done
	local i
	for ((i = 0; i < 600; i++)); do
		pgrep -x rail-ipam > /dev/null || return 0
		sleep 0.02
	done
	return 1
}

cni ADD a
hanging renameat
timed cni ADD b
is "an ADD on a store that hangs fails with error 11" "$status $(code)" "1 11"
like "... that names the store and the time" "$(msg)" "^store $store did not answer within 1 s"
ok "... within the deadline" test "$took" -lt 20
through=()
ok "the process that hung ends when the store answers" settled
is "... and has given back what it got" "$(leases | grep -c ,b,) $(records b | wc -l)" "0 0"

hanging renameat
timed cni DEL a
is "a DEL on a store that hangs succeeds" "$status$out" 0
ok "... within the deadline" test "$took" -lt 20
is "... having written down what is to be released" "$(pending | grep -c '^a,')" 1
through=()
cni STATUS
ok "the next call is not held up by it" test "$status" = 0
settled
cni STATUS
is "... and when nothing hangs any more, nothing is left" \
	"$(leases | wc -l) $(pending | wc -l)" "0 0"

cni ADD c
hanging openat
timed cni STATUS
is "STATUS of a store that hangs says 50" "$status $(code)" "1 50"
ok "... within the deadline" test "$took" -lt 20
timed cni CHECK c
is "CHECK says 11" "$status $(code)" "1 11"
through=()
settled

# The first process hangs in its claim; another call for the same attachment waits for
# it, and not for longer than its own deadline.
hanging renameat
(cni ADD d) &
sleep 0.5
through=()
timed cni ADD d
is "two ADDs of one attachment do not claim at once" "$(code)" 11
timed cni DEL d
is "a DEL meanwhile succeeds" "$status" 0
wait
settled
cni STATUS
is "... and what the hung ADD got is free again" \
	"$(leases | grep -c ,d,) $(pending | wc -l)" "0 0"

# Whoever reads the output to its end, as runtimes do. Only the plugin opens the pipe.
mkfifo "$tmp/pipe"
hanging renameat
# shellcheck disable=SC2016
through+=(sh -c 'exec "$@" > "$0"' "$tmp/pipe")
(cni ADD g) &
timed cat "$tmp/pipe" > /dev/null
ok "the process that hangs does not hold the output open" test "$took" -lt 18
through=()
wait
settled

# rail-sriov has it keep the lock of the VF as descriptor 3.
hanging renameat
cni ADD k 3> "$tmp/lock" &
sleep 0.3
ok "it holds a lock of its caller while it works" eval 'rail_ipam=$(pgrep -o -x rail-ipam) &&
	[ -e "/proc/$rail_ipam/fd/3" ]'
wait
is "but its child that hangs does not" "$(for pid in $(pgrep -x rail-ipam); do readlink "/proc/$pid/fd/3"; done |
	grep -c "$tmp/lock")" 0
through=()
settled

# The runtime gives up waiting and kills.
hanging renameat
config > "$tmp/config"
(CNI_COMMAND=ADD CNI_CONTAINERID=e CNI_IFNAME=net1 CNI_NETNS=/run/netns/e \
	exec "${through[@]}" rail-ipam < "$tmp/config" > /dev/null 2>&1) 2> /dev/null &
sleep 0.7
kill -KILL $!
wait 2> /dev/null
through=()
settled
is "when the caller is killed, the claim that succeeds later is given back" \
	"$(leases | grep -c ,e,) $(records e | wc -l)" "0 0"

# What an operator runs. It says which store it is, and does not keep a pipe open.
cni DEL c
cni ADD m
cni ADD n
hung() { # COMMAND ARG... - the answer of rail-ipam, of which each openat() of the store takes six seconds
	strace -D -f -qq -o /dev/null -P "$store" -P "$store/rail0" -P "$store/rail0/192.168.1.0-24" -e trace=openat,open \
		-e inject=openat,open:delay_enter=6s rail-ipam "$@" --deadline 1 2> "$tmp/hung" | cat
	return "${PIPESTATUS[0]}"
}
for words in "list $store" "show $store/rail0" "stats $store" "doctor $store" "fsck $store" "release 192.168.1.3 $store/rail0" \
	"reserve 192.168.1.3 $store/rail0" "fence $(uname -n) $store/rail0" "init $store"; do
	# shellcheck disable=SC2086 # words are meant
	timed hung $words
	is "${words%% *} of a store that hangs fails and names it" \
		"$? $(grep -cE "rail-ipam: ${words%% *}: store $store(/rail0)? did not answer within 1 s" "$tmp/hung")" "1 1"
	ok "... in time" test "$took" -lt 20
done
like "... and how to look after it" "$(< "$tmp/hung")" "stat $store.*/store.json.*--deadline SECONDS"
settled
is "... having done nothing" "$(leases | cut -d, -f3 | sort | tr '\n' ' ')" "m n "

# Slow is not dead: each answer takes less than the deadline, all of them much longer. What was freed before it stops is told.
slow() { # TENTHS WHEN COMMAND... - rename() takes so long, those that WHEN tells
	strace -D -f -qq -o /dev/null -P "$store/rail0/192.168.1.0-24" -e trace=renameat \
		-e inject=renameat:delay_enter="$1"00ms:when="$2" rail-ipam "${@:3}" 2> "$tmp/hung"
}
timed slow 7 1+ fence "$(uname -n)" "$store/rail0" --deadline 1 > "$tmp/fence"
is "a store that is slow, but answers, is waited for" "$(tail -n 1 "$tmp/fence") $(leases | wc -l) $((took > 13))" "2 files freed 0 1"
cni ADD m
cni ADD n
slow 60 2 fence "$(uname -n)" "$store/rail0" --deadline 1 > "$tmp/fence"
is "when it stops answering, what was done before is told" \
	"$(grep -c "freed 192.168.1" "$tmp/fence") $(leases | wc -l) $(grep -c "did not answer" "$tmp/hung")" "1 1 1"
settled
rail-ipam fence "$(uname -n)" "$store/rail0" > /dev/null
is "... and the next try does the rest" "$(leases | wc -l)" 0

is "no file was lost" "$(files | sed 's/[=@].*//' | sort -u | wc -l) $(files | wc -l)" "13 13"
done_testing
