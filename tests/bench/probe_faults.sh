#!/bin/bash
# lab: -n 2 -r 2 -t 1500
# probe_faults.sh - what rdma-probe, perftest and the pingpong example say of one and the same fault.
#
#   tests/lab/run -n 2 -r 2 -t 1500 tests/bench/probe_faults.sh [FAULT...]
#
# Rail 1 is broken, mostly by node 2, which serves; node 1 asks, and prints a row a tool. perftest and the
# example are told device and GID index, which rdma-probe finds, do few rounds, and are ended after PATIENCE
# seconds.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/../lab/probe_pods.sh"

PATIENCE=10
ONLY=("$@")

# wanted FAULT - all are, or those that were named.
wanted() { [ ${#ONLY[@]} = 0 ] || [[ " ${ONLY[*]} " == *" $1 "* ]]; }

# gid_index - of the rail's IPv4 address on DEVICE; 1, as on a new device, where there is none now.
gid_index() {
	in_pod "$PROBE" gids --json 2> /dev/null | jq -r --arg dev "$DEVICE" \
		'[.gids[] | select(.chosen and .dev == $dev and (.ip | test("^192"))) | .index][0] // 1'
}

# say TOOL STATUS SECONDS WORDS
say() { printf '  %-16s %-22s %5.1f s  %s\n' "$1" "$2" "$3" "$4"; }

meaning() {
	case $1 in
	0) echo "passes" ;;
	124) echo "hangs (ended)" ;;
	*) echo "exit status $1" ;;
	esac
}

# What tools run under on node 1, whom they ask, and where.
UNDER=() ASKED=192.168.1.12 DEVICE=rxe_p1 RAIL=net1

# other TOOL ARG... - the server on node 2, the client on node 1.
other() {
	local begin status=0
	round=$((round + 1))
	barrier "begin-$round" 120
	if [ "$NODE" = 2 ]; then
		# The client's row tells; a server that nobody reached is ended and fails.
		in_pod timeout $((PATIENCE + 4)) "$@" > /dev/null 2>&1 || true
	else
		sleep 2
		begin=$EPOCHREALTIME
		in_pod "${UNDER[@]}" timeout $PATIENCE "$@" "$ASKED" > /run/other 2>&1 || status=$?
		say "$1" "$(meaning $status)" "$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" \
			"$([ $status = 0 ] || grep -vE '^ *(-|local|remote|Data|TX|CQ|Mtu|Link|GID|Max|Number|Trans|Using|Dual|Connection|PCIe|ibv_wr|RDMA|#)|^$' /run/other | tail -n 1 | cut -c -70)"
	fi
	barrier "end-$round" 120
}

ask() {
	local begin=$EPOCHREALTIME
	[ "$NODE" = 1 ] || return 0
	# A fault that is found is a failure, and its document what is wanted.
	OUT=$(in_pod "${UNDER[@]}" "$PROBE" diagnose "$PEER@$RAIL" --paths 4 --duration 100ms --json "$@" 2> /run/asked) || true
	say "rdma-probe" "$(of '.paths[0] | .result + " " + (.reason // "")')" \
		"$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" "$(of '.paths[0].evidence[0] // ""' | cut -c -70)"
}

# fault_at NODE NAME BREAK MEND [ARG...] - that node breaks it; the arguments are for diagnose.
fault_at() {
	local where=$1 name=$2 break=$3 mend=$4
	wanted "$name" || return 0
	shift 4
	[ "$NODE" != "$where" ] || eval "$break"
	barrier "$name" 120
	[ "$NODE" = 2 ] || { echo "$name"; ip -n pod neigh flush dev net1; }
	ask "$@"
	other ib_write_lat -F -d "$DEVICE" -x "$(gid_index)" -n 5
	other ibv_rc_pingpong -d "$DEVICE" -g "$(gid_index)" -n 20
	[ "$NODE" != "$where" ] || eval "$mend"
	barrier "mended-$name" 120
}
fault() { fault_at 2 "$@"; }

# For node 1: the device's node is not in the container; nobody may lock memory; the GID is somebody else's.
hide() { node=/dev/infiniband/$(basename "$(grep -lx rxe_p1 /sys/class/infiniband_verbs/*/ibdev | xargs dirname)") && mv "$node" /run/node; }
show() { mv /run/node "$node"; }
twin_begin() {
	local index
	index=$(< <(in_pod cat /sys/class/net/net1/ifindex))
	in_pod rdma link del rxe_p1
	pod_new twin
	ip -n twin link add net1 index "$index" type veth peer name other
	ip -n twin link set net1 up
	ip -n twin link set other up
	ip -n twin addr add 192.168.1.11/24 dev net1
	rxe_add twin net1 rxe_p1 # by the name that the tools are told
	wait_for 5 eval "rdma link show rxe_p1/1 | grep -q ACTIVE"
}
twin_end() {
	ip netns exec twin rdma link del rxe_p1
	pod_del twin
	rxe_add pod net1 rxe_p1
}

