#!/bin/bash
# routes.sh - routes between three nodes, of which each is a network namespace: mgmt with its ordinary
# address 10.99.0.N, rail0 and rail1. The world between them is here: a bridge a network.
set -u
if [ -z "${ROUTES_SANDBOX:-}" ]; then
	user=
	[ "$(id -u)" = 0 ] || user=r
	ROUTES_SANDBOX=1 exec unshare "-${user}mn" "$0" "$@"
fi
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

sriov=$(realpath "${BUILD:-build}/bin/rail-sriov")
mount -t tmpfs tmpfs /run || exit 1
dir=/run/test
mkdir $dir

# on N COMMAND... - on node N, which has a /run/rail-cni of its own.
on() {
	ip netns exec "n$1" sh -c 'mount --bind "/run/rail-cni.$0" /run/rail-cni && exec "$@"' "$@"
}
routes() { on "$1" "$sriov" routes "${@:2}"; }
sync() { routes "$1" sync --peers $dir/peers --node "node$1" "${@:2}"; }
show() { routes "$1" show --peers $dir/peers --node "node$1" "${@:2}"; }

mkdir /run/rail-cni
for net in mgmt rail0 rail1; do ip link add name "sw-$net" up type bridge mcast_snooping 0; done
for n in 1 2 3; do
	mkdir /run/rail-cni.$n
	ip netns add n$n
	# Nobody asks for a neighbour from an address that may yet be a duplicate.
	on $n sysctl -qw net.ipv6.conf.default.accept_dad=0
	for net in mgmt rail0 rail1; do
		ip link add name $net netns n$n up type veth peer name p$n-$net
		ip link set p$n-$net master sw-$net up
	done
	ip -n n$n -batch - << END
link set lo up
addr add 10.99.0.$n/24 dev mgmt
addr add fd99::$n/64 dev mgmt nodad
addr add 192.168.0.$n/24 dev rail0
addr add 192.168.1.$n/24 dev rail1
addr add fd00::$n/64 dev rail0 nodad
addr add fd01::$n/64 dev rail1 nodad
END
	# neighbours are asked for again soon, so that nobody has to wait here
	on $n sysctl -qw net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1 \
		net.ipv4.neigh.rail{0,1}.{base_reachable_time_ms=800,retrans_time_ms=150,delay_first_probe_time=1}
done

# line N - what node N would have in --peers.
line() { echo "node$1 10.99.0.$1,fd99::$1 192.168.0.$1,fd00::$1 192.168.1.$1,fd01::$1"; }
for n in 1 2 3; do line $n; done > $dir/peers

# within SECONDS COMMAND... - until it succeeds.
within() {
	local i
	for ((i = 0; i < $1 * 20; i++)); do
		"${@:2}" > /dev/null 2>&1 && return
		sleep 0.05
	done
	"${@:2}"
}
# way N ADDRESS - the rails that N's route to ADDRESS has, "mgmt" when it has none.
way() {
	ip -n "n$1" -j -6 route show "$2" proto 211 2> /dev/null > $dir/way
	[[ $2 == *:* ]] || ip -n "n$1" -j route show "$2" proto 211 > $dir/way
	jq -r 'if length == 0 then "mgmt" else .[0] | [(.nexthops // [.])[].dev] | sort | join(" ") end' $dir/way
}
goes() { [ "$(way "$1" "$2")" = "$3" ]; }
reaches() { ip netns exec "n$1" ping -q -c 1 -W 2 -I "${3:-10.99.0.$1}" "$2"; }
# ours N, others N - next hops and routes of our protocol; all that others made, but for what comes and goes by itself.
everything() {
	ip -n "n$1" nexthop
	ip -n "n$1" route show table all
	ip -n "n$1" -6 route show table all
}
ours() { everything "$1" | grep 'proto 211'; }
others() { everything "$1" | grep -v -e 'proto 211' -e '^	' -e 'dev rail' -e fe80: -e ff00:; }
sent() { ip -n n1 -j -s link show "$1" | jq '.[0].stats64.tx.packets'; }
# asks N OPTION... - the netlink requests of a sync of node N: how many, and how many of them change something.
asks() {
	on "$1" strace -f -qq -e trace=sendto -o $dir/trace "$sriov" routes sync --peers $dir/peers --node "node$1" > /dev/null 2>&1
	echo "$(grep -c nlmsg_type=RTM_ $dir/trace) $(grep -c 'nlmsg_type=RTM_\(NEW\|DEL\)' $dir/trace)"
}
# watch N OPTION... - in the background; $watcher. (exec: the shell in between must not take the signal)
watch() {
	ip netns exec "n$1" sh -c 'mount --bind "/run/rail-cni.$0" /run/rail-cni && exec "$@"' "$1" \
		"$sriov" routes sync --watch --node "node$1" "${@:2}" 2> "$dir/watch.$1" &
	watcher=$!
}
# ended - it has ended; its exit status is in $status.
ended() {
	status=0
	wait "$watcher" || status=$?
} 2> /dev/null
# refuses STATUS TEXT COMMAND... - it exits with STATUS, and says TEXT on standard error.
refuses() {
	local status=0
	"${@:3}" > $dir/out 2> $dir/err || status=$?
	[ $status = "$1" ] && grep -qF -- "$2" $dir/err || { echo "status $status"; cat $dir/out $dir/err; return 1; }
}


