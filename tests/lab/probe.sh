#!/bin/bash
# lab: -n 2 -r 2 -t 900
# probe.sh - rdma-probe between pods of two nodes: good rails, broken rails, and devices of others.
#
# Node 1 asks, node 2 serves and breaks things.
# shellcheck source=/dev/null
. "$LAB/lib.sh"

# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/probe_pods.sh"

# in_time - the verdict came within two deadlines of a second: one to ask the peer, one for the rail.
in_time() { [ "$(of .summary.duration_ms)" -le 2000 ] || { echo "after $(of .summary.duration_ms) ms"; false; }; }

# only_net1 REASON - net0 works, net1 fails for that reason, and that is said in time.
only_net1() {
	probe pod ping "$PEER"
	is "$1: the rail fails" "$(told net1)" "fail $1"
	is "$1: the other rail works" "$(told net0)" "ok -"
	is "$1: the exit status tells" "$STATUS" 1
	ok "$1: in time" in_time
	ok "$1: with evidence and advice" jq -e '.paths[] | select(.rail_src == "net1") |
		(.evidence | length > 0) and .fix and .layer' <<< "$OUT"
	ok "$1: the document is whole" whole
}

# family PID - a process, and those it has made.
family() { echo "$1" && for child in $(pgrep -P "$1"); do family "$child"; done; }
holds_none_that_went() { ! family "$SERVER" | xargs -I{} find /proc/{}/fd -lname '*uverbs*deleted*' | grep -q .; }

build_pods

# --- devices and gids: what is whose

probe pod devices
is "devices: exit 0" "$STATUS" 0
ok "devices: the document is whole" whole
is "devices: both are ours" "$(of '[.devices[] | select(.owner == "mine") | .netdev] | sort | join(" ")')" "net0 net1"
is "devices: the namespace mode is known" "$(of .netns_mode)" shared

probe bare devices --all
is "devices: in a pod without RDMA none is ours" "$(of '[.devices[].owner] | unique | join(" ")')" foreign-netns
is "devices: and that is a failure" "$STATUS" 1

probe pod gids
is "gids: exit 0" "$STATUS" 0
ok "gids: the document is whole" whole
is "gids: the entry of each address is chosen" \
	"$(of '[.gids[] | select(.chosen) | .rail + " " + .ip] | sort | join(", ")')" \
	"net0 192.168.0.1$NODE, net1 192.168.1.1$NODE"
ok "gids: every other entry says why not" \
	jq -e 'all(.gids[] | select(.chosen | not); .why_not | length > 0)' <<< "$OUT"

probe bare gids --all
is "gids: a pod without RDMA sees only foreign entries" "$(of '[.gids[].owner] | unique | join(" ")')" foreign-netns
is "gids: and chooses none" "$(of '[.gids[] | select(.chosen)] | length')" 0
is "gids: and says that it fails" "$STATUS" 1

# A namespace with the same address on the same interface index: nothing but the owner differs.
index=$(< <(in_pod cat /sys/class/net/net0/ifindex))
pod_new twin
ip -n twin link add net0 index "$index" type veth peer name other
ip -n twin link set net0 up
ip -n twin link set other up
ip -n twin addr add "192.168.0.1$NODE/24" dev net0
probe twin gids --all --rail x=net0
is "gids: the GID of a twin in another namespace is not used" "$(of '.rails[0] | .status + " " + .reason')" "fail gid_foreign"
pod_del twin

# A container that was not given the device's node: libibverbs does not list the device then.
node=/dev/infiniband/$(basename "$(grep -lx rxe_p1 /sys/class/infiniband_verbs/*/ibdev | xargs dirname)")
mv "$node" /run/node
probe pod gids
is "gids: a rail whose device node is missing does not disappear" \
	"$(of '.rails[] | select(.rail == "net1") | .status + " " + .reason') $STATUS" "unknown uverbs_missing 2"
probe pod devices
is "devices: nor does the device" "$(of '.devices[] | select(.netdev == "net1") | .access')" missing
mv /run/node "$node"

# As anybody, too.
is "gids: no root is needed" "$(in_pod setpriv --reuid=65534 --regid=65534 --clear-groups "$PROBE" gids --json |
	jq -r .verdict)" ok
barrier looked

# --- ping: nobody there, then all well

if [ "$NODE" = 1 ]; then
	probe pod ping "$PEER"
	is "peer_absent: exit 2" "$STATUS" 2
	is "peer_absent: every rail says so" "$(of '[.paths[] | .result + " " + .reason] | unique | join(",")')" "unknown peer_absent"
	ok "peer_absent: the document is whole" whole
fi
barrier asked
if [ "$NODE" = 2 ]; then
	serve --cm
	# shellcheck disable=SC2046 # words
	is "serve --cm: who listens by rdma_cm has given up the same privileges" \
		"$(sed -n '/^\(Cap\|NoNewPrivs\|Seccomp:\)/p' $(family "$SERVER" | sed 's,.*,/proc/&/status,') | sort | uniq -c | awk '{ print $1 }' | uniq)" 3
fi
barrier serving

