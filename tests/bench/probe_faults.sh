#!/bin/bash
# lab: -n 2 -r 2 -t 900
# probe_faults.sh - what rdma-probe, perftest and the pingpong example say of one and the same fault.
#
#   tests/lab/run -n 2 -r 2 -t 900 tests/bench/probe_faults.sh
#
# Node 2 breaks rail 1 and serves; node 1 asks, and prints a row a tool. perftest and the example are told
# device and GID index, which rdma-probe finds, do few rounds, and are ended after PATIENCE seconds.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/../lab/probe_pods.sh"

PATIENCE=10

# say TOOL STATUS SECONDS WORDS
say() { printf '  %-16s %-22s %5.1f s  %s\n' "$1" "$2" "$3" "$4"; }

meaning() {
	case $1 in
	0) echo "passes" ;;
	124) echo "hangs (ended)" ;;
	*) echo "exit status $1" ;;
	esac
}

# other TOOL ARG... - the server on node 2, the client on node 1.
other() {
	local begin status=0
	round=$((round + 1))
	barrier "begin-$round" 120
	if [ "$NODE" = 2 ]; then
		in_pod timeout $((PATIENCE + 4)) "$@" > /dev/null 2>&1 || true
	else
		sleep 2
		begin=$EPOCHREALTIME
		in_pod timeout $PATIENCE "$@" 192.168.1.12 > /run/other 2>&1 || status=$?
		say "$1" "$(meaning $status)" "$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" \
			"$([ $status = 0 ] || grep -vE '^ *(-|local|remote|Data|TX|CQ|Mtu|Link|GID|Max|Number|Trans|Using|Dual|Connection|PCIe|ibv_wr|RDMA|#)|^$' /run/other | tail -n 1 | cut -c -70)"
	fi
	barrier "end-$round" 120
}

ask() {
	local begin=$EPOCHREALTIME
	[ "$NODE" = 1 ] || return 0
	probe pod diagnose "$PEER@net1" --paths 4 "$@"
	say "rdma-probe" "$(of '.paths[0] | .result + " " + (.reason // "")')" \
		"$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" "$(of '.paths[0].evidence[0] // ""' | cut -c -70)"
}

# fault NAME BREAK MEND [ARG...] - the arguments are for diagnose.
fault() {
	local name=$1 break=$2 mend=$3
	shift 3
	[ "$NODE" = 1 ] || eval "$break"
	barrier "$name" 120
	[ "$NODE" = 2 ] || { echo "$name"; ip -n pod neigh flush dev net1; }
	ask "$@"
	other ib_write_lat -F -d rxe_p1 -x 1 -n 5
	other ibv_rc_pingpong -d rxe_p1 -g 1 -n 20
	[ "$NODE" = 1 ] || eval "$mend"
	barrier "mended-$name" 120
}

round=0
build_pods
[ "$NODE" = 1 ] || serve
barrier serving

roce="match ip protocol 17 0xff match ip dport 4791 0xffff"
fault nothing : :
fault udp4791_in "block_roce net1" "pass_roce net1"
fault large_packets "drop net1 match u16 0x0400 0xfc00 at 2" "mend net1"
fault dscp_remarked "tc -n pod qdisc add dev net1 clsact; tc -n pod filter add dev net1 ingress protocol ip u32 \
	match ip dport 4791 0xffff action pedit ex munge ip tos set 0 pipe action csum iph" "mend net1" --dscp 26
fault odd_source_ports "drop net1 $roce match ip sport 1 1 match u8 0 0xe0 at 28" "mend net1" --flow-label 2
fault queue_pair_1 "drop net1 $roce match u32 1 0xffffff at 32" "mend net1"
fault arp_silent "ip -n pod link set net1 arp off" "ip -n pod link set net1 arp on"
fault small_mtu "ip -n pod link set net1 mtu 300" "ip -n pod link set net1 mtu 1500"
fault port_down "ip -n pod link set net1 down" "ip -n pod link set net1 up; sleep 2"
fault no_way_back "ip -n pod route add unreachable 192.168.1.11/32" "ip -n pod route del unreachable 192.168.1.11/32"
fault no_device "in_pod rdma link del rxe_p1" "rxe_add pod net1 rxe_p1"

# From a pod that has no RDMA device, with what the tools choose by themselves.
if [ "$NODE" = 1 ]; then
	echo "device_of_another_pod"
	begin=$EPOCHREALTIME
	probe bare diagnose 192.168.1.12
	say "rdma-probe" "$(of '.paths[0] | .result + " " + (.reason // "")')" \
		"$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" "$(of '.paths[0].evidence[0] // ""' | cut -c -70)"
	in_pod timeout 20 ib_write_lat -F -n 5 > /dev/null 2>&1 &
	sleep 2
	begin=$EPOCHREALTIME
	status=0
	ip netns exec bare timeout $PATIENCE ib_write_lat -F -n 5 192.168.1.11 > /run/other 2>&1 || status=$?
	say ib_write_lat "$(meaning $status)" "$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" ""
	wait $! || true
fi
barrier over 120
[ "$NODE" = 1 ] || kill -TERM "$SERVER"
exit 0
