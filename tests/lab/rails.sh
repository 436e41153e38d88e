#!/bin/bash
# lab: -n 2 -r 4 -t 900
# rails.sh - four rails a pod, by four execs of rail-sriov: which rail carries what, seen in the counters of
# the VFs. Node 1 has the pod; node 2 is the rest of the world, on every rail.
. "$LAB/lib.sh"
. "$LAB/cni.sh"

# The world: per rail R the gateway 192.168.R.1 and fd00:R::1; and 10.9.9.9, which the pod knows of no route to
# but by its gateways.
if [ "$NODE" = 2 ]; then
	for r in 0 1 2 3; do
		ip addr add 192.168.$r.1/24 dev rail$r
		ip addr add fd00:$r::1/64 dev rail$r nodad
	done
	ip addr add 10.9.9.9/32 dev lo
	ip addr add fd09::9/128 dev lo nodad
	sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.{rail0,rail1,rail2,rail3}.rp_filter=0
	for dst in {1..32}; do ip addr add 10.50.0.$dst/32 dev lo; done
	barrier ready
	for ((n = 1; n < 200; n++)); do
		order=$(get "order.$n" 200) || exit
		[ "$order" != end ] || exit 0
		eval "$order" > /run/done 2>&1
		put "done.$n" "$? $(< /run/done)"
	done
	exit 1
fi

# world COMMAND - run it on node 2; its exit status and output.
n=0
world() {
	local answer
	put "order.$((n += 1))" "$1"
	answer=$(get "done.$n")
	echo "${answer#* }"
	return "${answer%% *}"
}

VF=()
for r in 0 1 2 3; do
	mapfile -t made < <(make_vfs $r 3)
	VF[r]=${made[0]} OTHER[r]=${made[1]}
done
store_new
before=$(all_vfs)
pod_new a
pod_new b
barrier ready

