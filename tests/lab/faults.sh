#!/bin/bash
# lab: -n 1 -r 1 -t 1800
# faults.sh - rail-sriov killed at every system call of ADD and DEL, and every call that changes something
# failing once: one DEL puts the VF, the pod, the address and the state back as they were.
#
# The points are found by counting: each run is killed one call later, until one gets through. To be killed
# before a call is to be killed behind the one before it: between the two a process changes nothing but
# itself. So killing before every call, and before the end, covers both sides of all.
. "$LAB/lib.sh"
. "$LAB/cni.sh"
PATH=$BUILD/tests/tools:$PATH

mapfile -t vfs < <(make_vfs 0 2)
vf=${vfs[1]}
store_new
pod_new a
NETNS=/run/netns/a
# Everything that an ADD can set here, so that there is much to undo.
jq -cn '{cniVersion: "1.1.0", name: "net", type: "rail-sriov", deviceID: "'"$vf"'", mtu: 1400,
	mac: "02:00:00:00:00:11", vlan: 5, trust: "on", spoofchk: "off", rail: {sourceRouting: true},
	routes: [{dst: "10.0.0.0/8", gw: "192.168.0.1", multipath: {weight: 1}}, {dst: "10.1.0.0/16", gw: "192.168.0.2"}],
	ipam: {type: "rail-ipam", store: "'$STORE'", range: "192.168.0.0/28", reuseDelay: 0}}' > /run/conf

# call VERB [WRAPPER...]
call() {
	local verb=$1
	shift
	CNI_COMMAND=$verb CNI_CONTAINERID=c1 CNI_NETNS=$NETNS CNI_IFNAME=net1 CNI_PATH=$BIN \
		"$@" "$BIN/rail-sriov" < /run/conf > /run/out 2> /run/err
}

# look - all that an ADD may change, in $seen. With as few processes as can be: this runs at every point.
printf '%s\n' "rule list" "route show table all" "link show" > /run/pod.batch
look() {
	local file net=/sys/bus/pci/devices/$vf/net
	seen=
	for file in "$net"/*/{address,mtu,flags} "$STATE"/* "$STATE"/.*.tmp "$STORE"/net/*/*=*; do
		case $file in
		"$net"/*) read -r value < "$file" && seen+="$file $value"$'\n' ;;
		*) [ ! -e "$file" ] || seen+="$file"$'\n' ;;
		esac
	done
	ip link show rail0 > /run/pf
	ip -n a -b /run/pod.batch > /run/pod
	while read -r file; do seen+="$file"$'\n'; done < <(cat /run/pf /run/pod)
}
# as_before WHERE - note it if something is left.
as_before() {
	look
	[ "$seen" != "$before" ] || return 0
	bad+=" $1"
	[ -n "$shown" ] || diff <(echo "$before") <(echo "$seen") | sed "s/^/# $1: /"
	shown=1
	call DEL && call DEL # the next point shall not suffer
}
start() { bad='' shown='' points=0; }

call ADD && call DEL # the pool is made, modules are there
look
before=$seen

# kill_all VERB PREPARE - at every call; each time one DEL must do.
kill_all() {
	local n
	start
	for ((n = 1; n < 2000; n += 2)); do
		$2
		call "$1" kill-at it 1 $n 2> /dev/null
		[ $? != 3 ] || break
		points=$((points + 1))
		call DEL || bad+=" $n:DEL($(< /run/out))"
		as_before $n
	done
	call DEL
	is "$1 killed at each of its $points system calls: one DEL puts all back" "${bad:0:400}" ""
	ok "... which was all of them" test $points -gt 150 -a $n -lt 2000
}
nothing() { :; }
added() { call ADD || bad+=" ADD($(< /run/out))"; }
kill_all ADD nothing
kill_all DEL added

# fail_all VERB PREPARE - each call that changes something fails once: the error is told, and a failed ADD has
# undone itself.
fail_all() {
	local n name=
	start
	for name in sendto openat write linkat renameat unlinkat fsync clone3 setns socket; do
		for ((n = 1; n < 200; n++)); do
			$2
			call "$1" strace -qq -o /run/trace -e trace=$name -e inject=$name:error=EIO:when=$n
			status=$?
			grep -q INJECTED /run/trace || break
			points=$((points + 1))
			# In the wrong namespace, with no way back, it ends on the spot: 134. And it can say nothing
			# where it cannot write.
			[ $status = 0 ] || grep -q '"msg":"..*"' /run/out || [ $name:$status = setns:134 ] ||
				grep -q "^write(1, .*INJECTED" /run/trace || bad+=" $name:$n:silent"
			[ "$1" = ADD ] && [ $status = 1 ] || call DEL || bad+=" $name:$n:DEL($(< /run/out))"
			as_before "$name:$n"
		done
		call DEL
	done
	is "$1 with an error from each of $points calls: told, and nothing is left" "${bad:0:400}" ""
	ok "... which is many" test $points -gt 30
}
fail_all ADD nothing
fail_all DEL added

done_testing
