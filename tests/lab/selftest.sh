#!/bin/bash
# lab: -n 2 -r 2 -t 900
# selftest.sh - nodes have what the lab promises.
set -eu
# shellcheck source=lib.sh
. "$LAB/lib.sh"
me=$((NODE)) other=$((3 - NODE))

# through_pf FIELD - what the PF of rail 0 says of its VF 0.
through_pf() { ip -d -j link show rail0 | jq -r ".[0].vfinfo_list[0].$1"; }
in_pod() { ip netns exec pod "$@"; }
on_server() { [ "$NODE" = 1 ]; }
fails() { ! "$@"; }

# --- virtual functions

mapfile -t vfs < <(make_vfs 0 2)
device=/sys/class/net/rail0/device
is "a rail has the virtual functions asked for" "${#vfs[@]}" 2
is "a rail's PF may have seven VFs" "$(< $device/sriov_totalvfs)" 7
is "a VF is driven by igbvf" "$(basename "$(readlink "/sys/bus/pci/devices/${vfs[0]}/driver")")" igbvf
is "a VF leads to its PF" "$(ls "/sys/bus/pci/devices/${vfs[0]}/physfn/net")" rail0
is "a PF leads to its VFs" "$(basename "$(readlink $device/virtfn1)")" "${vfs[1]}"

ok "a VF's settings are made through its PF" ip link set rail0 vf 0 mac 02:00:00:00:00:0$me \
	vlan 100 qos 3 trust on spoofchk off max_tx_rate 200
is "a PF tells a VF's MAC" "$(through_pf address)" 02:00:00:00:00:0$me
is "a PF tells a VF's VLAN" "$(through_pf 'vlan_list[0] | "\(.vlan) \(.qos)"')" "100 3"
is "a PF tells that a VF is trusted" "$(through_pf trust)" true
is "a PF tells that a VF may spoof" "$(through_pf spoofchk)" false
is "a PF tells a VF's rate" "$(through_pf rate.max_tx)" 200
ip link set rail0 vf 0 vlan 0 max_tx_rate 0

# --- pods with a VF of each rail

pod_new pod
vf=${vfs[0]}
for rail in 0 1; do
	[ $rail = 0 ] || vf=$(make_vfs 1 1)
	ip link set "$(vf_netdev "$vf")" netns pod name net$rail
	# igb passes on frames to the MAC set through the PF only once the VF has it too
	[ $rail = 1 ] || ip -n pod link set net0 address 02:00:00:00:00:0$me
	ip -n pod addr add 192.168.$rail.$me/24 dev net$rail
	ip -n pod link set net$rail up
	rxe_add pod net$rail roce$rail
done
# an address of one network, on a different rail in each pod; neither rail may answer for the other
in_pod sysctl -q net.ipv4.conf.all.arp_ignore=1
ip -n pod addr add 192.168.9.$me/24 dev net$((me - 1))
barrier pods
for rail in 0 1; do
	ok "a pod reaches the other node's on rail $rail" wait_for 30 in_pod ping -c 2 -i 0.2 -w 5 192.168.$rail.$other
done
ok "what is sent on one rail does not come out on the other" \
	fails in_pod ping -c 2 -i 0.2 -w 1 192.168.9.$other

# gid RAIL - the index of the RoCEv2 GID that is this pod's IPv4 address.
gid() {
	basename "$(grep -il "ffff:c0a8:0$1" /sys/class/infiniband/roce"$1"/ports/1/gids/*)"
}
listening() { in_pod ss -Hltn "sport = :$1" | grep -q .; }
for rail in 0 1; do
	port=$((7000 + rail))
	pingpong=(in_pod timeout 20 ibv_rc_pingpong -d "roce$rail" -g "$(gid $rail)" -n 100 -p "$port")
	if on_server; then
		"${pingpong[@]}" > /run/pingpong 2>&1 & server=$!
		wait_for 10 listening $port || true
		barrier pingpong$rail
		ok "RoCEv2 passes between the pods on rail $rail" wait $server
	else
		barrier pingpong$rail
		ok "RoCEv2 passes between the pods on rail $rail" "${pingpong[@]}" 192.168.$rail.1
	fi
done

# --- NFS

on_server && nfs_export /srv/store
for version in 3 4.2; do
	ok "NFS $version is mounted" nfs_mount $version /mnt/$version
	is "the kernel says that it is NFS $version" \
		"$(findmnt -n -o OPTIONS /mnt/$version | grep -o '\bvers=[0-9.]*')" vers=$version
done
echo "of node $me" > /mnt/3/node$me
barrier written
is "what one node wrote by NFS 3 another reads by NFS 4.2" "$(cat /mnt/4.2/node$other)" "of node $other"
ok "a file is renamed over NFS" mv /mnt/4.2/node$me "/mnt/4.2/renamed$me=by,node"
barrier renamed
is "the other node lists the new names" "$(cd /mnt/3 && echo *)" \
	"lost+found renamed1=by,node renamed2=by,node"
if ! on_server; then
	mkdir -p /mnt/3/empty /mnt/3/full/file
	ok "a directory does not replace one that is not empty" fails mv -T /mnt/3/empty /mnt/3/full
	ok "NFS requests are counted" grep -q RENAME /proc/self/mountstats
fi
barrier counted

# trouble BEGIN END - the server, or its network, is away for a while.
trouble() {
	! on_server || "$1"
	barrier "$1"
	if on_server; then
		barrier "$1.seen"
		"$2"
	else
		ok "the store does not answer after $1" fails timeout 1 touch "/mnt/3/$1"
		barrier "$1.seen"
		ok "the store answers again after $2" timeout 40 touch "/mnt/3/$2" "/mnt/4.2/$2"
	fi
	barrier "$2"
}
trouble nfs_stop nfs_start
trouble net_cut net_heal
done_testing
