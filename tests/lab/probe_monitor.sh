#!/bin/bash
# lab: -n 2 -r 2 -t 900
# probe_monitor.sh - monitor sees what breaks and what is mended, and survives all of it.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/probe_pods.sh"

# scrape PATH - what the monitor of this node answers.
scrape() {
	in_pod timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/9479; printf 'GET $1 HTTP/1.1\r\n\r\n' >&3; cat <&3"
}

# shows REGEX - a line of /metrics is like that.
shows() { scrape /metrics | grep -qE "$1"; }

all_up() { [ "$(scrape /metrics | grep -cE '^rdma_probe_peers\{rail="net[01]",state="up"\} 1')" = 2 ]; }

monitor() {
	ip netns exec pod "$PROBE" monitor --peers /run/peers --rate 5 --far-rate 4 --window 1s --audit 5s --deadline 3s --jsonl "$@" >> /run/events 2> /run/monitoring &
	MONITOR=$!
}

# descriptors - of the monitor, by kind.
descriptors() { find /proc/$MONITOR/fd -type l -printf '%l\n' | sed 's/[0-9]*\]$//' | sort | uniq -c; }

# told_of EVENT RAIL REASON - it was told on standard output.
told_of() {
	jq -se "any(.[]; .event == \"$1\" and .rail == \"$2\" and (.reason // \"\") == \"$3\")" /run/events
}

build_pods
printf '10.88.%d.2\n' 1 2 > /run/peers
barrier listed
monitor
ok "all paths come up" wait_for 50 all_up
barrier up

if [ "$NODE" = 1 ]; then
	like "healthz: all is well" "$(scrape /healthz)" '^HTTP/1.1 200'
	like "a path that does not exist is none" "$(scrape /etc/passwd)" '^HTTP/1.1 404'
	ok "metrics: round trips are counted" shows '^rdma_probe_rtt_seconds_count\{rail="net0",scope="link"\} [1-9]'
	ok "metrics: the GIDs are told" shows '^rdma_probe_gid_info\{rail="net1",dev="rxe_p1",port="1",gid_index="[0-9]+",gid="::ffff:192.168.1.11",netdev="net1"\} 1'
	ok "metrics: and the local checks" shows '^rdma_probe_check_status\{id="L24",rail="net0"\} 0'
	ok "metrics: nothing is told of single peers while all is well" eval '! shows "^rdma_probe_(up|last)[^ ]*peer="'
	ok "metrics: every line is one of Prometheus's" eval \
		'! scrape /metrics | sed "1,/^.$/d" | grep -vE "^(# (HELP|TYPE) |rdma_probe_[a-z_]+(\{[^}]*\})? [0-9.e+-]+$)"'
	ok "a reliable connection is audited" wait_for 20 shows '^rdma_probe_audits_total [1-9]'
	ok "... on several paths" wait_for 20 shows '^rdma_probe_paths_covered\{rail="net0",peer="node2"\} [1-9]'
	files=$(find /proc/$MONITOR/fd | wc -l)
	descriptors > /run/before
fi
barrier measured

# --- the network breaks

[ "$NODE" = 1 ] || block_roce net1
barrier blocked
if [ "$NODE" = 1 ]; then
	ok "a path that falls silent is down, with its reason" \
		wait_for 50 shows '^rdma_probe_up\{rail="net1",peer="node2",reason="udp4791_blocked"\} 0'
	ok "it is told, too" told_of why net1 udp4791_blocked
	ok "the other rail is up" shows '^rdma_probe_peers\{rail="net0",state="up"\} 1'
fi
barrier noticed
[ "$NODE" = 1 ] || pass_roce net1
ok "it comes up again" wait_for 30 all_up
barrier healed

# --- the peer restarts

if [ "$NODE" = 2 ]; then
	kill -KILL "$MONITOR"
	wait "$MONITOR" 2> /dev/null || true
else
	ok "a peer that died is absent" wait_for 30 shows '^rdma_probe_up\{rail="net0",peer="node2",reason="peer_absent"\} 0'
fi
barrier died
if [ "$NODE" = 2 ]; then # with a rail that is there only later
	ip -n pod link set net1 down
	monitor
	sleep 3
	ip -n pod link set net1 up
fi
ok "it is met again" wait_for 40 all_up
barrier restarted

# --- our own rails come and go

if [ "$NODE" = 1 ]; then
	ip -n pod link set net1 down
	ok "a port that goes down is a rail lost" wait_for 20 told_of rail_lost net1 port_down
	ip -n pod link set net1 up
	ok "and comes back" wait_for 40 all_up

	ip -n pod addr del 192.168.1.11/24 dev net1
	ip -n pod addr add 192.168.99.1/32 dev net1 # takes its place in the table
	ip -n pod addr add 192.168.1.11/24 dev net1
	ip -n pod addr del 192.168.99.1/32 dev net1
	sleep 6
	ok "a GID that changed its index is found" wait_for 40 all_up

	ok "a device can be taken away" in_pod timeout 20 rdma link del rxe_p1
	ok "a device that goes is a rail lost" wait_for 20 eval "shows '^rdma_probe_rail_usable\{rail=\"net1\"\} 0'"
	rxe_add pod net1 rxe_p1
	ok "and is used when it is back" wait_for 40 all_up
	ok "no descriptor is left behind" wait_for 20 eval "[ \$(find /proc/$MONITOR/fd | wc -l) -le $((files + 2)) ]"
	descriptors | diff /run/before - | sed 's/^/# descriptors: /' || true
