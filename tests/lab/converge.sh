#!/bin/bash
# lab: -n 1 -r 4 -t 900
# converge.sh - rail-sriov when nothing comes in the right order: every VF comes home, every address is free.
. "$LAB/lib.sh"
. "$LAB/cni.sh"

mapfile -t vfs < <(for r in 0 1 2 3; do make_vfs $r 5; done)
store_new
vf=${vfs[1]}
BASE='{cniVersion: "1.1.0", name: "net", type: "rail-sriov", deviceID: "'$vf'",
       ipam: {type: "rail-ipam", store: "'$STORE'", range: "192.168.0.0/24", reuseDelay: 0}}'
before=$(all_vfs)

in_pod() { ip netns exec "$@"; }
# add CONTAINER POD IFNAME [FILTER], del and check likewise.
add() { cni ADD "$(conf "${4:-.}")" "$1" "/run/netns/$2" "$3"; }
del() { cni DEL "$(conf "${4:-.}")" "$1" "/run/netns/$2" "$3"; }
run() { cni "$1" "$(conf "${2:-.}")" "" "" ""; }
at_home() { [ -e "/sys/bus/pci/devices/$vf/net" ]; }

# --- the namespace goes first --------------------------------------------------------------------------
pod_new a
add c1 a net1 '.mtu = 1400 | .mac = "02:00:00:00:00:11" | .vlan = 5'
pod_del a
ok "DEL right behind the end of the namespace waits for the VF and mends it" eval 'del c1 a net1 && all_back'

pod_new a
add c1 a net1
ip netns exec a sleep 300 &
sleeper=$!
umount /run/netns/a && rm /run/netns/a
ok "a namespace without a path is found through a process that is still in it" eval 'del c1 a net1 && all_back'
kill $sleeper
wait $sleeper 2> /dev/null

pod_new a
add c1 a net1
umount /run/netns/a && echo plain > /run/netns/a
ok "a plain file where the namespace was is no obstacle to DEL" eval 'del c1 a net1 && all_back'
rm /run/netns/a

pod_new a
add c1 a net1
exec {held}< /run/netns/a
umount -l /run/netns/a && rm /run/netns/a
ok "a namespace that only a descriptor holds is told, and DEL is to be tried again" \
	error 11 "cannot be reached" del c1 a net1
exec {held}<&-
ok "which then works" eval 'del c1 a net1 && all_back'
ok "DEL with an empty CNI_NETNS works" eval 'pod_new a && add c1 a net1 && cni DEL "$(conf .)" c1 "" net1 && all_back'

# --- a late DEL ----------------------------------------------------------------------------------------
pod_new b
add c1 a net1
pod_del a
ok "an ADD takes a VF over whose container ended without DEL" add c2 b net1
ok "the late DEL of the first container succeeds" del c1 a net1
is "and leaves the VF to the second" "$(in_pod b ip -j -d link show net1 | jq -r '.[0].parentdev')" "$vf"
is "with its address" "$(leases | wc -l)" 1
ok "as CHECK says" cni CHECK "$(conf '.prevResult = {cniVersion: "1.1.0",
	interfaces: [{name: "net1", sandbox: "/run/netns/b"}]}')" c2 /run/netns/b net1
ok "DEL of the second puts all back" eval 'del c2 b net1 && all_back'

# --- what the kernel does meanwhile --------------------------------------------------------------------
pod_new a
add c1 a net1 '.vlan = 7'
echo 0 > /sys/class/net/rail0/device/sriov_numvfs
ok "DEL succeeds when the PF has no VFs any more" del c1 a net1
is "and its address is free" "$(state_files)$(leases)" ""
make_vfs 0 5 > /dev/null
before=$(all_vfs)

add c1 a net1 '.vlan = 7'
echo 1 > /sys/class/net/rail0/device/reset
wait_for 10 eval 'ip link set rail0 up' || true
ok "DEL after a reset of the PF puts back what the PF has kept" eval 'del c1 a net1 && ! ip link show rail0 | grep "vf 1 .*vlan"'
is "and its address is free" "$(state_files)$(leases)" ""
make_vfs 0 5 > /dev/null
before=$(all_vfs)