if [ "$NODE" = 1 ]; then
	probe pod ping "$PEER" -c 20
	is "ping: both rails work" "$(told net0), $(told net1)" "ok -, ok -"
	is "ping: exit 0" "$STATUS" 0
	is "ping: nothing is lost" "$(of '[.paths[] | .sent, .ok, .lost] | join(" ")')" "20 20 0 20 20 0"
	ok "ping: round trips are ordered" jq -e 'all(.paths[].rtt_ns;
		0 < .min and .min <= .p50 and .p50 <= .p99 and .p99 <= .max)' <<< "$OUT"
	ok "ping: the document is whole" whole

	probe pod ping "$PEER@net1" -c 1
	is "ping: one rail alone" "$(of '[.paths[].rail_src] | join(" ")') $STATUS" "net1 0"
	probe pod ping "$PEER@nothing"
	is "ping: a rail that does not exist is no success" "$STATUS" 2
	is "ping: no root is needed" "$(in_pod setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$PROBE" ping "$PEER" --json | jq -r .verdict)" ok
	probe pod ping "$PEER" --af 6
	is "ping: IPv6" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"

	probe pod ping "$PEER" --ud -c 20
	is "ping --ud: both rails answer datagrams" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
	is "ping --ud: nothing is lost on either way" "$(of '[.paths[] | .op, .sent, .ok, .lost_fwd, .lost_rev] | join(" ")')" \
		"ud_send 20 20 0 0 ud_send 20 20 0 0"
	ok "ping --ud: round trips are ordered" jq -e 'all(.paths[].rtt_ns;
		0 < .min and .min <= .p50 and .p50 <= .p99 and .p99 <= .max)' <<< "$OUT"
	ok "ping --ud: the document is whole" whole

	printf '192.168.%d.12 rails\n' 0 1 >> /etc/hosts
	probe pod ping rails --cm -c 5 -d 3s
	is "ping --cm: both rails, and no TCP" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
	is "ping --cm: every datagram is answered" "$(of '[.paths[] | .op, .sent, .ok] | join(" ")')" "cm_ud_send 5 5 cm_ud_send 5 5"
	ok "ping --cm: the document is whole" whole
	probe pod ping 192.168.1.12 --cm -c 1
	is "ping --cm: the rail that leads there" "$STATUS $(of '[.paths[].rail_src] | join(" ")')" "0 net1"
	probe pod ping 192.168.1.12:1 --cm
	is "ping --cm: where nobody serves it, the peer's kernel says so" "$STATUS $(told net1)" "1 fail cm_rejected"
	probe pod ping 192.0.2.1 --cm
	is "ping --cm: no rail leads there" "$STATUS $(of .verdict)" "2 unknown"

	# A pod without RDMA beside one that has it: perftest takes the first device it is shown,
	# which is the other pod's, on both sides. Both ends meet inside one NIC, and it passes.
	in_pod timeout 20 ib_write_lat -F -n 5 > /run/perftest 2>&1 &
	sleep 1
	if ip netns exec bare timeout 20 ib_write_lat -F -n 5 192.168.1.11 > /run/perftest.bare 2>&1; then
		echo "# perftest passed from a pod that has no RDMA device"
	fi
	wait $! || true # its other end, which is ended if nobody came
	probe bare ping 192.168.0.12
	is "ping: never with a device of another pod" "$STATUS $(of '[.paths[].ok] | add')" "1 0"
	is "ping: and it says what is missing" "$(of '[.paths[].reason] | unique | join(" ")')" no_device

	# Aborted: what is known so far, and not more.
	ip netns exec pod "$PROBE" ping "$PEER" -c 1000 -i 100ms --json > /run/aborted &
	sleep 1
	kill -TERM $!
	STATUS=0
	wait $! || STATUS=$?
	OUT=$(< /run/aborted)
	is "SIGTERM: exit 2" "$STATUS" 2
	ok "SIGTERM: the document is whole" whole
	ok "SIGTERM: it tells what was seen" jq -e 'all(.paths[]; .ok > 0 and .result == "unknown")' <<< "$OUT"
fi
barrier pinged

# --- one rail broken at a time

look_filter() {
	only_net1 rc_retry_exceeded
	probe pod ping "$PEER" --ud -d 2s
	is "ping --ud: the way of a loss is told" "$STATUS $(told net0), $(told net1) $(of '.paths[1] | .sent == .lost_fwd')" \
		"1 ok -, fail udp4791_blocked true"
	ok "ping --ud: in time" in_time
	probe pod ping rails --cm -d 2s
	is "ping --cm: a rail that is filtered" "$STATUS $(told net0), $(told net1)" "1 ok -, fail cm_unreachable"
	ok "ping --cm: in time" in_time
}
fault filter << 'END'
block_roce net1
pass_roce net1
END

look_silence() {
	ip -n pod neigh flush dev net1
	only_net1 neigh_failed
}
fault silence << 'END'
ip -n pod link set net1 arp off
ip -n pod link set net1 arp on
END

look_down() { only_net1 port_down; }
fault down << 'END'
ip -n pod link set net1 down; wait_for 5 in_pod rdma link show rxe_p1/1 | grep -q DOWN
ip -n pod link set net1 up; sleep 2
END