fi
barrier flapped 150
ok "in the end all paths are up on both sides" wait_for 40 all_up
barrier calm

# --- a third one, whom the others ask when a path fails: in the bare pod of node 1, with devices of its own

up_to_two() { [ "$(scrape /metrics | grep -cE '^rdma_probe_peers\{rail="net[01]",state="up"\} 2')" = 2 ]; }

# others_say REGEX - that was told after others were asked about net1.
others_say() { jq -se "any(.[]; .event == \"others\" and .rail == \"net1\" and (.evidence[0] | test(\"$1\")))" /run/events; }

kill -TERM "$MONITOR"
wait "$MONITOR" || true # its verdict on the paths is for the last section
echo 10.77.0.2 >> /run/peers
if [ "$NODE" = 1 ]; then
	ip link add veth-bare type veth peer name eth0 netns bare
	ip addr add 10.77.0.1/24 dev veth-bare
	ip link set veth-bare up
	ip -n bare addr add 10.77.0.2/24 dev eth0
	ip -n bare link set eth0 up
	ip -n bare route add default via 10.77.0.1
	rxe_add bare net0 rxe_b0
	rxe_add bare net1 rxe_b1
	ip netns exec bare "$PROBE" monitor --peers /run/peers --rate 5 --window 1s --deadline 3s > /run/third 2>&1 &
	THIRD=$!
else
	ip route add 10.77.0.0/24 via 10.99.0.1
fi
barrier three
monitor
ok "all paths to two others come up" wait_for 50 up_to_two
barrier three-up
[ "$NODE" = 1 ] || block_roce net1
barrier end-lost
if [ "$NODE" = 1 ]; then
	ok "who loses a peer asks others: nobody reaches it" wait_for 50 others_say "^1 of 1 others do not reach node2 on net1 either: suspect that end"
else
	ok "who is lost asks others: nobody reaches us" wait_for 50 others_say "^1 of 1 others are cut off from us on net1, too: suspect this end"
fi
barrier end-asked
[ "$NODE" = 1 ] || pass_roce net1
ok "all is up again" wait_for 50 up_to_two
barrier end-mended
[ "$NODE" = 1 ] || drop net1 match ip src 192.168.1.11/32 match ip protocol 17 0xff match ip dport 4791 0xffff
barrier path-lost
[ "$NODE" = 2 ] || ok "a path that others have is suspected itself" wait_for 50 others_say "^1 of 1 others reach node2 on net1: suspect the path from here"
barrier path-asked
if [ "$NODE" = 2 ]; then
	mend net1
else
	kill -TERM "$THIRD"
	wait "$THIRD" || true # its verdict on paths that are broken here
fi
sed -i '$d' /run/peers

# --- a peer behind a router: subnets of their own on net1, each pod's address on the link being the way to the other one

kill -TERM "$MONITOR"
wait "$MONITOR" || true # its verdict on the paths is for the last section
ip -n pod addr add "172.16.$NODE.1/24" dev net1
ip -n pod route add "172.16.$OTHER.0/24" via "192.168.1.1$OTHER" dev net1 src "172.16.$NODE.1"
barrier routed
monitor --rail net0=net0 --rail "net1=172.16.$NODE.1"
ok "a peer behind a router is up, too" wait_for 40 all_up
ok "metrics: it is one of the sample" shows '^rdma_probe_peers_probed\{rail="net1",scope="routed"\} 1'
ok "metrics: the other rail has none" shows '^rdma_probe_peers_probed\{rail="net0",scope="routed"\} 0'
ok "metrics: its round trips are told apart" wait_for 5 shows '^rdma_probe_rtt_seconds_count\{rail="net1",scope="routed"\} [1-9]'
barrier far
[ "$NODE" = 1 ] || block_roce net1
barrier far-blocked
[ "$NODE" = 2 ] || ok "and its failure is found" wait_for 30 shows '^rdma_probe_peers\{rail="net1",state="down"\} 1'
barrier far-lost
[ "$NODE" = 1 ] || pass_roce net1
ok "and that it is mended" wait_for 30 all_up
barrier far-mended

# --- the end

kill -TERM "$MONITOR"
STATUS=0
wait "$MONITOR" || STATUS=$?
is "SIGTERM ends it, and it says how things were" "$STATUS $(tail -n 5 /run/events | jq -r 'select(.kind == "end") | .kind + " " + .item.headline' | cut -c -22)" \
	"0 end 2 of 2 paths work,"
grep '"schema":"rdma-probe/event/v1"' /run/events > /run/happened
ok "every event fits its schema" fits rdma-probe-event.schema.json /run/happened
is "every line is an object" "$(grep -vc '^{.*}$' /run/events)" 0
done_testing