# --- names ---------------------------------------------------------------------------------------------
name=$(vf_netdev "$vf")
ip link property add dev "$name" altname enp1s0f0v1
ip link property add dev "$name" altname second
before=$(all_vfs)
alts() { ip -j link show "$(vf_netdev "$vf")" | jq -r '.[0].altnames | join(" ")'; }
add c1 a net1
in_pod a ip link property add dev net1 altname of-the-pod
ok "alternative names of the node come back, one of the pod does not" \
	eval 'del c1 a net1 && [ "$(alts)" = "enp1s0f0v1 second" ] && all_back'
add c1 a net1
in_pod a ip link property add dev net1 altname rail0
for i in {1..15}; do in_pod a ip link property add dev net1 altname "of-the-pod-$(printf '%080d' "$i")"; done
in_pod a ip link property add dev net1 altname $'\xff'
ok "nor do those that a pod has chosen to be in the way, to be odd, or to be many" \
	eval 'del c1 a net1 && [ "$(alts)" = "enp1s0f0v1 second" ] && all_back'
ip link property del dev "$name" altname enp1s0f0v1
ip link property del dev "$name" altname second
before=$(all_vfs)

ip link add "$name-x" type dummy
pod_new c
add c1 c net1
ip link set "$name-x" name "$name"
ok "when the VF's name is taken, it comes home under another" eval 'del c1 c net1 && at_home && [ -z "$(state_files)$(leases)" ]'
ip link del "$name"
ip link set "$(vf_netdev "$vf")" name "$name"
ok "otherwise as it was" all_back

# As udev would: whatever appears on the node is renamed at once, and back.
rename_all() {
	local n=0 dev
	while [ ! -e /run/stop ] && ((n++ < 2000)); do
		dev=$(vf_netdev "$vf" 2> /dev/null) || continue
		ip link set "$dev" name "race$n" 2> /dev/null
	done
}
rename_all &
renamer=$!
bad=
for i in 1 2 3 4 5 6; do
	add c1 a net1 || bad+=" ADD $i: $OUT"
	[ "$(in_pod a ip -j -d link show net1 | jq -r '.[0].parentdev')" = "$vf" ] || bad+=" $i: not in the pod"
	del c1 a net1 || bad+=" DEL $i: $OUT"
done
touch /run/stop
wait $renamer
is "interfaces that are renamed all the time get into the pod and home" "$bad" ""
ip link set "$(vf_netdev "$vf")" name "$name"
ok "with everything else as it was" all_back

# --- a VF for user space ---------------------------------------------------------------------------------
drive() { # DRIVER
	local device=/sys/bus/pci/devices/$vf
	echo "$1" > "$device/driver_override"
	echo "$vf" > "$device/driver/unbind"
	echo "$vf" > /sys/bus/pci/drivers_probe
}
modprobe uio_pci_generic # vfio-pci wants an IOMMU, which this machine has not; we take both alike
drive uio_pci_generic
# igbvf chooses a new address whenever it is bound.
pf_of_all() { ip -d link show rail0 | grep " vf "; }
pf_before=$(pf_of_all)
vfio_vlan() { ip -d link show rail0 | grep "vf 1 " | grep -o "vlan [0-9]*"; }
ok "a VF bound to a driver of user space gets its settings and an address" add c1 a net1 '.vlan = 9'
is "through the PF" "$(vfio_vlan)" "vlan 9"
is "and stays out of the pod" "$(of '.interfaces[0] | "\(.name) \(.pciID)"') $(in_pod a ip -j link | jq length)" "net1 $vf 1"
ok "another container is refused" error 101 "is held by container c1" add c2 b net1
pod_del a
ok "but may have it when the first has gone" add c2 b net1
ok "whose late DEL changes nothing" eval 'del c1 a net1 && [ "$(leases | wc -l)" = 1 ]'
del c2 b net1
is "in the end the PF holds for it what it held before" "$(pf_of_all)$(state_files)$(leases)" "$pf_before"
drive igbvf
wait_for 10 at_home
before=$(all_vfs)
pod_new a