# --- what others made ---------------------------------------------------------------------------------
ip -n n1 nexthop add id 3540000000 via 10.99.0.77 dev mgmt proto zebra # an id of our range
ip -n n1 nexthop add id 7 via 10.99.0.78 dev mgmt
ip -n n1 nexthop add id 8 group 7
ip -n n1 route add 10.50.0.0/16 nhid 8
ip -n n1 route add 10.99.0.9 via 10.99.0.77 proto static
others 1 > $dir/others

# --- sync ----------------------------------------------------------------------------------------------
ok "--dry-run changes nothing" eval 'sync 1 --dry-run | grep -q "add route" && [ -z "$(ours 1)" ]'
for n in 1 2 3; do ok "sync of node $n succeeds" sync $n; done
is "the route to a peer has a next hop a rail" "$(way 1 10.99.0.2)" "rail0 rail1"
is "for IPv6, too" "$(way 1 fd99::3)" "rail0 rail1"
like "answers find their way: the source is the ordinary address" "$(ip -n n1 route get 10.99.0.2)" "dev rail[01] src 10.99.0.1"
ok "the peer answers" reaches 1 10.99.0.2
ok "and does so by IPv6" reaches 1 fd99::2 fd99::1
was0=$(sent rail0) was1=$(sent rail1) wasm=$(sent mgmt)
ip netns exec n1 bash -c 'for port in {2001..2040}; do echo > /dev/udp/10.99.0.2/$port; done' 2> /dev/null
spread="$(($(sent rail0) - was0 >= 8)) $(($(sent rail1) - was1 >= 8)) $(($(sent mgmt) - wasm < 8))"
is "connections spread over both rails, and none takes the ordinary way" "$spread" "1 1 1"
is "a second sync makes six requests, and none that changes anything" "$(asks 1)" "6 0"
ok "and says so" eval 'sync 1 | grep -qx "nothing to change"'
is "what others made is as it was" "$(others 1)" "$(< $dir/others)"
ok "show finds all programmed" eval '[ "$(show 1 --json | jq -r "[.[].state] | unique | join(\" \")")" = programmed ]'
ok "and without a list shows what there is" eval 'routes 1 show | grep -q "^-  *10.99.0.2  *programmed"'

# --- a rail goes -----------------------------------------------------------------------------------------
ip link set p1-rail0 down
ok "a rail without carrier loses its next hops by itself" within 3 goes 1 10.99.0.2 rail1
ok "traffic continues on the other" reaches 1 10.99.0.2
is "there is nothing left for sync to do" "$(asks 1)" "6 0"
like "show tells which rail is down" "$(show 1)" "rail0 192.168.0.2 down, rail1 192.168.1.2"
ip -n n1 link set rail1 down
ok "without any rail there is no route" within 3 goes 1 10.99.0.2 mgmt
ok "show calls that fallback, and exits 1" eval 'show 1 > $dir/out; [ $? = 1 ] && grep -q "10.99.0.2 *fallback" $dir/out'
watch 2 --peers $dir/peers --every 1
ok "a peer that still has its rails finds out that we do not answer there, and we reach each other the ordinary way" \
	within 10 reaches 1 10.99.0.2
