#!/bin/bash
# lab: -n 2 -r 2 -t 900
# probe_diagnose.sh - check-local and diagnose name each fault, and exactly that one.
#
# Node 1 asks, node 2 serves and breaks things: net1 is broken, net0 stays good.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/probe_pods.sh"

# diagnose ARG... - of both rails; few flow labels and little load, since that takes its time here.
diagnose() { probe pod diagnose "$PEER" --paths 2 --duration 30ms "$@"; }

# note_of RAIL - the first piece of evidence.
note_of() { of ".paths[] | select(.rail_src == \"$1\") | .evidence[0]"; }

# names REASON [RUNG] - net1 fails for that reason, on that rung, and net0 works.
names() {
	is "$1: net1 fails for that" "$(told net1)" "fail $1"
	is "$1: net0 works" "$(told net0)" "ok -"
	is "$1: the exit status tells" "$STATUS" 1
	[ -z "${2-}" ] || is "$1: it stops at that step" \
		"$(of '[.checks[] | select(.rail == "net1" and .status == "fail") | .name] | join(" ")')" "$2"
	ok "$1: the document is whole" whole
}

build_pods
[ "$NODE" = 1 ] || serve
barrier serving

# --- by itself

if [ "$NODE" = 1 ]; then
	probe pod check-local
	is "check-local: a good pod passes" "$STATUS $(of .verdict)" "0 ok"
	is "check-local: every check is there, for each rail" "$(of '[.checks[].id] | unique | length')" 24
	is "check-local: the NIC reaches itself" "$(of '[.checks[] | select(.id == "L24") | .status] | join(" ")')" "ok ok"
	ok "check-local: the document is whole" whole
	ok "check-local: every failure and warning says what to do" \
		jq -e 'all(.checks[] | select(.status == "fail" or .status == "warn"); .value and .want and .source and .fix)' <<< "$OUT"

	line=$(ip netns exec pod env NCCL_IB_GID_INDEX=77 "$PROBE" check-local --npd) && STATUS=0 || STATUS=$?
	is "check-local --npd: one line and the exit status" "$STATUS $(wc -l <<< "$line") ${line%% *}" "1 1 FAIL"
	ok "check-local --npd: of 80 bytes at most" [ "${#line}" -lt 80 ]
	line=$(ip netns exec pod "$PROBE" check-local --npd)
	is "check-local --npd: all is well" "$? ${line%% *}" "0 OK"
	echo '{"rails":4}' > /run/expect
	probe pod check-local --expect /run/expect
	is "check-local --expect: a rail that is missing is found" "$STATUS $(of .headline)" "1 L09 rocev2_gid: 2 rails"
	probe pod check-local --expect /run/nothing
	is "check-local: without the file it cannot tell" "$STATUS $(of .verdict)" "70 unknown"
	probe bare check-local
	is "check-local: a pod without RDMA fails" "$STATUS" 1
	probe pod check-local --exit-style nagios --rail x=nothing
	is "check-local: Nagios has another exit status" "$STATUS" 2

	ip -n pod link set net1 down
	probe pod check-local
	is "check-local: port_active names a port that is down" \
		"$(of '.checks[] | select(.id == "L06" and .rail == "net1") | .status')" fail
	ip -n pod link set net1 up
	wait_for 10 in_pod ping -qc 1 -W 1 192.168.1.12 > /dev/null
	ip -n pod addr replace "fd00:1::11/64" dev net1 nodad # went with the link
fi

# --- nothing broken

if [ "$NODE" = 1 ]; then
	diagnose
	is "good: both rails work" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
	is "good: no step fails or is unknown" "$(of '[.checks[] | select(.status != "ok" and .name != "bandwidth") | .name] | unique | join(" ")')" ""
	is "good: all steps are taken" "$(of '[.checks[] | select(.rail == "net1")] | length')" 14
	ok "good: and load tells a bandwidth" jq -e 'all(.paths[]; .gbps > 0)' <<< "$OUT"
	is "good: no datagram is lost" "$(of '[.paths[] | .lost_fwd, .lost_rev] | join(" ")')" "0 0 0 0"
	ok "good: the document is whole" whole
	diagnose --af 6
	is "good: IPv6 too" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
	is "good: no root is needed" "$(in_pod setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$PROBE" diagnose "$PEER" --paths 1 --json | jq -r .verdict)" ok
	probe pod ping "$PEER" --sizes --paths 2
	is "good: ping can do sizes and flow labels as well" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
	probe pod bw "$PEER" --duration 300ms --size 4096
	is "bw: both rails carry something" "$STATUS $(of '[.paths[] | select(.result == "ok" and .gbps > 0) | .rail_src] | join(" ")')" "0 net0 net1"
	ok "bw: the document is whole" whole
	probe pod bw "$PEER" --duration 100ms --size 4096 --min 400Gb
	is "bw: less than is wanted is a failure" "$STATUS $(told net0), $(told net1)" "1 fail -, fail -"
	like "bw: with the figures" "$(note_of net0)" "^[0-9.e-]+ of 400 Gb/s"