look_device() { only_net1 no_rocev2_gid; }
fault device << 'END'
in_pod rdma link del rxe_p1
rxe_add pod net1 rxe_p1
END

# librdmacm lets go of no device, so somebody else has to listen by it then.
if [ "$NODE" = 2 ]; then
	ok "serve --cm: a device that was taken away is held no longer" wait_for 10 holds_none_that_went
else
	# shellcheck disable=SC2016 # eval expands it
	ok "serve --cm: on the one that came in its place it is served" \
		wait_for 20 eval 'probe pod ping rails --cm -d 2s; [ $STATUS = 0 ]'
fi
barrier listening-anew

# Whoever kills them: who listens, and who keeps it.
if [ "$NODE" = 2 ]; then
	listens_again() { [ "$(grep -c "listening again" /run/serving)" = "$1" ]; }
	found() { listener=$(pgrep -P "$keeper"); }
	sleep 3 # by then who listens has looked which devices there are, and been replaced
	before=$(grep -c "listening again" /run/serving) || true # "0" fails, too
	keeper=$(pgrep -P "$SERVER")
	wait_for 10 found
	kill -KILL "$listener"
	ok "serve --cm: who listens was killed, and it is said" wait_for 10 grep -q "signal 9 ended the process that listened; trying again" /run/serving
	ok "serve --cm: another one listens" wait_for 10 listens_again $((before + 1))
	kill -KILL "$keeper"
	ok "serve --cm: who keeps it was killed, and another one begins" wait_for 10 listens_again $((before + 2))
	is "serve --cm: none is left over" "$(family "$SERVER" | wc -l)" 3
fi
barrier killed
if [ "$NODE" = 1 ]; then
	probe pod ping rails --cm -d 2s
	is "serve --cm: and it serves" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
fi
barrier served-anew

look_back() { only_net1 no_route; }
fault back << 'END'
ip -n pod route add unreachable 192.168.1.11/32
ip -n pod route del unreachable 192.168.1.11/32
END

look_egress() {
	ip -n pod route replace 192.168.1.12/32 dev net0
	only_net1 wrong_egress
	ip -n pod route del 192.168.1.12/32
}
fault egress <<< $':\n:'

# --- the peer dies in the middle, and strangers come

if [ "$NODE" = 1 ]; then
	ip netns exec pod "$PROBE" ping "$PEER" -c 0 -i 20ms --json > /run/dead &
	put pinging yes
	STATUS=0
	wait $! || STATUS=$?
	OUT=$(< /run/dead)
	is "peer_dead: exit 1" "$STATUS" 1
	is "peer_dead: on both rails" "$(told net0), $(told net1)" "fail peer_dead, fail peer_dead"
	ok "peer_dead: the document is whole" whole
else
	get pinging > /dev/null
	sleep 1
	kill -KILL "$SERVER"
	wait "$SERVER" 2> /dev/null || [ $? = 137 ]
	serve
fi
barrier revived

if [ "$NODE" = 1 ]; then
	# Half lines, nonsense, floods, and connections that say nothing.
	in_pod timeout 20 bash -c "
		for i in {1..300}; do exec {fd}<> /dev/tcp/$PEER/14791 || break; done
		printf 'GET / HTTP/1.1\r\n\r\n' > /dev/tcp/$PEER/14791
		head -c 100000 /dev/zero > /dev/tcp/$PEER/14791
		printf '{\"op\":\"open_rc\",\"id\":0' > /dev/tcp/$PEER/14791
	" 2> /dev/null || true # to be turned away half way is right
	probe pod ping "$PEER"
	is "serve: strangers do it no harm" "$STATUS $(told net0), $(told net1)" "0 ok -, ok -"
fi
barrier strangers

if [ "$NODE" = 1 ]; then
	ip netns exec pod "$PROBE" serve --listen /run/own.sock > /dev/null 2>&1 &
	own=$!
	wait_for 10 test -S /run/own.sock
	probe pod ping /run/own.sock
	is "a server at a UNIX socket is asked there" "$(of '.paths[] | .peer + " is " + .dst' | sort -u)" "/run/own.sock is node1"
	is "... and a path that loops inside the pod is no pass" "$STATUS $(told net0)" "1 fail wrong_egress"
	kill -TERM $own
	wait $own
fi

if [ "$NODE" = 2 ]; then
	kill -TERM "$SERVER"
	STATUS=0
	wait "$SERVER" || STATUS=$?
	OUT=$(< /run/served)
	is "serve: SIGTERM ends it well" "$STATUS" 0
	ok "serve: its document is whole" whole
	ok "serve: it counted" jq -e '.summary.ok >= 2 and .summary.peers > 300' <<< "$OUT"
	ok "serve: nor is a process" wait_for 5 eval "! pgrep -x rdma-probe"
	is "serve: nothing of it is left" "$(in_pod rdma resource show qp | grep -c rdma-probe)" 0
fi
[ "$NODE" != 1 ] || ok "every document fits the schema" fits rdma-probe.schema.json /run/documents
done_testing