ok "the peer's route is gone for good" eval 'within 5 goes 2 10.99.0.1 mgmt && sleep 1.5 && goes 2 10.99.0.1 mgmt'
like "it says why" "$(show 2)" "10.99.0.1 +fallback +rail0 192.168.0.1 no answer, rail1 192.168.1.1 no answer"
ok "and another sync there does not bring it back" eval 'sync 2; goes 2 10.99.0.1 mgmt'
ip link set p1-rail0 up
ip -n n1 link set rail1 up
ip -n n1 addr add fd01::1/64 dev rail1 nodad 2> /dev/null
ok "sync brings the rails back" eval 'within 3 eval "sync 1; goes 1 10.99.0.2 \"rail0 rail1\""'
ok "and the peer hears of it by itself" within 5 goes 2 10.99.0.1 "rail0 rail1"
kill -TERM $watcher
ended
ip -n n3 addr del 192.168.0.3/24 dev rail0
ok "a neighbour that does not answer is shown" \
	within 8 eval 'ip netns exec n1 ping -q -c 1 -W 1 192.168.0.3; show 1 | grep -q "rail0 192.168.0.3 no answer, rail1"'
ok "the kernel passes over it" reaches 1 10.99.0.3
ip -n n3 addr add 192.168.0.3/24 dev rail0
ok "sync asks it again, and that it is back is seen" within 5 eval 'sync 1 && ! show 1 | grep -q "no answer"'

# --- peers that are wrong ---------------------------------------------------------------------------------
before=$(ours 1)
: > $dir/empty
ok "an empty list is refused" refuses 1 "names no node" routes 1 sync --peers $dir/empty --rails rail0,rail1 --address mgmt
line 1 > $dir/alone
ok "and so is one of this node alone" refuses 1 "--allow-empty" routes 1 sync --peers $dir/alone --node node1
ok "a file that is not there is an error" refuses 1 "No such file" routes 1 sync --peers $dir/none --node node1
(cat $dir/peers; echo "node4 10.99.0.444 192.168.0.4") > $dir/bad
ok "an error in the file is told with its line" refuses 1 "line 4: node node4:" routes 1 sync --peers $dir/bad --node node1
ok "a node that is not in the list is told what to do" refuses 1 "--node NAME" routes 1 sync --peers $dir/peers --node other
is "and nothing of all that has changed anything" "$(ours 1)" "$before"
(cat $dir/peers; echo "node4 10.99.0.1,192.168.0.77,10.99.0.2,10.99.0.9 192.168.0.4"; echo "node5 1.1.1.1 192.168.0.5") > $dir/liars
ok "whoever claims what is not his is refused, by name" \
	refuses 1 "node4: 10.99.0.1 is this node's own" routes 1 sync --peers $dir/liars --node node1 --within 10.99.0.0/16,fd99::/64
is "with every reason" "$(grep -c -e "node4: 192.168.0.77 is in the network of a rail: rail0" -e "node5: 1.1.1.1 is not within" \
	-e "node2: 10.99.0.2 is claimed by another node, too: node4" -e "another route to 10.99.0.9, of protocol 4: it stays" $dir/err)" 4
is "what two claim takes the ordinary way, the rest the rails" "$(way 1 10.99.0.2), $(way 1 10.99.0.3)" "mgmt, rail0 rail1"
ok "show says which are refused, and which foreign" eval 'routes 1 show --peers $dir/liars --node node1 --json |
	jq -e "[.[] | select(.peer == \"node4\") | .state] == [\"refused\", \"refused\", \"refused\", \"foreign\"]"'
is "what others made is as it was, still" "$(others 1)" "$(< $dir/others)"
ok "all is well with the right list" sync 1

