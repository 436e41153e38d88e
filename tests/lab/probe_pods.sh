# shellcheck shell=bash disable=SC2034 # who sources this uses the variables
# probe_pods.sh - two pods a node for rdma-probe, and how to ask it: . "$HERE/probe_pods.sh"
#
# "pod" has a VF with Soft-RoCE on every rail, "bare" has VFs on the same rails without RDMA. Pods of
# the nodes reach each other through eth0, which has no RDMA, by way of the nodes.

PROBE=$BUILD/bin/rdma-probe
OTHER=$((3 - NODE))
PEER=10.88.$OTHER.2
OUT='' STATUS=0

in_pod() { ip netns exec pod "$@"; }

# probe POD ARG... - run it with --json; its document in $OUT, its exit status in $STATUS.
probe() {
	local pod=$1
	shift
	STATUS=0
	OUT=$(ip netns exec "$pod" "$PROBE" "$@" --json) || STATUS=$?
}

# of JQ-FILTER - a value of the last document.
of() { jq -r "$1" <<< "$OUT"; }

# serve ARG... - run it in the pod, until it listens; its process in $SERVER.
serve() {
	ip netns exec pod "$PROBE" serve --json "$@" > /run/served 2> /run/serving &
	SERVER=$!
	wait_for 10 grep -q listening /run/serving
}

# join_cluster POD NODE-ADDRESS POD-ADDRESS - eth0: a veth to the node, which routes to the other node.
join_cluster() {
	ip link add "veth-$1" type veth peer name eth0 netns "$1"
	ip addr add "10.88.$NODE.$2/24" dev "veth-$1"
	ip link set "veth-$1" up
	ip -n "$1" addr add "10.88.$NODE.$3/24" dev eth0
	ip -n "$1" link set eth0 up
	ip -n "$1" route add default via "10.88.$NODE.$2"
}

# join_rail POD RAIL VF ADDRESS - a VF as net<RAIL>; without RDMA so far.
join_rail() {
	ip link set "$(vf_netdev "$3")" netns "$1" name "net$2"
	ip -n "$1" addr add "192.168.$2.$4/24" dev "net$2"
	ip -n "$1" addr add "fd00:$2::$4/64" dev "net$2" nodad
	ip -n "$1" link set "net$2" up
}

# whole - the document has all keys of the schema, at every level.
whole() {
	[ -n "$OUT" ] && echo "$OUT" >> /run/documents && jq -e '
		(keys - ["checks","command","devices","error","gids","headline","host","netns_mode","paths",
			 "pod","rails","schema","summary","time","tool","verdict"] == []) and
		(keys | length == 16) and .schema == "rdma-probe/v1" and
		all(.rails[]; keys | length == 22) and all(.paths[]; keys | length == 26) and
		all(.devices[]; keys | length == 17) and all(.gids[]; keys | length == 12) and
		all(.checks[]; keys | length == 8)' <<< "$OUT"
}

# fits SCHEMA FILE - every document in FILE fits that schema of conf/.
fits() { "$LAB/../probe/validate" "$LAB/../../conf/$1" "$2"; }

# told RAIL RESULT REASON - what the last ping said of one rail.
told() { of ".paths[] | select(.rail_src == \"$1\") | .result + \" \" + (.reason // \"-\")"; }

# fault NAME - node 2 breaks something (on stdin: one line to break, one to mend), node 1 looks.
# The look is the function look_NAME.
fault() {
	local break mend
	read -r break
	read -r mend
	if [ "$NODE" = 2 ]; then
		eval "$break"
		barrier "broken-$1"
		barrier "seen-$1"
		eval "$mend"
	else
		barrier "broken-$1"
		"look_$1"
		barrier "seen-$1"
	fi
	barrier "mended-$1"
}

# drop NETDEV MATCH... - what arrives at the pod's NETDEV and is like that is dropped. mend NETDEV: no more.
drop() {
	local dev=$1
	shift
	tc -n pod qdisc add dev "$dev" clsact
	tc -n pod filter add dev "$dev" ingress protocol ip u32 "$@" action drop
}
mend() { tc -n pod qdisc del dev "$1" clsact; }

# block_roce NETDEV, pass_roce NETDEV - what arrives for RoCEv2 at the pod's NETDEV is dropped, and only that.
block_roce() { drop "$1" match ip protocol 17 0xff match ip dport 4791 0xffff; }
pass_roce() { mend "$1"; }

build_pods() {
	local rail vfs n
	sysctl -qw net.ipv4.ip_forward=1
	for ((n = 1; n <= NODES; n++)); do
		[ $n = "$NODE" ] || ip route add "10.88.$n.0/24" via "10.99.0.$n"
	done
	pod_new pod
	pod_new bare
	join_cluster pod 1 2
	for ((rail = 0; rail < RAILS; rail++)); do
		mapfile -t vfs < <(make_vfs $rail 2)
		join_rail pod $rail "${vfs[0]}" "1$NODE"
		rxe_add pod "net$rail" "rxe_p$rail"
		join_rail bare $rail "${vfs[1]}" "2$NODE"
	done
	barrier pods
	for ((n = 1; n <= NODES; n++)); do
		[ $n = "$NODE" ] || wait_for 20 in_pod ping -qc 1 -W 1 "192.168.$((RAILS - 1)).1$n" > /dev/null
	done
	barrier reachable
}

# swap_rails A B - net0 gets the address of rail A, net1 that of rail B. IPv6 goes.
swap_rails() {
	local dev
	for dev in 0 1; do
		ip -n pod addr flush dev net$dev scope global
	done
	for dev in 0 1; do
		ip -n pod addr add "192.168.$([ $dev = 0 ] && echo "$1" || echo "$2").1$NODE/24" dev net$dev
	done
}

# flux_begin - an interface more in the pod, in the subnet of net0, which leaves it to net0 to answer ARP.
# flux_end - and away with it.
flux_begin() {
	ip -n bare link set net0 netns pod name flux
	ip -n pod addr add "192.168.0.3$NODE/24" dev flux noprefixroute
	ip -n pod link set flux up arp off
	rxe_add pod flux rxe_flux
	wait_for 5 eval "in_pod rdma link show rxe_flux/1 | grep -q ACTIVE"
}
flux_end() {
	in_pod rdma link del rxe_flux
	ip -n pod link set flux netns bare name net0
}