# dead_peer - the server is killed while the client is at it.
dead_peer() {
	local begin status=0 index
	index=$(gid_index)
	barrier dying 120
	if [ "$NODE" = 2 ]; then
		for tool in "ib_write_lat -F -d rxe_p1 -x $index -n 1000000" "ibv_rc_pingpong -d rxe_p1 -g $index -n 1000000"; do
			# shellcheck disable=SC2086 # a command line
			in_pod timeout -s KILL 4 $tool > /dev/null 2>&1 || [ $? = 137 ]
			barrier "died-${tool%% *}" 120
		done
		wait_for 60 eval "in_pod rdma resource show qp | grep -q RTS"
		sleep 1
		kill -KILL "$SERVER"
		put killed yes
		wait "$SERVER" 2> /dev/null || [ $? = 137 ]
		barrier died 120
		serve
	else
		echo peer_killed
		for tool in "ib_write_lat -F -d rxe_p1 -x $index -n 1000000" "ibv_rc_pingpong -d rxe_p1 -g $index -n 1000000"; do
			begin=$EPOCHREALTIME status=0
			sleep 2
			# shellcheck disable=SC2086 # a command line
			in_pod timeout $((PATIENCE + 4)) $tool 192.168.1.12 > /run/other 2>&1 || status=$?
			say "${tool%% *}" "$(meaning $status)" "$(awk "BEGIN { print $EPOCHREALTIME - $begin - 4 }")" \
				"$([ $status = 0 ] || tail -n 1 /run/other | cut -c -70)"
			barrier "died-${tool%% *}" 120
		done
		in_pod "$PROBE" ping "$PEER@net1" -c 0 -i 10ms --json > /run/dead &
		get killed > /dev/null
		begin=$EPOCHREALTIME
		wait $! || true # to fail is right
		OUT=$(< /run/dead)
		say rdma-probe "$(of '.paths[0] | .result + " " + (.reason // "")')" "$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" \
			"$(of '.paths[0].evidence[0] // ""' | cut -c -70)"
		barrier died 120
	fi
	barrier revived 120
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
fault_at 1 udp4791_back "block_roce net1" "pass_roce net1"
fault_at 1 no_route "ip -n pod route add unreachable 192.168.1.12/32" "ip -n pod route del unreachable 192.168.1.12/32"
fault_at 1 wrong_egress "ip -n pod route replace 192.168.1.12/32 dev net0" "ip -n pod route del 192.168.1.12/32"
fault_at 1 uverbs_missing hide show
fault_at 1 gid_of_another twin_begin twin_end
UNDER=(prlimit --memlock=0 setpriv --reuid=65534 --regid=65534 --clear-groups)
fault_at 1 memlock : :
UNDER=()
fault swapped_rails "swap_rails 1 0" "swap_rails 0 1"
ASKED=192.168.0.32 RAIL=flux
DEVICE=$([ "$NODE" = 1 ] && echo rxe_p0 || echo rxe_flux)
fault arp_flux flux_begin flux_end --rail flux=net0
ASKED=192.168.1.12 DEVICE=rxe_p1 RAIL=net1
! wanted peer_killed || dead_peer

# From a pod that has no RDMA device, with what the tools choose by themselves.
if [ "$NODE" = 1 ] && wanted device_of_another_pod; then
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
	# Its other end: of no interest, and ended if nobody came.
	wait $! || true
fi
barrier over 120
[ "$NODE" = 1 ] || { kill -TERM "$SERVER" && wait "$SERVER"; }
barrier absent 120
if [ "$NODE" = 1 ] && wanted peer_absent; then
	echo peer_absent
	ask
	set -- "ib_write_lat -F -d rxe_p1 -x $(gid_index) -n 5" "ibv_rc_pingpong -d rxe_p1 -g $(gid_index) -n 20"
else
	set --
fi
for tool; do
	begin=$EPOCHREALTIME status=0
	# shellcheck disable=SC2086 # a command line
	in_pod timeout $PATIENCE $tool 192.168.1.12 > /run/other 2>&1 || status=$?
	say "${tool%% *}" "$(meaning $status)" "$(awk "BEGIN { print $EPOCHREALTIME - $begin }")" "$(tail -n 1 /run/other | cut -c -70)"
done
barrier done 120 # a machine that is switched off is another fault
exit 0
