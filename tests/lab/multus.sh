#!/bin/bash
# lab: -n 1 -r 2 -t 300
# multus.sh - pods through a stand-in that calls as Multus does, with the networks of conf/kubernetes/: thin and
# thick, several interfaces, requested addresses, lost caches, DELs that nobody repeats. docs/multus.md tells it.
# shellcheck disable=SC2016 # jq's variables
. "$LAB/lib.sh"
. "$LAB/cni.sh"

DEVINFO=/run/k8s.cni.cncf.io/devinfo
ip link set rail0 mtu 9000
ip link set rail1 mtu 9000
mapfile -t zero < <(make_vfs 0 2)
mapfile -t one < <(make_vfs 1 2)
store_new
before=$(all_vfs)

# The host's files in the daemon's pod, as kubelet mounts them there: what is mounted on the host later comes too.
mkdir -p /run/hostroot $DEVINFO/dp
mount --make-rshared /
mount --rbind / /run/hostroot
mount --make-rslave /run/hostroot

# What the device plugin tells of a VF.
for vf in "${zero[@]}" "${one[@]}"; do
	rail=0
	[[ " ${one[*]} " != *" $vf "* ]] || rail=1
	echo "{\"type\":\"pci\",\"version\":\"1.1.0\",\"pci\":{\"pci-address\":\"$vf\"},\"vendor\":\"kept\"}" \
		> "$DEVINFO/dp/rails.cluster-rail$rail-$vf-device.json"
done
# The definitions, as they are but for the store.
nads=$(python3 -c 'import json, sys, yaml
print(json.dumps({"ns1/" + d["metadata"]["name"]: {
	"resourceName": d["metadata"]["annotations"]["k8s.v1.cni.cncf.io/resourceName"],
	"config": d["spec"]["config"].replace("/srv/rail-ipam", sys.argv[2])} for d in yaml.safe_load_all(open(sys.argv[1]))}))' \
	conf/kubernetes/networks-flat.yaml $STORE | jq -c 'map_values(.config |= (fromjson | .ipam.reuseDelay = 0 | tojson))')
POD=$(jq -cn --argjson nads "$nads" --arg bin "$BIN" --arg devinfo $DEVINFO '{mode: "thin", known: true, container: "c1",
	netns: "/run/netns/p1", cniPath: "/opt/cni/bin", networks: "rail0, rail1", nads: $nads, binDir: $bin, cniDir: "/run/multus",
	k8s: {K8S_POD_NAMESPACE: "ns1", K8S_POD_NAME: "p1", K8S_POD_INFRA_CONTAINER_ID: "c1", K8S_POD_UID: "uid-1"},
	cniArgs: "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns1;K8S_POD_NAME=p1;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=uid-1",
	devinfo: $devinfo, hostRoot: "/run/hostroot",
	devices: {"rails.cluster/rail0": ["'"${zero[1]}"'"], "rails.cluster/rail1": ["'"${one[0]}"'"]}}')

# multus add|del [FILTER] - of that pod, changed by a filter; the answer is left in $OUT.
multus() {
	jq -c "${2:-.}" <<< "$POD" > /run/pod.json
	OUT=$("$LAB/multus" "$1" /run/pod.json)
}
# refused TEXT VERB [FILTER] - it fails, and says so.
refused() {
	! multus "${@:2}" || return
	[[ $OUT = *"$1"* ]] || { echo "$OUT"; return 1; }
}
in_p1() { ip netns exec p1 "$@"; }
defaults() { { in_p1 ip -4 route show default; in_p1 ip -6 route show default; } | sed 's/ \(metric\|proto\|pref\) .*//' | sort | xargs; }
# Nothing of the pod is left: VFs, leases, records, what Multus keeps.
nothing_left() {
	all_back || return
	[ -z "$(find /run/multus $DEVINFO/cni -type f 2> /dev/null)" ]
}
# eth0 - what the cluster's own network gives p1, a default route with it.
eth0() {
	ip link add host-p1 type veth peer name eth0 netns p1
	ip link set host-p1 up
	in_p1 ip link set eth0 up
	in_p1 ip addr add 10.244.0.5/24 dev eth0
	in_p1 ip route add default via 10.244.0.1 dev eth0
}

# --- thin
pod_new p1
eth0
ok "a pod gets its networks" multus add
is "the annotation has an entry an interface, with network, address and MAC" \
	"$(of '.status[] | "\(.name) \(.interface) \(.ips | length) \(.mac | length)"')" "ns1/rail0 net1 1 17
ns1/rail1 net2 1 17"
is "... which are the pod's" "$(of '.status[] | "\(.ips[0]) \(.mac)"')" \
	"$(for i in net1 net2; do in_p1 ip -j addr show $i | jq -r '.[0] | "\(.addr_info[] | select(.family == "inet").local) \(.address)"'; done)"
is "the VFs are those that the device plugin chose" "$(of '.status[]["device-info"].pci["pci-address"]' | xargs)" "${zero[1]} ${one[0]}"
is "device-info has the PF as well, and keeps what was in it" \
	"$(of '.status[0]["device-info"] | "\(.type) \(.pci["pf-pci-address"]) \(.vendor)"')" \
	"pci $(basename "$(readlink /sys/class/net/rail0/device)") kept"
is "no rail is a gateway: the pod's default route stays that of eth0" \
	"$(of '.status[] | has("gateway")' | sort -u), $(defaults)" "false, default via 10.244.0.1 dev eth0"
is "rail-sriov list names the pod" "$("$BIN/rail-sriov" list --json | jq -r '.[].pod' | sort -u)" "ns1/p1"
ok "a pod that ends gives all of it back" eval 'multus del && nothing_left'
ok "a DEL that comes again finds nothing to do" eval 'multus del && nothing_left'

# --- what an annotation may ask for
two='.devices["rails.cluster/rail0"] = ["'"${zero[1]}"'", "'"${zero[0]}"'"]'
ok "two interfaces of one network, one of them by name" multus add "$two | .networks = \"rail0, rail0@fast\""
is "... get the resource's VFs in order, and an address each" \
	"$(of '.status[] | "\(.name) \(.interface) \(.["device-info"].pci["pci-address"])"')" "ns1/rail0 net1 ${zero[0]}
ns1/rail0 fast ${zero[1]}"
is "... which differ" "$(of '.status[].ips[0]' | sort -u | wc -l)" 2
ok "... and go together" eval 'multus del && nothing_left'
asked='.networks = [{name: "rail0", mac: "02:00:00:00:00:09", ips: ["192.168.1.77/24"]}]'
ok "a MAC and an address" multus add "$asked"
is "... are there, and in the annotation" "$(of '.status[0] | "\(.mac) \(.ips[0])"'), $(in_p1 ip -j addr show net1 |
	jq -r '.[0] | "\(.address) \(.addr_info[] | select(.family == "inet").local)"')" \
	"02:00:00:00:00:09 192.168.1.77, 02:00:00:00:00:09 192.168.1.77"