# --- --watch ----------------------------------------------------------------------------------------------
watch 1 --peers $dir/peers --every 3600
ok "--watch tells about the rails" within 5 grep -q "rail 2, rail1, is up" $dir/watch.1
ok "a second one is refused" refuses 1 "another routes sync --watch" sync 1 --watch
ip link set p1-rail0 down
ok "the rail goes" within 3 goes 1 10.99.0.2 rail1
ip link set p1-rail0 up
ok "the rail is back, and so are its next hops" within 3 goes 1 10.99.0.2 "rail0 rail1"
ok "IPv6 as well" within 3 goes 1 fd99::2 "rail0 rail1"
grep -v node3 $dir/peers > $dir/peers.new; mv $dir/peers.new $dir/peers
ok "a peer that leaves the list loses its route at once" within 3 goes 1 10.99.0.3 mgmt
line 3 >> $dir/peers
ok "and gets it again when it is back" within 3 goes 1 10.99.0.3 "rail0 rail1"
before=$(ours 1)
: > $dir/peers
ok "a list that is empty all of a sudden is complained of" within 3 grep -q "node node1 is not in" $dir/watch.1
is "and not believed" "$(ours 1)" "$before"
for n in 1 2 3; do line $n; done > $dir/peers
ip -n n1 nexthop flush proto 211 > /dev/null 2>&1
kill -HUP $watcher
ok "what somebody else removed is made again on SIGHUP" within 3 goes 1 10.99.0.2 "rail0 rail1"
cpu=$(awk '{ print $14 + $15 }' /proc/$watcher/stat)
sleep 1
is "while nothing happens it does nothing" "$(($(awk '{ print $14 + $15 }' /proc/$watcher/stat) - cpu))" 0
kill -KILL $watcher
ended
is "killed, it leaves the routes as they are" "$(way 1 10.99.0.2)" "rail0 rail1"
ip link set p1-rail0 down
ok "and the kernel goes on taking what is dead" within 3 goes 1 10.99.0.2 rail1
ip link set p1-rail0 up
watch 1 --peers $dir/peers
ok "started again, it puts right what has happened meanwhile" within 5 goes 1 10.99.0.2 "rail0 rail1"
kill -TERM $watcher
ended
is "told to end, it ends with 0" "$status" 0
ok "--clear removes all that is ours" eval 'routes 1 sync --clear && [ -z "$(ours 1)" ]'
is "and nothing else" "$(others 1)" "$(< $dir/others)"

# --- a shared store -----------------------------------------------------------------------------------------
store=$dir/store
me=(--rails "rail0,rail1" --address mgmt)
ok "a store that is not there is an error" refuses 1 "mount the shared storage" routes 1 publish --store $store "${me[@]}"
mkdir $store
ok "publish writes this node's line" eval '[ "$(on 2 "$sriov" routes publish --store $store --node node2 "${me[@]}")" = "$(line 2)" ]'
is "into a file of its own" "$(cat $store/node2.peer)" "$(line 2)"
ok "sync publishes, too" on 1 "$sriov" routes sync --store $store --node node1 "${me[@]}"
is "and finds the others" "$(ls $store), $(way 1 10.99.0.2)" "node1.peer
node2.peer, rail0 rail1"
ok "show needs no more than the store" eval 'routes 1 show --store $store --node node1 | grep -q "node2 .*programmed"'
watch 1 --store $store --every 1 "${me[@]}"
watcher1=$watcher
watch 3 --store $store --every 1 "${me[@]}"
watcher3=$watcher
ok "a node that joins is seen by all" within 5 goes 1 10.99.0.3 "rail0 rail1"
ip link set p3-rail1 down
ok "what a peer says of its rails is heeded" within 5 goes 1 10.99.0.3 rail0
like "it says so in its line" "$(< $store/node3.peer)" "down:192.168.1.3"
ip link set p3-rail1 up
ok "also when they are back" within 5 goes 1 10.99.0.3 "rail0 rail1"
ok "withdraw is refused while this node would publish again" refuses 1 "stop that first" routes 3 withdraw --store $store
rm $store/node3.peer
ok "a line that somebody removed is published again" within 5 test -e $store/node3.peer
kill -TERM $watcher3
wait $watcher3
ok "withdraw takes a node out" eval '[ "$(routes 3 withdraw --store $store --node node3)" = "node3: withdrawn" ]'
ok "for all the others" within 5 goes 1 10.99.0.3 mgmt
line 3 | sed 's/node3/node2/' > $store/node3.peer
line 3 > $store/.node3.peer.tmp
mkdir $store/dir.peer
ln -s /etc/passwd $store/link.peer
mkfifo $store/fifo.peer
head -c 100000 /dev/zero > $store/zero.peer
echo README > $store/README
ok "files that are no node's line are named" within 5 eval '[ "$(grep -c -e "dir.peer: is not one line" -e "link.peer: is not one line" \
	-e "fifo.peer: is not one line" -e "zero.peer: is not one line" -e "node3.peer: speaks for another node, node2" $dir/watch.1)" = 5 ]'