BASE='{cniVersion: "1.0.0", type: "rail-sriov", rail: {sourceRouting: true}}'
# rail R [FILTER] - the configuration of rail R: two addresses, by Debian's static.
rail() {
	conf ".name = \"rail$1\" | .deviceID = \"${VF[$1]}\" | .ipam = {type: \"static\", addresses: [
		{address: \"192.168.$1.5/24\", gateway: \"192.168.$1.1\"},
		{address: \"fd00:$1::5/64\", gateway: \"fd00:$1::1\"}]} |
		.routes = [{dst: \"10.50.0.0/16\", gw: \"192.168.$1.1\", multipath: {weight: 1}}] | ${2:-.}"
}
add() { cni ADD "$(rail "$1" "${2:-.}")" c1 /run/netns/a "net$1"; }
del() { cni DEL "$(rail "$1")" c1 /run/netns/a "net$1"; }
in_pod() { ip netns exec a "$@"; }
# all_sent - how many packets each VF has sent.
all_sent() { in_pod ip -j -s -d link | jq -c '[.[] | select(.parentdev) | {(.ifname): .stats64.tx.packets}] | add'; }
# grew R MANY COMMAND... - the VF of rail R sends at least MANY packets meanwhile, and no other one as many.
grew() {
	local rail=$1 many=$2 was now
	shift 2
	was=$(all_sent)
	"$@" || return
	now=$(all_sent)
	jq -en --argjson was "$was" --argjson now "$now" --arg me "net$rail" --argjson many "$many" '
		$now | with_entries(.value -= $was[.key]) | (.[$me] >= $many) and (del(.[$me]) | all(.[]; . < $many))' ||
		{ echo "$was $now"; return 1; }
}
hops() { in_pod ip -j route show 10.50.0.0/16 | jq -r '.[0] | [(.nexthops // [.])[].dev] | sort | join(" ")'; }
pod_is_clean() {
	[ "$(in_pod ip rule | wc -l) $(in_pod ip -6 rule | wc -l)" = "3 2" ] &&
		[ -z "$(in_pod ip route show table all | grep -v "dev lo")$(in_pod ip link | grep net)" ]
}

for r in 0 1 2 3; do ok "ADD of rail $r succeeds" add $r; done
is "the pod has one VF of every rail" "$(in_pod ip -j -d link | jq -r '[.[].parentdev | select(.)] | join(" ")')" "${VF[*]}"
is "each with a table of its own, for IPv4" "$(in_pod ip -j rule | jq -r '[.[] | select(.priority == 1000) | "\(.src) \(.table)"] | sort | join(", ")')" \
	"192.168.0.5 100, 192.168.1.5 101, 192.168.2.5 102, 192.168.3.5 103"
is "and for IPv6" "$(in_pod ip -6 -j rule | jq -r '[.[] | select(.priority == 1000) | "\(.src) \(.table)"] | sort | join(", ")')" \
	"fd00:1::5 101, fd00:2::5 102, fd00:3::5 103, fd00::5 100"
is "ARP is strict on all" "$(in_pod sysctl -n net.ipv4.conf.net{0,1,2,3}.{arp_ignore,arp_announce,rp_filter} | tr -d '\n')" \
	122122122122
is "IPv6 addresses are settled when ADD returns" "$(in_pod ip -6 addr show tentative | wc -l)" 0
ok "CHECK is content" eval 'OUT=$(add 3 > /dev/null; echo "$OUT"); cni CHECK "$(rail 3 ".prevResult = $OUT")" c1 /run/netns/a net3'

# --- source routing: the answer leaves by the rail that the question came in on -------------------------
for r in 0 3; do
	world "ip route replace 192.168.$r.5 dev rail$r; ip -6 route replace fd00:$r::5 dev rail$r" > /dev/null
	ok "an answer to another network leaves by rail $r, on which it was asked" \
		grew $r 10 world "ping -q -c 10 -i 0.1 -W 2 -I 10.9.9.9 192.168.$r.5"
	ok "and so does one of IPv6" grew $r 10 world "ping -q -c 10 -i 0.1 -W 2 -I fd09::9 fd00:$r::5"
done
ok "only the rail's own VF answers ARP for its address" world \
	"ip neigh flush dev rail1; ! ping -q -c 1 -W 1 -I rail1 192.168.2.5"

# --- a route of all rails ------------------------------------------------------------------------------
is "a multipath route has a next hop of every rail" "$(hops)" "net0 net1 net2 net3"
was=$(all_sent)
for dst in {1..32}; do in_pod ping -q -c 1 -W 2 10.50.0.$dst; done > /dev/null
is "and every VF carries a part of the traffic" "$(jq -n --argjson was "$was" --argjson now "$(all_sent)" \
	'$now | with_entries(.value -= $was[.key]) | all(.[]; . >= 2)')" true
ok "DEL of one rail, in the middle" del 1
is "takes only its own next hop away" "$(hops)" "net0 net2 net3"
ok "DEL of the first" del 0
is "and so on" "$(hops)" "net2 net3"
ok "a rail may come back" add 1
is "and joins the others" "$(hops)" "net1 net2 net3"
is "in the first table that is free" "$(in_pod ip rule | grep -c 'from 192.168.1.5 lookup 100')" 1
for r in 3 1 2; do ok "DEL of rail $r succeeds" del $r; done
ok "the last one leaves the pod as it found it" pod_is_clean
ok "and the VFs" all_back

# --- an address that somebody has ----------------------------------------------------------------------
ok "with dad, an address that another one answers for is refused" \
	error 100 "192.168.0.5" eval 'world "ip addr add 192.168.0.5/24 dev rail0" > /dev/null; add 0 ".dad = true"'
ok "and nothing of the ADD is left" eval 'all_back && pod_is_clean'
world "ip addr del 192.168.0.5/24 dev rail0" > /dev/null
ok "when it is free, ADD succeeds" add 0 '.dad = true'
ok "the neighbour has been told of its MAC" world "ip neigh show 192.168.0.5 dev rail0 | grep -i '$(in_pod cat /sys/class/net/net0/address)'"
del 0
ok "IPv6's own detection is waited for, and an address that is taken is an error" \
	error 100 "fd00::5" eval 'world "ip addr add fd00:0::5/64 dev rail0 nodad" > /dev/null; add 0'
world "ip addr del fd00:0::5/64 dev rail0" > /dev/null
ok "of which nothing is left either" eval 'all_back && pod_is_clean'

# --- the rest of the settings --------------------------------------------------------------------------
ok "a VF that shall be reset on its way home works afterwards" eval \
	'add 0 ".flr = true" && del 0 && all_back && add 0 && world "ping -q -c 2 -W 2 192.168.0.5" && del 0'
in_pod true
add 0
in_pod ip link set net0 promisc on
in_pod ip link set net0 allmulticast on
ok "flags that the pod has set are taken back" eval 'del 0 && all_back'

put "order.$((n + 1))" end
done_testing