ok "... and go, though DEL is told neither in CNI_ARGS" eval 'multus del && nothing_left'
held=$(jq -c '.nads["ns1/rail0"].config | fromjson | .type = "rail-ipam"' <<< "$POD")
cni ADD "$held" other /run/netns/p1 eth9 "IP=192.168.1.77"
ok "an address that another pod has is refused by name" refused 192.168.1.77 add "$asked"
cni DEL "$held" other /run/netns/p1 eth9
ok "... and nothing is left of that" eval 'all_back && multus del "$asked" && nothing_left'
ok "cni-args ask for an address as well" eval 'multus add ".networks = [{name: \"rail0\", \"cni-args\": {ips: [\"192.168.1.78\"]}}]" &&
	[ "$(of ".status[0].ips[0]")" = 192.168.1.78 ] && multus del && nothing_left'

# --- default routes
route='.networks = [{name: "rail0", "default-route": ["192.168.1.1", "fe80::1"]}, {name: "rail1"}]'
ok "default-route in the annotation" multus add "$route"
is "... is the pod's only one" "$(defaults)" "default via 192.168.1.1 dev net1 default via fe80::1 dev net1"
is "... which Multus does not tell in the annotation" "$(of '.status[] | has("gateway")' | sort -u)" false
ok "... and DEL gets a cached result with it, and minds nothing" eval 'multus del && nothing_left'
brings='.nads["ns1/rail1"].config |= (fromjson | .ipam.routes = [{dst: "0.0.0.0/0", gw: "192.168.2.1"}] | tojson)'
ok "a network whose configuration has a default route" multus add "$brings"
is "... shows its gateway" "$(of '.status[] | "\(.interface) \(.gateway)"' | xargs), $(defaults)" \
	"net1 null net2 [192.168.2.1], default via 192.168.2.1 dev net2"
