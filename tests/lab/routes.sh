#!/bin/bash
# lab: -n 3 -r 2 -t 300
# routes.sh - routes between nodes: traffic between ordinary addresses goes over both rails of three nodes, over
# one when the other is cut, the ordinary way without any, and over both again.
#
# The nodes share their lines in a store on a directory that all of them see. Node 1 tells the story; nodes 2 and
# 3 run sync --watch, and answer.
. "$LAB/lib.sh"
. "$LAB/cni.sh"

sriov=$BIN/rail-sriov
store=$SHARE/routes
me=(--store "$store" --rails "rail0,rail1" --address mgmt)

for r in 0 1; do ip addr add 192.168.$r.$NODE/24 dev rail$r; done
sysctl -qw net.ipv4.fib_multipath_hash_policy=1
# so that nobody has to wait for neighbours to be asked again
for r in 0 1; do
	sysctl -qw net.ipv4.neigh.rail$r.{base_reachable_time_ms=2000,retrans_time_ms=300,delay_first_probe_time=1}
done
[ "$NODE" != 1 ] || mkdir "$store"
barrier addresses

# watch OPTION... - sync --watch, in the background: $watcher.
watch() {
	"$sriov" routes sync --watch "$@" > "/run/watch" 2>&1 &
	watcher=$!
}

if [ "$NODE" != 1 ]; then
	watch "${me[@]}" --every 1
	barrier watching
	barrier told 280
	put "watch.$NODE" "$(< /run/watch)"
	kill -TERM "$watcher"
	wait "$watcher"
	exit
fi

# rails PEER - the rails of the route to a peer; "mgmt" when there is none.
rails() {
	ip -j route show "10.99.0.$1" proto 211 |
		jq -r 'if length == 0 then "mgmt" else .[0] | [(.nexthops // [.])[].dev] | sort | join(" ") end'
}
goes() { [ "$(rails "$1")" = "$2" ]; }
# known - the addresses of the others on the rails are. While one is asked for, the kernel sends what it can by
# the other rail (nexthop_select_path_hthr() in net/ipv4/nexthop.c).
known() {
	local r
	for r in 0 1; do
		ping -q -c 1 -W 1 192.168.$r.2 && ping -q -c 1 -W 1 192.168.$r.3 || return
	done > /dev/null
}
# spread PEER - forty flows to a peer: which interfaces carry at least five each, once all of them have left.
sent() { ip -j -s link show | jq -c '[.[] | select(.ifname | test("rail|mgmt")) | {(.ifname): .stats64.tx.packets}] | add'; }
since() { jq -nc --argjson was "$1" --argjson now "$(sent)" '$now | with_entries(.value -= $was[.key])'; }
spread() {
	local was port
	was=$(sent)
	for port in {2001..2040}; do echo > "/dev/udp/10.99.0.$1/$port"; done 2> /dev/null
	wait_for 5 eval 'since "$was" | jq -e "add >= 40"' > /dev/null
	since "$was" | jq -r 'with_entries(select(.value >= 5)) | keys | join(" ")'
}
# answers_by PEER WAY - it answers, and its answers come by the rails; or by mgmt.
answers_by() {
	local was way=rails
	was=$(< /sys/class/net/mgmt/statistics/rx_packets)
	ping -q -c 5 -i 0.2 -W 2 -I 10.99.0.1 "10.99.0.$1" > /dev/null || return
	[ $(($(< /sys/class/net/mgmt/statistics/rx_packets) - was)) -lt 5 ] || way=mgmt
	[ "$way" = "$2" ]
}
others() { { ip nexthop; ip route show table all; } | grep -v -e 'proto 211' -e '^	' -e 'dev rail'; }
state() { "$sriov" routes show --store "$store" --json | jq -r "[.[] | select(.address == \"10.99.0.$1\") | .state, .rails[].state] | join(\" \")"; }
# asks COMMAND... - the netlink requests it makes: how many, and how many of them change something.
asks() {
	strace -f -qq -e trace=sendto -o /run/trace "$@" > /dev/null
	echo "$(grep -c nlmsg_type=RTM_ /run/trace) $(grep -c 'nlmsg_type=RTM_\(NEW\|DEL\)' /run/trace)"
}
# pings - of node 2, five in a second; unanswered - ends them, and tells how many had no answer.
pings() {
	ping -q -i 0.2 -W 1 -I 10.99.0.1 10.99.0.2 > /run/ping &
	pinging=$!
}
unanswered() {
	kill -INT "$pinging"
	wait "$pinging"
	awk '/transmitted/ { print $1 - $4 }' /run/ping
}

ip nexthop add id 3540000000 via 10.99.0.77 dev mgmt # another one's, with an id of our range
ip route add 10.50.0.0/16 nhid 3540000000
others > /run/others
barrier watching

ok "sync publishes this node, and makes routes to those it finds" \
	wait_for 30 eval '"$sriov" routes sync "${me[@]}"; goes 2 "rail0 rail1" && goes 3 "rail0 rail1"'
like "a second one asks for no change" "$(asks "$sriov" routes sync "${me[@]}")" "^[1-9][0-9]* 0$"
ok "the others see this node, too: their answers come by the rails" wait_for 15 eval 'answers_by 2 rails && answers_by 3 rails'
wait_for 10 known
is "traffic between ordinary addresses goes over both rails" "$(spread 2), $(spread 3)" "rail0 rail1, rail0 rail1"
is "show says so" "$(state 2)" "programmed up up"

watch "${me[@]}" --every 1
wait_for 10 grep -q "rail 2, rail1, is up" /run/watch
pings
ip link set rail1 down
ok "a rail that is cut loses its next hops" wait_for 10 goes 2 rail0
is "traffic continues on the other" "$(spread 2), $(spread 3)" "rail0, rail0"
ok "the others are told" wait_for 10 grep -q down: "$store/node1.peer"
ok "... and their answers come by the other, too" wait_for 10 eval 'answers_by 2 rails && answers_by 3 rails'
lost=$(unanswered)
echo "# $lost pings, of five in a second, had no answer"
ok "... and were never gone for five seconds" test "$lost" -lt 25
is "show tells which rail it is" "$(state 3)" "programmed up down"
kill -KILL "$watcher"
wait "$watcher" 2> /dev/null
ip link set rail0 down
ok "killed meanwhile, nothing is lost: the kernel takes what is dead" wait_for 10 goes 2 mgmt
watch "${me[@]}" --every 1
ok "without any rail, traffic takes the ordinary way, there and back" wait_for 30 answers_by 2 mgmt
is "and show says so" "$(state 2)" "fallback down down"
ip link set rail0 up
ip link set rail1 up
ok "the rails are back, and so are the next hops" wait_for 30 eval 'goes 2 "rail0 rail1" && goes 3 "rail0 rail1"'
ok "with the others, too" wait_for 30 eval '! grep -q down: "$store/node1.peer" && known && [ "$(spread 2), $(spread 3)" = "rail0 rail1, rail0 rail1" ] &&
	answers_by 2 rails && answers_by 3 rails'
kill -TERM "$watcher"
wait "$watcher"
ok "withdraw takes this node out" "$sriov" routes withdraw --store "$store"
ok "--clear removes all that is ours" eval '"$sriov" routes sync --clear && [ -z "$(ip nexthop show protocol 211; ip route show table all proto 211)" ]'
is "and what others made is as it was" "$(others)" "$(< /run/others)"
ok "the others reach this node the ordinary way" wait_for 10 answers_by 2 mgmt
barrier told
like "they have told what happened" "$(get watch.2)" "remove route 10.99.0.1"
done_testing
