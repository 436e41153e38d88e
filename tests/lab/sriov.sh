#!/bin/bash
# lab: -n 1 -r 1 -t 900
# sriov.sh - rail-sriov on real VFs: what a pod gets, and that all of it is taken back.
. "$LAB/lib.sh"
. "$(dirname "$0")/cni.sh"

mapfile -t vfs < <(make_vfs 0 4)
ip link set rail0 mtu 9000
pod_new pod
POD=/run/netns/pod
store_new
BASE='{cniVersion: "1.1.0", name: "net", type: "rail-sriov", deviceID: "'${vfs[1]}'",
       ipam: {type: "rail-ipam", store: "'$STORE'", range: "192.168.0.0/24", gateway: "192.168.0.1",
              reuseDelay: 0}}'
before=$(all_vfs)

in_pod() { ip netns exec pod "$@"; }
pod_link() { in_pod ip -j -d link show net1 | jq -r ".[0] | $1"; }
pf_of() { ip -d link show rail0 | grep "vf $1 "; }
add() { cni ADD "$(conf "${1:-.}")" c1 $POD net1; }
# shellcheck disable=SC2120 # eval passes one
del() { cni DEL "$(conf "${1:-.}")" c1 $POD net1; }
check() { cni CHECK "$(conf "${1:-.}" | jq -c --argjson r "$RESULT" '.prevResult = $r')" c1 $POD net1; }

# --- what a pod gets ---------------------------------------------------------------------------------
ok "ADD succeeds" add
ok "a repeated ADD starts anew" add
RESULT=$OUT
is "it gives the interface its name" "$(of '.interfaces[0].name')" net1
is "the VF is in the pod under the name asked for" "$(pod_link .parentdev)" "${vfs[1]}"
is "it is up" "$(pod_link '.flags | index("UP") != null')" true
is "the result tells its MAC" "$(of '.interfaces[0].mac')" "$(pod_link .address)"
is "it has the address of the result" \
	"$(in_pod ip -j addr show net1 | jq -r '.[0].addr_info[] | select(.family == "inet") | "\(.local)/\(.prefixlen)"')" \
	"$(of '.ips[0].address')"
ok "CHECK finds all as it was made" check
in_pod ip addr flush dev net1
ok "CHECK names an address that is gone" error 103 "is not on net1 any more" check
ok "DEL succeeds" del
ok "VF, address and state are as before" all_back
ok "DEL again is no error" del
ok "Debian's host-local gives an address just as well" eval 'add ".cniVersion = \"1.0.0\" | .ipam = {
	type: \"host-local\", subnet: \"192.168.7.0/24\", dataDir: \"/run/leases\"}" &&
	[ "$(of ".ips[0].address")" = 192.168.7.2/24 ] && del ".cniVersion = \"1.0.0\" | .ipam = {
	type: \"host-local\", subnet: \"192.168.7.0/24\", dataDir: \"/run/leases\"}" &&
	all_back && [ -z "$(find /run/leases -name "192.*")" ]'

# --- the answer, in every version of CNI -----------------------------------------------------------------
# shape VERSION JQ-FILTER - what ADD prints has this version, and the filter holds for it.
shape() { add ".cniVersion = \"$1\"" && jq -e ".cniVersion == \"$1\" and ($2)" <<< "$OUT"; }
for v in 0.1.0 0.2.0; do
	ok "the answer in version $v has one address a family" shape $v \
		'(.ip4.ip | test("^192.168.0.[0-9]+/24$")) and .ip4.gateway == "192.168.0.1" and ((has("interfaces") or has("ips")) | not)'
done
for v in 0.3.0 0.3.1 0.4.0; do
	ok "the answer in version $v tells the family of an address" shape $v \
		'.ips[0] | .version == "4" and .interface == 0'
done
ok "the answer in version 1.0.0 does not" shape 1.0.0 '(.ips[0] | has("version") | not) and .ips[0].interface == 0'
ok "the answer in version 1.1.0 has the MTU and the PCI address" shape 1.1.0 \
	'.interfaces[0] | .mtu == 1500 and .pciID == "'"${vfs[1]}"'"'
ok "a version that nobody knows is refused" error 1 "1.9.0" add '.cniVersion = "1.9.0"'
ok "DEL succeeds" eval 'del && all_back'

# --- every setting, and back -------------------------------------------------------------------------
all='.vlan = 100 | .vlanQoS = 3 | .mac = "02:00:00:00:00:09" | .spoofchk = "off" | .trust = "on" |
     .max_tx_rate = 100 | .mtu = 4200 | .routes = [{dst: "10.0.0.0/8", gw: "192.168.0.1"}]'
ok "ADD with every setting succeeds" add "$all"
RESULT=$OUT
is "the PF holds every setting for the VF" "$(pf_of 1 | tr -s ' ')" \
	" vf 1 link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff, vlan 100, qos 3, tx rate 100 (Mbps), max_tx_rate 100Mbps, spoof checking off, link-state auto, trust on"
is "the VF bears the MAC itself" "$(pod_link .address)" 02:00:00:00:00:09
is "and the MTU" "$(pod_link .mtu)" 4200
is "the static route leads over it" "$(in_pod ip route get 10.1.2.3 | head -1 | tr -s ' ' | cut -d' ' -f1-5)" \
	"10.1.2.3 via 192.168.0.1 dev net1"
ok "CHECK finds all as it was made" check "$all"
ip link set rail0 vf 1 vlan 101
ok "CHECK names a setting that has changed" error 103 "vlan of VF" check "$all"
ok "DEL succeeds" del "$all"
ok "every setting is put back" all_back
ok "a MAC is set and taken back on a VF that is not trusted" eval 'add ".mac = \"02:00:00:00:00:07\"" &&
	[ "$(pod_link .address)" = 02:00:00:00:00:07 ] && pf_of 1 | grep -q "trust off" && del && all_back'