fi
barrier good

# --- on the way

look_forward() {
	diagnose
	names udp4791_blocked ud_probes
	is "udp4791_blocked: the way there" "$(of '.paths[] | select(.rail_src == "net1") | [.lost_fwd, .lost_rev] | join(" ")')" "10 0"
}
fault forward << 'END'
block_roce net1
pass_roce net1
END

look_reverse() {
	block_roce net1
	diagnose
	names udp4791_blocked ud_probes
	is "udp4791_blocked: the way back" "$(of '.paths[] | select(.rail_src == "net1") | [.lost_fwd, .lost_rev] | join(" ")')" "0 10"
	pass_roce net1
}
fault reverse <<< $':\n:'

look_some() { diagnose; names ud_fwd_loss ud_probes; }
fault some << 'END'
drop net1 match ip protocol 17 0xff match ip dport 4791 0xffff match u32 1 1 at 36
mend net1
END

look_some_back() {
	drop net1 match ip protocol 17 0xff match ip dport 4791 0xffff match u32 1 1 at 36
	diagnose
	names ud_rev_loss ud_probes
	mend net1
}
fault some_back <<< $':\n:'

# Only opcodes of reliable connections.
look_rc() { diagnose; names rc_retry_exceeded rc_write0; }
fault rc << 'END'
drop net1 match ip protocol 17 0xff match ip dport 4791 0xffff match u8 0 0xe0 at 28
mend net1
END

# IP packets of 1024 to 2047 bytes.
look_large() {
	diagnose
	names mtu_blackhole rc_sizes
	is "mtu_blackhole: the sizes are told" "$(note_of net1)" "writes of 512 bytes pass, of 1024 bytes not"
}
fault large << 'END'
drop net1 match u16 0x0400 0xfc00 at 2
mend net1
END

look_dscp() { diagnose --dscp 26; names dscp_remarked dscp; }
fault dscp << 'END'
tc -n pod qdisc add dev net1 clsact; tc -n pod filter add dev net1 ingress protocol ip u32 match ip dport 4791 0xffff action pedit ex munge ip tos set 0 pipe action csum iph
mend net1
END

# Connections from odd UDP source ports.
look_ecmp() {
	diagnose --flow-label 2
	names ecmp_partial paths
	like "ecmp_partial: the source ports are told" "$(note_of net1)" "1 of 2 flow labels are lost: UDP source ports 49155"
}
fault ecmp << 'END'
drop net1 match ip protocol 17 0xff match ip sport 1 1 match ip dport 4791 0xffff match u8 0 0xe0 at 28
mend net1
END

# What is for queue pair 1.
look_cm() { diagnose; names cm_unreachable rdma_cm; }
fault cm << 'END'
drop net1 match ip protocol 17 0xff match ip dport 4791 0xffff match u32 1 0xffffff at 32
mend net1
END

look_icmp() {
	diagnose
	is "icmp: a filter on ICMP alone is no failure" "$STATUS $(told net1)" "0 ok -"
	like "icmp: but it is told" "$(of '.checks[] | select(.rail == "net1" and .name == "icmp") | .status + " " + .value')" "^warn icmp_blocked"
}
fault icmp << 'END'
drop net1 match ip protocol 1 0xff
mend net1
END

look_silence() {
	ip -n pod neigh flush dev net1
	diagnose
	names neigh_failed neighbour
}
fault silence << 'END'
ip -n pod link set net1 arp off
ip -n pod link set net1 arp on
END

# A second interface in the subnet of net0, for the address of which net0 answers.
look_flux() {
	probe pod diagnose "$PEER@flux" --rail flux=net0
	is "arp_flux: another interface answers for the address" "$(told flux)" "fail arp_flux"
	is "arp_flux: the exit status tells" "$STATUS" 1
}
fault flux << 'END'
flux_begin
flux_end
END

