#!/bin/bash
# lab: -n 2 -r 2 -t 300
# probe.sh - what rdma-probe costs, side by side with perftest and the pingpong example in one run.
#
#   tests/lab/run -n 2 -r 2 -t 300 tests/bench/probe.sh
#
# Node 1 measures. Times are those of an emulator: only ratios mean anything.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/../lab/probe_pods.sh"

ROUNDS=3 COUNT=1000 # perftest calls anything under 1000 too few for percentiles

# pair NAME COMMAND... - COMMAND on node 2, then the same with node 2's rail 0 as its last argument on
# node 1, whose output goes to /run/NAME.
pair() {
	local name=$1
	shift
	barrier "$name"
	if [ "$NODE" = 2 ]; then
		in_pod "$@" > /dev/null 2>&1
	else
		sleep 2
		in_pod "$@" 192.168.0.12 > "/run/$name" 2> /dev/null
	fi
	barrier "$name-done"
}

# note TOOL US - one more round trip of a tool; best TOOL - its shortest.
note() { [ "$NODE" != 1 ] || echo "$2" >> "/run/best.$1"; }
best() { sort -g "/run/best.$1" | head -n 1; }

row() { [ "$NODE" != 1 ] || printf '%-44s %s\n' "$1" "$2"; }

# typical FILE - perftest's "t_typical" column.
typical() { awk '$1 == 2 { print $5 }' "$1"; }

build_pods
[ "$NODE" = 1 ] || serve
barrier serving

row "round trip, us" ""
for ((i = 1; i <= ROUNDS; i++)); do
	if [ "$NODE" = 1 ]; then
		probe pod ping "$PEER@net0" -c $COUNT -i 0
		row "  rdma-probe ping, 0 byte write: min p50 p99" "$(of '.paths[0].rtt_ns |
			[.min, .p50, .p99] | map(. / 1000 | floor) | join(" ")')"
		note ping "$(of '.paths[0].rtt_ns.p50 / 1000')"
	fi
	pair read$i ib_read_lat -F -d rxe_p0 -x 1 -s 2 -n $COUNT
	if [ "$NODE" = 1 ]; then
		note read "$(typical /run/read$i)"
		row "  ib_read_lat, 2 byte read: typical" "$(typical /run/read$i)"
	fi
	pair write$i ib_write_lat -F -d rxe_p0 -x 1 -s 2 -n $COUNT
	if [ "$NODE" = 1 ]; then
		note write "$(awk "BEGIN { print 2 * $(typical /run/write$i) }")"
		row "  ib_write_lat, 2 byte write, there and back" "$(tail -n 1 /run/best.write)"
	fi
	pair pingpong$i ibv_rc_pingpong -d rxe_p0 -g 1 -s 1 -n $COUNT
	if [ "$NODE" = 1 ]; then
		note pingpong "$(awk '/usec\/iter/ { print $(NF - 1) }' /run/pingpong$i)"
		row "  ibv_rc_pingpong, 1 byte send, there and back" "$(tail -n 1 /run/best.pingpong)"
	fi
done

if [ "$NODE" = 1 ]; then
	for tool in read write pingpong; do
		row "  best ping p50 over best $tool" "$(awk "BEGIN { printf \"%.2f\", $(best ping) / $(best $tool) }")"
	done
	row "verdict, ms" ""
	for ((i = 0; i < ROUNDS; i++)); do
		probe pod ping "$PEER" -c 1
		row "  both rails alive and warm" "$(of .summary.duration_ms)"
	done
fi
barrier alive
[ "$NODE" = 1 ] || block_roce net1
barrier cut
if [ "$NODE" = 1 ]; then
	for ((i = 0; i < ROUNDS; i++)); do
		probe pod ping "$PEER" -c 1
		row "  one rail filtered ($(of '.paths[1].reason'))" "$(of .summary.duration_ms)"
	done
fi
barrier seen
[ "$NODE" = 1 ] || { pass_roce net1; ip -n pod link set net1 arp off; }
barrier deaf
if [ "$NODE" = 1 ]; then
	ip -n pod neigh flush dev net1
	probe pod ping "$PEER" -c 1
	row "  one rail without ARP ($(of '.paths[1].reason'))" "$(of .summary.duration_ms)"
	probe pod ping "$PEER:1" -c 1
	row "  control port closed ($(of '.paths[1].reason'))" "$(of .summary.duration_ms)"
	probe pod ping 10.88.2.99 -c 1
	row "  no such peer ($(of '.paths[1].reason'))" "$(of .summary.duration_ms)"
fi
barrier heard
[ "$NODE" = 1 ] || ip -n pod link set net1 arp on
barrier mended

# calls ARG... - system calls of a run, all threads.
calls() { in_pod strace -fqc -o /run/calls "$PROBE" "$@" > /dev/null && awk '$NF == "total" { print $4 }' /run/calls; }
if [ "$NODE" = 1 ]; then
	row "system calls" ""
	few=$(calls ping "$PEER@net0" -c 1 -i 0) many=$(calls ping "$PEER@net0" -c 101 -i 0)
	row "  rdma-probe devices" "$(calls devices)"
	row "  rdma-probe gids" "$(calls gids)"
	row "  rdma-probe ping -c 1, one rail" "$few"
	row "  each further ping" "$(awk "BEGIN { print ($many - $few) / 100 }")"
	ip netns exec pod "$PROBE" ping "$PEER" -c 0 -i 10ms > /dev/null &
	pinger=$!
	sleep 2
	row "memory of ping, two rails: VmLck VmPin VmRSS" \
		"$(awk '/^Vm(RSS|Lck|Pin)/ { printf "%s %s  ", $2, $3 }' /proc/$pinger/status)"
	kill -INT $pinger
	wait $pinger
	row "binary, stripped, bytes" "$(strip -o /run/stripped "$PROBE" && stat -c %s /run/stripped)"
fi
barrier counted
if [ "$NODE" = 2 ]; then
	echo "memory of serve: VmLck VmPin VmRSS            $(awk '/^Vm(RSS|Lck|Pin)/ { printf "%s %s  ", $2, $3 }' "/proc/$SERVER/status")"
	kill -TERM "$SERVER"
fi
exit 0
