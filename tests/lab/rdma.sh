#!/bin/bash
# lab: -n 1 -r 2 -t 900
# rdma.sh - the RDMA device of a VF, in exclusive and in shared namespace mode.
#
# Soft-RoCE differs from hardware in two ways that are made up for here. It is no child of the PCI function:
# a tmpfs over /sys says that it is. And it dies when its interface changes the namespace, where a hardware
# device goes on: as soon as the VF is in the pod, one of the same name is made there anew.
. "$LAB/lib.sh"
. "$LAB/cni.sh"

modprobe -a rdma_rxe ib_uverbs rdma_ucm
mount -t configfs configfs /sys/kernel/config 2> /dev/null
mapfile -t made < <(make_vfs 0 2; make_vfs 1 2)
VF=("${made[1]}" "${made[3]}")
store_new

# shadow_sys - /sys, where VF[r] has the RDMA device roce<r>.
shadow_sys() {
	local real=/run/real r entry device
	mkdir $real
	mount --rbind /sys $real
	mount -t tmpfs shadow /sys
	mkdir -p /sys/bus/pci/devices
	for entry in $real/*; do [ "$entry" = $real/bus ] || ln -s "$entry" /sys; done
	for entry in $real/bus/*; do [ "$entry" = $real/bus/pci ] || ln -s "$entry" /sys/bus; done
	for entry in $real/bus/pci/*; do [ "$entry" = $real/bus/pci/devices ] || ln -s "$entry" /sys/bus/pci; done
	cp -P $real/bus/pci/devices/* /sys/bus/pci/devices
	for r in 0 1; do
		device=/sys/bus/pci/devices/${VF[r]}
		rm "$device"
		mkdir -p "$device/infiniband/roce$r"
		for entry in "$real/bus/pci/devices/${VF[r]}"/*; do
			if [ -L "$entry" ]; then cp -P "$entry" "$device"; else ln -s "$entry" "$device"; fi
		done
	done
	for entry in /sys/bus/pci/devices/*; do
		[ ! -L "$entry" ] || ln -sfn "$real/bus/pci/devices/${entry##*/}" "$entry"
	done
}

netdev() { ls "/run/real/bus/pci/devices/$1/net"; }
on_node() { rdma link add "roce$1" type rxe netdev "$(netdev "${VF[$1]}")"; }
off_node() { rdma link del "roce$1" 2> /dev/null; }
# follow R POD IFNAME - what the hardware does by itself.
follow() {
	wait_for 10 ip -n "$2" link show "$3" > /dev/null 2>&1 &&
		ip netns exec "$2" rdma link add "roce$1" type rxe netdev "$3"
} 2> /dev/null
# The same once the address is there, which it takes away: the device gets no GID of it.
follow_late() {
	wait_for 10 eval "ip -n $2 -4 addr show dev $3 | grep -q inet" > /dev/null 2>&1 &&
		ip -n "$2" addr flush dev "$3" && ip netns exec "$2" rdma link add "roce$1" type rxe netdev "$3"
} 2> /dev/null
follow=follow
conf_of() { # R [FILTER]
	conf ".deviceID = \"${VF[$1]}\" | .name = \"rail$1\" | .ipam.range = \"192.168.$1.0/24\" | ${2:-.}"
}
# What hardware does in a moment takes an emulator a while.
BASE='{cniVersion: "1.1.0", type: "rail-sriov", mtu: 1500, rdma: {gidTimeout: 15000},
       ipam: {type: "rail-ipam", store: "'$STORE'", reuseDelay: 0}}'
attach() { # R CONTAINER POD IFNAME [FILTER]
	local follower status=0
	off_node "$1"
	on_node "$1" || return
	$follow "$1" "$3" "$4" &
	follower=$!
	cni ADD "$(conf_of "$1" "${5:-.}")" "$2" "/run/netns/$3" "$4" || { status=1; echo "$OUT"; }
	wait $follower
	return $status
}
detach() { cni DEL "$(conf_of "$1")" "$2" "/run/netns/$3" "$4"; }
devices() { "${@}" rdma -j dev | jq -r '[.[].ifname] | sort | join(" ")'; }
in_a() { ip netns exec a "$@"; }

# --- exclusive -----------------------------------------------------------------------------------------
rdma system set netns exclusive
ok "the machine is in exclusive mode" eval 'rdma system | grep -q "netns exclusive"'
before=$(all_vfs)
shadow_sys
pod_new a

ok "ADD moves the RDMA device into the pod" attach 0 c1 a net1
is "where it has its name" "$(devices in_a)" roce0
is "and is on the node no more" "$(devices)" ""
ok "its RoCEv2 GID is the address" eval 'in_a rdma-probe gids --json | jq -e "[.. | objects | select(.chosen? == true)] | length == 1" ||
	in_a "$BIN/rdma-probe" gids'
is "list tells device, GID index and address" \
	"$("$BIN/rail-sriov" list --json | jq -r '.[0] | "\(.rdmaDevice) \(.gidIndexes | join(" ")) \(.addresses | length)"')" "roce0 1 1"
ok "CHECK is content" cni CHECK "$(conf_of 0 ".prevResult = $OUT")" c1 /run/netns/a net1
ok "a second rail joins, under a name of its own" attach 1 c1 a net2 '.rdma.name = "mlx_rail1"'
is "now the pod has two" "$(devices in_a)" "mlx_rail1 roce0"
in_a rdma link del roce0
ok "CHECK says when the device has gone" error 103 "roce0" cni CHECK "$(conf_of 0 ".prevResult = $(add_result=$OUT; jq -cn \
	'{cniVersion: "1.1.0", interfaces: [{name: "net1", sandbox: "/run/netns/a"}]}')")" c1 /run/netns/a net1