# --- many at once --------------------------------------------------------------------------------------
for i in {1..20}; do pod_new p$i; done
plug() { # VERB I
	cni "$1" "$(conf "del(.deviceID) | .pf = \"rail$(($2 % 4))\"")" "c$2" "/run/netns/p$2" net1 ||
		echo "$1 $2: $OUT" >> /run/failed
}
: > /run/failed
for i in {1..20}; do plug ADD "$i" & done 2> /dev/null
wait
is "20 ADDs at once all succeed" "$(< /run/failed)" ""
is "each pod has a VF of its own" "$(for i in {1..20}; do ip -n p$i -j -d link show net1 | jq -r '.[0].parentdev'; done | sort -u | wc -l)" 20
is "and an address of its own" "$(leases | sort -u | wc -l)" 20
is "list knows them" "$("$BIN/rail-sriov" list --json | jq -r '[.[] | select(.state == "ok")] | length')" 20
"$BIN/rail-sriov" list | sed -n '1,4s/^/# /p'
for i in {1..20}; do plug DEL "$i" & done 2> /dev/null
wait
is "20 DELs at once all succeed" "$(< /run/failed)" ""
ok "and every VF is as it was" all_back

# --- GC, repair ----------------------------------------------------------------------------------------
gc() { run GC ".name = \"$1\" | .[\"cni.dev/valid-attachments\"] = $2"; }
plug ADD 1
plug ADD 2
cni ADD "$(conf '.name = "other" | .deviceID = "'"${vfs[9]}"'"')" c3 /run/netns/p3 net1
ok "GC that is not told what is valid is refused" error 7 "cni.dev/valid-attachments" run GC
is "and has touched nothing" "$(state_files | wc -l)" 3
ok "GC undoes what is not valid any more" gc net '[{containerID: "c2", ifname: "net1"}]'
is "and nothing else, of this network or another" "$(state_files | cut -d, -f2 | sort | tr '\n' ' ')" "c2 c3 "
ok "GC with nothing valid undoes the rest of its network" gc net null
ok "GC of the other network, too" eval 'gc other "[]" && all_back'

plug ADD 1
plug ADD 2
pod_del p1
is "repair tells what it would do" "$("$BIN/rail-sriov" repair --dry-run --json | jq -r '.[] | "\(.container) \(.outcome)"')" \
	"c1 would be undone"
ok "doctor warns" eval '"$BIN/rail-sriov" doctor | grep "1 of 2 belong to containers that have ended"'
ok "repair undoes what an ended container left" "$BIN/rail-sriov" repair
is "and nothing else" "$(state_files | cut -d, -f2)" c2
plug DEL 2
ok "after which all is as it was" all_back

# --- STATUS, doctor ------------------------------------------------------------------------------------
by_pf='del(.deviceID) | .pf = "rail0"'
ok "STATUS is content with a PF that has VFs" run STATUS "$by_pf"
ok "and with a device plugin that has yet to choose" run STATUS 'del(.deviceID)'
ok "it says when there is no such PF" error 50 "no interface rail9" run STATUS 'del(.deviceID) | .pf = "rail9"'
ok "when the RDMA mode is another" error 50 "rdma.mode" run STATUS "$by_pf | .rdma.mode = \"exclusive\""
ok "what the IPAM plugin says" error 50 "no store" run STATUS "$by_pf | .ipam.store = \"/run/netns\""
echo 0 > /sys/class/net/rail0/device/sriov_numvfs
ok "and when the PF has no VFs" error 50 "PF rail0 (0000:01:00.0) has no VFs" run STATUS "$by_pf"
jq -n '{cniVersion: "1.1.0", name: "net", plugins: [{type: "rail-sriov", pf: "rail0"}]}' > /run/conf.json
ok "doctor says so, too, and fails" eval '! "$BIN/rail-sriov" doctor /run/conf.json > /run/said && grep -q "net VFs *FAILED" /run/said'
sed 's/^/# /' /run/said
mount -t tmpfs -o ro tmpfs /run/rail-cni/sriov
ok "a state directory that cannot be written is told" error 50 "Read-only file system" run STATUS 'del(.deviceID)'
umount /run/rail-cni/sriov

done_testing
