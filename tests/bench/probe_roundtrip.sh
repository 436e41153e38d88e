#!/bin/bash
# lab: -i -n 1 -r 1 -t 600
# probe_roundtrip.sh - a round trip of rdma-probe ping beside that of ib_read_lat, in instructions.
#
#   tests/lab/run -i -n 1 -r 1 -t 600 tests/bench/probe_roundtrip.sh
#
# Between two pods of one node, so that one clock counts the instructions of all that takes part, kernels and
# both ends. Both tools post one operation of a reliable connection, and wait for its completion, which needs no
# program at the other end: a write of no bytes, a read of one.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/../lab/probe_pods.sh"

ROUNDS=3 COUNT=1000

build_pods
rxe_add bare net0 rxe_b0
wait_for 10 eval "ip netns exec bare rdma link show rxe_b0/1 | grep -q ACTIVE"
ip netns exec bare "$PROBE" serve --rail net0=net0 > /dev/null 2> /run/serving &
server=$!
wait_for 10 grep -q listening /run/serving

for ((i = 1; i <= ROUNDS; i++)); do
	probe pod ping 192.168.0.21@net0 -c $COUNT -i 0
	of '"ping: \(.paths[0].result) " + (.paths[0].rtt_ns | [.min, .p50, .p99] | map(tostring) | join(" "))'
	ip netns exec bare ib_read_lat -F -d rxe_b0 -x 1 -s 1 -n $COUNT > /dev/null 2>&1 &
	sleep 1
	in_pod ib_read_lat -F -d rxe_p0 -x 1 -s 1 -n $COUNT 192.168.0.21 | awk '$1 == 1 { print "read: min max typical avg", $3, $4, $5, $6 }'
	wait $!
done
kill -TERM $server
wait $server