# --- what cannot be ----------------------------------------------------------------------------------
ok "a setting that the driver refuses is named" error 100 "set link_state of VF 1" add '.link_state = "enable"'
ok "and nothing of that ADD is left" all_back
ok "an MTU above the PF's is refused with both" error 7 "mtu: 9001 is more than the 9000" add '.mtu = 9001'
ok "a VF that is none is refused" error 101 "no device 0000:99:00.0" add '.deviceID = "0000:99:00.0"'
pf=$(basename "$(readlink /sys/class/net/rail0/device)")
ok "a PF is no VF" error 101 "is a physical function" add ".deviceID = \"$pf\""
ok "a namespace that is none is refused" error 8 "/etc/passwd is not a network namespace" \
	cni ADD "$(conf .)" c1 /etc/passwd net1
ok "the node's own namespace is refused" error 8 "the node's own" cni ADD "$(conf .)" c1 /proc/1/ns/net net1
in_pod ip link add net1 type veth peer name other
ok "a name that is taken in the pod is refused" error 7 "already has an interface net1" add
ok "and the interface that has it is left alone" in_pod ip link show net1
in_pod ip link del net1
small='.ipam.pool = "small" | .ipam.range = "192.168.9.0/30" | .ipam.gateway = "192.168.9.1"'
cni ADD "$(conf "$small | .type = \"rail-ipam\"")" c9 $POD net9
ok "a full pool fails the ADD with the IPAM plugin's words" error 102 "IPAM plugin rail-ipam: pool small" add "$small"
cni DEL "$(conf "$small | .type = \"rail-ipam\"")" c9 $POD net9
ok "after all of that everything is as before" all_back

# --- one VF, several who want it ---------------------------------------------------------------------
pod_new other
add
ok "a VF that a pod holds is refused to another, saying who has it" error 101 "is held by container c1 as net1" \
	cni ADD "$(conf .)" c2 /run/netns/other net1
by_pf='del(.deviceID) | .pf = "rail0"'
for i in 2 3 4; do cni ADD "$(conf "$by_pf")" c$i /run/netns/other net$i & done
wait
is "a PF's free VFs go to whom asks, each to one" \
	"$(ip -n other -j -d link | jq -r '.[].parentdev | select(. != null)' | sort -u | wc -l)" 3
ok "a PF without a free VF says so" error 101 "PF rail0 has no free VF: all 4" \
	cni ADD "$(conf "$by_pf")" c5 /run/netns/other net5
cni ADD "$(conf .)" c2 /run/netns/other net1 || true
for i in 2 3 4; do cni DEL "$(conf "$by_pf")" c$i /run/netns/other net$i; done
ok "DEL needs no deviceID" eval 'del "del(.deviceID)" && all_back'

# --- whatever has gone meanwhile ---------------------------------------------------------------------
add "$all"
pod_del pod
ok "DEL mends a VF that came back because its namespace ended" eval 'del "$all" && all_back'
pod_new pod
add
echo 0 > /sys/class/net/rail0/device/sriov_numvfs
ok "DEL succeeds when the VF itself is gone" del
ok "and its address is free" eval '[ -z "$(state_files)$(leases)" ]'
make_vfs 0 4 > /dev/null
before=$(all_vfs)
add
rm "$STATE"/0000*
ok "DEL brings the VF home even when its state was lost" del
ok "and it is on the node again" test -e "/sys/bus/pci/devices/${vfs[1]}/net"
ip link set "$(vf_netdev "${vfs[1]}")" name eth1
ok "with everything else as before" all_back
pod_new gone
cni ADD "$(conf "$all")" dead /run/netns/gone net1
pod_del gone
wait_for 5 test -e "/sys/bus/pci/devices/${vfs[1]}/net"
ok "an ADD cleans up after a container that ended without DEL" eval 'add && del && all_back'

# --- what it costs --------------------------------------------------------------------------------------
# cost VERB FILTER - "SYSTEM-CALLS NETLINK-REQUESTS MOVES", of rail-sriov alone.
cost() {
	CNI_COMMAND=$1 CNI_CONTAINERID=c1 CNI_NETNS=$POD CNI_IFNAME=net1 CNI_PATH=$BIN \
		strace -o /run/trace "$BIN/rail-sriov" <<< "$(conf "$2")" > /dev/null 2>&1
	echo "$(grep -c '^[a-z]' /run/trace) $(grep -c '^sendto.*nlmsg' /run/trace) $(grep -c 'RTM_NEWLINK.*IFLA_NET_NS_FD' /run/trace)"
}
if [[ $BUILD == */san ]]; then
	skip "what an ADD and a DEL cost" "sanitizers make system calls of their own"
	done_testing
fi
del
for filter in . "$all" "$all | .rail.sourceRouting = true"; do
	read -r calls requests moves <<< "$(cost ADD "$filter")"
	echo "# ADD of ${filter:0:12}: $calls system calls, $requests netlink requests"
	is "an ADD moves the interface once" "$moves" 1
	ok "with at most 240 system calls and 30 netlink requests" test "$calls" -le 240 -a "$requests" -le 30
	cp /run/trace "/run/lab/add.$((++traced))"
	read -r calls requests moves <<< "$(cost DEL "$filter")"
	echo "# DEL: $calls system calls, $requests netlink requests"
	cp /run/trace "/run/lab/del.$traced"
	ok "a DEL does with at most 220 and 20" test "$calls" -le 220 -a "$requests" -le 20
done

done_testing