is "and do not disturb the others" "$(way 1 10.99.0.2) $(way 1 10.99.0.3)" "rail0 rail1 mgmt"
kill -TERM $watcher1
wait $watcher1
if strace -qq -o /dev/null -e inject=getpid:delay_enter=1 true 2> /dev/null; then
	# who is traced cannot be searched for leaks
	ASAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o /dev/null -P $store -e trace=getdents64 -e inject=getdents64:delay_enter=12s \
		ip netns exec n1 "$sriov" routes sync --watch --node node1 --store $store --every 1 2> $dir/watch.1 &
	watcher=$!
	ok "a store that hangs is told" within 10 grep -q "Connection timed out" $dir/watch.1
	kill -TERM $watcher
	ended
	is "and does not keep --watch from ending" "$status" 0
else
	skip "a store that hangs" "no strace, or it cannot delay system calls"
fi

# --- conf/ ----------------------------------------------------------------------------------------------------
ok "the list in conf/ is one" eval 'routes 1 sync --dry-run --peers conf/rail-routes.peers --node node1 | grep -q "add route *10.99.0.3"'
unit=conf/rail-routes.service
for sample in "$(sed -n 's/^#	ROUTES=\(.*--store.*\)/\1/p' $unit)" "$(sed -n 's/^#	ROUTES=\(.*--peers.*\)/\1/p' $unit)"; do
	# shellcheck disable=SC2086 # words are meant, as systemd makes them
	ok "the unit's command with ${sample%% *} is one" eval \
		'"$sriov" $(sed -n "s/^ExecStart=[^ ]* \(.*\) .*/\1/p" $unit) $sample --help | grep -q "protocol 211"'
done
if [ -d /etc/iproute2/rt_protos.d ]; then
	mkdir $dir/protos
	cp conf/rt_protos.conf $dir/protos
	mount --bind $dir/protos /etc/iproute2/rt_protos.d
	sync 1 > /dev/null
	ok "with the names in conf/ ip(8) tells whose routes they are" eval \
		'ip -n n1 route show 10.99.0.2 | grep -q "proto rail-routes" && ip -n n1 nexthop | grep -q "proto rail-routes"'
	umount /etc/iproute2/rt_protos.d
else
	skip "with the names in conf/ ip(8) tells whose routes they are" "no /etc/iproute2/rt_protos.d"
fi

# --- what else there is to say ------------------------------------------------------------------------------
on 1 sysctl -qw net.ipv4.fib_multipath_hash_policy=0 net.ipv4.conf.rail0.rp_filter=1 net.ipv4.conf.all.rp_filter=0
like "show says when one rail carries all, and when a filter drops" "$(routes 1 show)" "ipv4.fib_multipath_hash_policy is 0.*rail0.rp_filter is 1"
like "and so does doctor" "$(on 1 "$sriov" doctor)" "node routes  warning  net.ipv4.fib_multipath_hash_policy is 0"
ok "options that make no sense are refused" refuses 1 "usage:" routes 1 sync --peers x --store y
ok "and so are unknown ones" refuses 1 "unexpected argument --frobnicate" routes 1 sync --frobnicate
ok "rails that cannot be" refuses 1 "--rails: a/b" routes 1 publish --store $store --rails a/b --address mgmt
ok "--help tells what the file looks like" eval 'routes 1 --help | grep -q "192.168.0.2,fd00::2"'
done_testing