# --- at the ends

look_small() { diagnose; names mtu_netdev_small both_ends; }
fault small << 'END'
ip -n pod link set net1 mtu 300
ip -n pod link set net1 mtu 1500
END

look_swapped() {
	ip -n pod neigh flush dev net0
	ip -n pod neigh flush dev net1
	diagnose
	is "wrong rail: the other interface answers" "$(told net0), $(told net1)" "fail arp_flux, fail arp_flux"
	ok "wrong rail: and it is suspected" jq -e '.paths[0].evidence | any(startswith("wrong rail?"))' <<< "$OUT"
}
fault swapped << 'END'
swap_rails 1 0
swap_rails 0 1
END

if [ "$NODE" = 1 ]; then
	ip -n pod route add unreachable 192.168.1.12/32
	diagnose
	names no_route route
	ip -n pod route del unreachable 192.168.1.12/32
	ip -n pod route replace 192.168.1.12/32 dev net0
	diagnose
	names wrong_egress route
	ip -n pod route del 192.168.1.12/32

	node=/dev/infiniband/$(basename "$(grep -lx rxe_p1 /sys/class/infiniband_verbs/*/ibdev | xargs dirname)")
	mv "$node" /run/node
	diagnose
	is "uverbs_missing: cannot tell" "$STATUS $(told net1)" "2 unknown uverbs_missing"
	mv /run/node "$node"
	chmod 600 "$node"
	OUT=$(in_pod setpriv --reuid=65534 --regid=65534 --clear-groups "$PROBE" diagnose "$PEER" --json) && STATUS=0 || STATUS=$?
	is "uverbs_denied: cannot tell" "$STATUS $(told net1)" "2 unknown uverbs_denied"
	chmod 666 "$node"
	OUT=$(in_pod prlimit --memlock=0 setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$PROBE" diagnose "$PEER" --json) && STATUS=0 || STATUS=$?
	is "memlock: cannot tell" "$STATUS $(told net0), $(told net1)" "2 unknown memlock, unknown memlock"

	probe pod diagnose "$PEER:1"
	is "peer_absent: cannot tell" "$STATUS $(told net0), $(told net1)" "2 unknown peer_absent, unknown peer_absent"
	ok "peer_absent: the document is whole" whole

	# The GID of net1's address is there, with net1's index, but it is another namespace's.
	in_pod rdma link del rxe_p1
	index=$(< <(in_pod cat /sys/class/net/net1/ifindex))
	pod_new twin
	ip -n twin link add net1 index "$index" type veth peer name other
	ip -n twin link set net1 up
	ip -n twin link set other up
	ip -n twin addr add 192.168.1.11/24 dev net1
	rxe_add twin net1 rxe_twin
	wait_for 5 eval "rdma link show rxe_twin/1 | grep -q ACTIVE"
	diagnose --rail net0=net0 --rail net1=net1
	names gid_foreign both_ends
	diagnose
	is "gid_foreign: also where nobody names the rail" \
		"$STATUS $(of '.paths[] | select(.rail_dst == "net1") | .reason')" "1 gid_foreign"
	ip netns exec twin rdma link del rxe_twin
	pod_del twin
	rxe_add pod net1 rxe_p1

	ip -n pod addr flush dev net1 scope global
	diagnose --rail net0=net0 --rail net1=net1
	is "gid_linklocal_only: an interface without an address" "$(told net1)" "fail gid_linklocal_only"
	ip -n pod addr add 192.168.1.11/24 dev net1
fi
barrier ends

if [ "$NODE" = 1 ]; then
	ip netns exec pod "$PROBE" diagnose "$PEER" --paths 0 -i 500ms --json > /run/dead &
	put diagnosing yes
	wait $! || true
	OUT=$(< /run/dead)
	is "peer_dead: in the middle" "$(told net0), $(told net1)" "fail peer_dead, fail peer_dead"
	ok "peer_dead: the document is whole" whole
else
	get diagnosing > /dev/null
	wait_for 5 eval "in_pod rdma resource show qp | grep -q RTS"
	sleep 0.7
	kill -KILL "$SERVER"
	wait "$SERVER" 2> /dev/null || true
fi
[ "$NODE" != 1 ] || ok "every document fits the schema" fits rdma-probe.schema.json /run/documents
done_testing