ok "... and goes" eval 'multus del && nothing_left'
ok "asked for on the other rail, Multus takes that route away" multus add "$brings | $route"
is "... and the asked one is there" "$(defaults)" "default via 192.168.1.1 dev net1 default via fe80::1 dev net1"
ok "... which DEL does not mind either" eval 'multus del && nothing_left'

# --- what goes wrong
ok "without a device the network says what is missing" refused "deviceID: missing" add '.devices = {}'
ok "... but for one that the annotation names, where the network is capable of that" eval 'multus del && multus add "
	.devices = {} | .networks = [{name: \"rail0\", deviceID: \"${zero[0]}\"}] |
	.nads[\"ns1/rail0\"].config |= (fromjson | .capabilities.deviceID = true | tojson)" &&
	[ "$(of ".status[0][\"device-info\"].pci[\"pci-address\"]")" = "${zero[0]}" ] && multus del && nothing_left'
ok "the second network fails: the first is taken back" refused 0000:99:00.0 add '.devices["rails.cluster/rail1"] = ["0000:99:00.0"]'
ok "... and the DELs that follow from Multus and from the runtime are no errors" eval 'all_back && multus del && nothing_left'
mv $DEVINFO/dp $DEVINFO/away
rm -rf $DEVINFO/cni
ok "without the device plugin's file rail-sriov writes one" eval 'multus add &&
	[ "$(of ".status[0][\"device-info\"] | \"\(.type) \(.pci[\"pci-address\"])\"")" = "pci ${zero[1]}" ] && multus del && nothing_left'
mv $DEVINFO/away $DEVINFO/dp
ok "without cniVersion a pod has its networks, and the annotation no entry" eval 'multus add "
	.nads[].config |= (fromjson | del(.cniVersion) | tojson)" && [ "$(of ".status | length")" = 0 ] &&
	in_p1 ip addr show net2 | grep -q "inet 192.168.2" && multus del && nothing_left'
multus add
rm /run/multus/c1
ok "DEL after the scratch file was lost, of a pod that has no devices any more" eval 'multus del ".devices = {}" && all_back'
rm -rf /run/multus/* $DEVINFO/cni
multus add
rm -r /run/multus/results
ok "DEL without the cached result" eval 'multus del && nothing_left'

# --- thick
thick='.mode = "thick"'
ok "thick: another environment, a chroot, no CNI_ARGS of the runtime's" multus add "$thick"
is "thick: the same answer" "$(of '.status[] | "\(.name) \(.interface) \(.ips | length)"' | xargs)" "ns1/rail0 net1 1 ns1/rail1 net2 1"
is "thick: rail-sriov list names the pod" "$("$BIN/rail-sriov" list --json | jq -r '.[].pod' | sort -u)" "ns1/p1"
mv $STORE $STORE.away
ok "thick: a DEL whose leases cannot be given back is a success all the same, and is not repeated" multus del "$thick"
mv $STORE.away $STORE
is "... the VFs are home" "$(diff <(echo "$before") <(all_vfs)) $(leases | wc -l)" " 2"
ok "... and the next pod's ADD gives back the leases that were left" eval \
	'multus add "$thick" && [ "$(leases | wc -l)" = 2 ] && multus del "$thick" && nothing_left'

# --- a pod of which nobody knows any more: its networks get no DEL at all
multus add
rm /run/multus/c1
pod_del p1
ok "no DEL for a pod that the API server has forgotten" multus del '.known = false'
wait_for 10 test -e "/sys/bus/pci/devices/${zero[1]}/net"
pod_new p2
next='.container = "c2" | .netns = "/run/netns/p2" | .k8s.K8S_POD_NAME = "p2" | .cniArgs |= sub("NAME=p1"; "NAME=p2")'
ok "the next pod that gets its VFs cleans up, and has them" multus add "$next"
is "... under its own name" "$("$BIN/rail-sriov" list --json | jq -r '.[].pod' | sort -u)" "ns1/p2"
rm -rf /run/multus/results/*-c1-* $DEVINFO/cni/*-c1_*
ok "... and leaves nothing either" eval 'multus del "$next" && nothing_left'
umount -l /run/hostroot
done_testing