ok "DEL succeeds without the device" detach 0 c1 a net1
ok "and with it" detach 1 c1 a net2
ok "all is as it was" all_back
is "and the pod has none" "$(devices in_a)" ""

# A device whose port stays elsewhere survives, so that it can be seen to come back.
off_node 0
rdma link add roce0 type rxe netdev rail0
ok "a device whose port is not on the VF is refused" \
	error 104 "port 1 of RDMA device inside is not on interface net1" \
	cni ADD "$(conf_of 0 '.rdma.name = "inside"')" c1 /run/netns/a net1
is "and is on the node again, under its old name" "$(devices)" roce0
ok "with all else as it was" all_back
rdma link add inside type rxe netdev rail1
ok "so is one whose name in the pod another one has on the node" \
	error 104 "port 1 of RDMA device inside is not on interface net1" \
	cni ADD "$(conf_of 0 '.rdma.name = "inside"')" c1 /run/netns/a net1
is "it comes back, too" "$(devices)" "inside roce0"
ok "with all else as it was" all_back
rdma link del inside
rdma link del roce0
on_node 0
ok "a device that vanishes on the way fails the ADD" error 104 "RDMA device roce0" cni ADD "$(conf_of 0 '.rdma.gidTimeout = 0')" c1 /run/netns/a net1
ok "of which nothing is left" eval '! on_node 0 || all_back'
on_node 0
ok "shared mode may be asked for, in vain" error 104 "exclusive" cni ADD "$(conf_of 0 '.rdma.mode = "shared"')" c1 /run/netns/a net1
off_node 0

# Killed from where the device is first moved to the end: in, renamed, refused for its port, out, renamed back.
# (The sanitizers' finder of leaks fails a process that is traced.)
conf_of 0 '.rdma.name = "inside"' > /run/conf
wrong() { # VERB [WRAPPER...]
	local verb=$1
	shift
	ASAN_OPTIONS=detect_leaks=0 CNI_COMMAND=$verb CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/a CNI_IFNAME=net1 CNI_PATH=$BIN \
		"$@" "$BIN/rail-sriov" < /run/conf > /run/out 2> /dev/null
}
# look - what may be left, in $seen; with two processes, since it runs at every point.
look() {
	local file
	seen=$(rdma link; ip -n a link)
	for file in "/run/real/bus/pci/devices/${VF[0]}/net"/* "$STATE"/* "$STORE"/rail0/*/*=*; do seen+=" $file"; done
}
rdma link add roce0 type rxe netdev rail0
wrong ADD strace -o /run/trace
first=$(grep '^[a-z]' /run/trace | awk '/nlmsg_type=0x1402|RDMA_NLDEV_CMD_SET/ { print NR; exit }')
look
was=$seen bad='' points=0
for ((n = 2 * first - 1; n < 2000; n += 2)); do
	wrong ADD "$BUILD/tests/tools/kill-at" it 1 $n 2> /dev/null
	[ $? != 3 ] || break
	points=$((points + 1))
	wrong DEL || bad+=" $n:DEL($(< /run/out))"
	look
	[ "$seen" = "$was" ] || bad+=" $n($seen)"
done
is "killed at each of the $points system calls from the device's move on: one DEL brings it home" "${bad:0:400}" ""
ok "... which are many" test $points -gt 60
ok "after which all is as it was" all_back
off_node 0
ok "STATUS says so, too" error 50 "exclusive mode" cni STATUS "$(conf_of 0 '.rdma.mode = "shared"')" "" "" ""
pod_del a

# --- shared --------------------------------------------------------------------------------------------
wait_for 10 rdma system set netns shared
ok "the machine is in shared mode" eval 'rdma system | grep -q "netns shared"'
pod_new a
mkdir -p /run/info
ok "ADD waits for the GID in shared mode" attach 0 c1 a net1 \
	'.rdma.tos = 96 | .runtimeConfig.CNIDeviceInfoFile = "/run/info/net1.json"'
is "the device is the node's and the pod's" "$(devices) $(devices in_a)" "roce0 roce0"
is "its connections have the ToS" "$(cat /run/real/kernel/config/rdma_cm/roce0/ports/1/default_roce_tos 2> /dev/null ||
	{ mkdir /run/real/kernel/config/rdma_cm/roce0 && cat /run/real/kernel/config/rdma_cm/roce0/ports/1/default_roce_tos; })" 96
is "the device-info file tells the device" "$(jq -r '.pci["rdma-device"]' /run/info/net1.json)" roce0
is "list tells the GID" "$("$BIN/rail-sriov" list --json | jq -r '.[0].gidIndexes | join(" ")')" 1
"$BIN/rail-sriov" list | sed 's/^/# /'
ok "DEL takes all back" eval 'detach 0 c1 a net1 && all_back'
follow=follow_late
ok "a GID that does not come in time fails the ADD" error 104 "GID of 192.168.0.155 has not appeared" \
	attach 0 c1 a net1 '.rdma.gidTimeout = 200 | .announce = false'
ok "of which nothing is left" all_back
follow=follow
ok "exclusive mode may be asked for, in vain" error 104 "shared" attach 0 c1 a net1 '.rdma.mode = "exclusive"'
ok "a VF may be plugged without RDMA" attach 0 c1 a net1 '.rdma.mode = "none"'
is "then list tells of none" "$("$BIN/rail-sriov" list --json | jq -r '.[0].rdmaDevice // "none"')" none
ok "DEL takes all back" eval 'detach 0 c1 a net1 && all_back'
ok "preflight refuses a ToS that nothing protects, if asked to" error 104 "preflight" \
	attach 0 c1 a net1 '.rdma.tos = 96 | .rdma.preflight = "fail" | .mtu = 1100'

done_testing
