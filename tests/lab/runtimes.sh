#!/bin/bash
# lab: -n 1 -r 2 -t 900
# runtimes.sh - real runtimes use the plugins as they are: podman, containerd by its client and by CRI.
. "$LAB/lib.sh"
. "$(dirname "$0")/cni.sh"

RUNTIMES=$(realpath "$LAB/../../build/deps/runtimes")
PATH=$BIN:$RUNTIMES/usr/bin:$RUNTIMES/usr/sbin:$PATH
make_vfs 0 2 > /dev/null
make_vfs 1 2 > /dev/null
store_new
before=$(all_vfs)

mkdir -p /opt/cni/bin /etc/cni/net.d /sys/fs/cgroup
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs none /opt/cni/bin
mount -t tmpfs none /etc/cni/net.d
cp "$BIN"/rail-{sriov,ipam} /usr/lib/cni/* /opt/cni/bin

# conflist NUMBER RAIL - a file as an administrator writes it: a VF of that PF, then two of Debian's plugins.
conflist() {
	jq -n '{cniVersion: "1.0.0", name: "rail'"$2"'", plugins: [
		{type: "rail-sriov", pf: "rail'"$2"'", capabilities: {mac: true, ips: true},
		 ipam: {type: "rail-ipam", store: "'$STORE'", range: "192.168.'"$2"'.0/24", gateway: "192.168.'"$2"'.1", reuseDelay: 0}},
		{type: "tuning", sysctl: {"net.core.somaxconn": "500"}}, {type: "sbr"}]}' > "/etc/cni/net.d/$1-rail$2.conflist"
}

# The files of a container: those of this node, which all the programs to look with are in.
mkdir -p /run/rootfs /run/bin
mount --bind / /run/rootfs
seen='PATH=/usr/sbin:/usr/bin; ip -j -d addr show dev $1; ip -j rule; cat /proc/sys/net/core/somaxconn'

# told FILTER - a value of what the program in the container printed: the proof that it ran, whatever the exit status.
told() { jq -rs "$1" <<< "$TOLD"; }

# holds NAME [COMMAND] - what every pod has to have, whoever made it; and that, after COMMAND, nothing is left.
holds() {
	is "$1: the container has the VF, up" "$(told '.[0][0] | "\(.parentdev // "none") \(.flags | index("UP") != null)"' |
		sed 's/^0000:0.:1.\.[0-9]/VF/')" "VF true"
	like "$1: with an address of the store" "$(told '.[0][0].addr_info[] | select(.family == "inet").local')" '^192\.168\.'
	is "$1: the plugins behind ours did their part" "$(told '(.[1] | map(select(.src? // "" | test("^192.168"))) | length), .[2]' |
		paste -sd' ')" "1 500"
	ok "$1: and all of it is back when the container has ended${2:+, and after $2}" eval "${2:-true} && all_back"
}

# --- Debian's plugins, called in a chain as libcni does ---------------------------------------------------
# chain VERB LIST - each plugin gets the answer before as prevResult; DEL goes from the last to the first, with
# the answer of the whole ADD, which is in $RESULT.
chain() {
	local verb=$1 plugins plugin result=${RESULT:-null}
	mapfile -t plugins < <(jq -c --arg verb "$1" '{cniVersion, name} as $head |
		.plugins | if $verb == "DEL" then reverse else . end | .[] | $head + .' <<< "$2")
	[ "$verb" != ADD ] || result=null
	for plugin in "${plugins[@]}"; do
		cni "$verb" "$(jq -c --argjson r "$result" 'if $r then .prevResult = $r else . end' <<< "$plugin")" \
			c1 /run/netns/pod net1 || { echo "$plugin: $OUT"; return 1; }
		[ "$verb" != ADD ] || result=$OUT
	done
	[ "$verb" != ADD ] || RESULT=$result
}
list() { jq -cn '{cniVersion: "1.0.0", name: "chain", plugins: '"$1"'}'; }
in_pod() { ip netns exec pod "$@"; }
ours='{type: "rail-sriov", pf: "rail0", ipam: {type: "rail-ipam", store: "'$STORE'", range: "192.168.0.0/24", gateway: "192.168.0.1", reuseDelay: 0}}'
tuning='{type: "tuning", sysctl: {"net.core.somaxconn": "500"}, mtu: 1400}'
pod_new pod

all=$(list "[{type: \"ptp\", ipam: {type: \"static\", addresses: [{address: \"10.9.0.1/24\", gateway: \"10.9.0.2\"}]}}, $ours]")
ok "chain: behind a plugin that made the interface of that name ours refuses, and says whose it is" \
	eval '! chain ADD "$all" && [[ $(of .msg) == *"already has an interface net1"* ]] && chain DEL "$all" && all_back'
all=$(list "[$ours, $tuning, {type: \"sbr\"}]")
ok "chain: tuning and sbr work behind ours" chain ADD "$all"
is "chain: the MTU that tuning set, and the rule of sbr" "$(in_pod ip -j link show net1 | jq '.[].mtu') $(in_pod ip -j rule |
	jq '[.[] | select(.src == "'"$(jq -r '.ips[0].address | split("/")[0]' <<< "$RESULT")"'")] | length')" "1400 1"
ok "chain: CHECK of the whole chain passes" chain CHECK "$all"
ok "chain: DEL of the whole chain puts all back" eval 'chain DEL "$all" && all_back'
ok "chain: ... and ours again, which Debian's sbr would refuse" eval 'chain DEL "$(list "[$ours]")" && all_back'

for type in macvlan bridge; do
	other=$(list "[{type: \"$type\", master: \"mgmt\", bridge: \"br-test\", $(sed 's/.*\(ipam: .*\)}$/\1/' <<< "$ours")}]")
	RESULT=
	ok "rail-ipam gives Debian's $type its address" eval 'chain ADD "$other" && [ "$(leases)/24" = "$(of ".ips[0].address")" ]'
	ok "... which CHECK finds, and DEL returns" eval 'chain CHECK "$other" && chain DEL "$other" && [ -z "$(leases)" ]'
done
ip link del br-test
for ipam in 'type: "host-local", subnet: "192.168.0.0/24", dataDir: "/run/leases"' \
	'type: "static", addresses: [{address: "192.168.0.2/24", gateway: "192.168.0.1"}]'; do
	other=$(list "[{type: \"rail-sriov\", pf: \"rail0\", ipam: {$ipam}}]")
	RESULT=
	ok "Debian's ${ipam:6:12} gives ours an address" eval 'chain ADD "$other" && [ "$(of ".ips[0].address")" = 192.168.0.2/24 ]'
	ok "... which CHECK finds, and DEL returns" eval 'chain CHECK "$other" && chain DEL "$other" && all_back'
done
pod_del pod

# --- podman --------------------------------------------------------------------------------------------
podman_run() {
	CONTAINERS_CONF=/run/containers.conf timeout 120 podman --root /run/podman --runroot /run/podman.run \
		--storage-driver vfs --cgroup-manager cgroupfs run --rm --cgroups disabled --log-driver none "$@"
}
conflist 10 0
conflist 20 1
cat > /run/containers.conf << 'END'
[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin"]
network_config_dir = "/etc/cni/net.d"
[engine]
events_logger = "file"
runtime = "crun"
END
if podman --version | grep -q ' 4\.'; then
	TOLD=$(podman_run --network rail0:interface_name=net1,mac=02:00:00:00:00:09,ip=192.168.0.77 \
		--rootfs /run/rootfs /bin/sh -c "$seen" - net1 2> /run/lab/podman.log)
	is "podman: the MAC and the address asked for are given" \
		"$(told '.[0][0] | "\(.address) \(.addr_info[] | select(.family == "inet").local)"')" "02:00:00:00:00:09 192.168.0.77"
	holds podman
	TOLD=$(podman_run --network rail0:interface_name=net0 --network rail1:interface_name=net1 \
		--rootfs /run/rootfs ip -j -d link)
	is "podman: two networks are two VFs" "$(told '[.[][] | .parentdev // empty] | length')" 2
	ok "podman: ... and both are back" all_back
	fails() { ! podman_run --network rail0:interface_name=net1,ip=10.0.0.1 --rootfs /run/rootfs true; }
	ok "podman: an address that is not of the pool fails the container, and nothing is left" eval 'fails && all_back'
else
	skip "podman: a container gets a VF" "$(podman --version) knows no CNI"
fi

# --- containerd ------------------------------------------------------------------------------------------
# Its state in memory: the node's own root cannot hold an overlay.
cat > /run/containerd.toml << 'END'
version = 2
root = "/run/containerd/root"
state = "/run/containerd/state"
[grpc]
address = "/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
default_runtime_name = "runc"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
END
rm /etc/cni/net.d/20-rail1.conflist # containerd takes the first file, and then looks no further
containerd -c /run/containerd.toml > /run/lab/containerd.log 2>&1 &
CTR() { timeout 120 ctr -a /run/containerd.sock "$@"; }
wait_for 90 CTR version > /dev/null

TOLD=$(CTR run --rm --cni --rootfs /run/rootfs c1 /bin/sh -c "$seen" - eth0 2> /run/lab/ctr.log)
# ctr says DEL when the namespace has gone, and gives none. Debian's sbr then fails, and libcni stops there: ours
# is never called. (kubelet, by CRI, deletes while the namespace is there.)
holds "containerd" "rail-sriov repair"

# An image of one file, as registries have them.
mkdir -p /run/image/rootfs
cp "$BUILD/tests/tools/pause" /run/image/rootfs/pause
umoci init --layout /run/oci && umoci new --image /run/oci:1 &&
	umoci insert --image /run/oci:1 /run/image/rootfs/pause /pause &&
	umoci config --image /run/oci:1 --config.entrypoint /pause
tar -C /run/oci -cf /run/pause.tar .
CTR -n k8s.io images import --base-name localhost/pause /run/pause.tar > /dev/null
CRI() { "$LAB/cri.py" /run/containerd.sock "$@"; }
ok "CRI: containerd is ready, the network with it" wait_for 60 eval "CRI conditions | grep -q '^NetworkReady True'"
id=$(CRI run pod1)
is "CRI: a pod has the address of its lease" "$(CRI ips "$id" | head -n 1)" "$(leases)"
is "CRI: rail-sriov knows the pod by name" "$("$BIN/rail-sriov" list --json | jq -r '.. | .pod? // empty' | head -n 1)" default/pod1
CRI stop "$id"
ok "CRI: and all of it is back when kubelet has removed it" all_back
jq '.plugins[0].ipam.range = "192.168.9.0/30" | .plugins[0].ipam.gateway = "192.168.9.1" | .plugins[0].ipam.pool = "tiny"' \
	/etc/cni/net.d/10-rail0.conflist > /run/tiny && cat /run/tiny > /etc/cni/net.d/10-rail0.conflist
sleep 1
id=$(CRI run pod2)
like "CRI: the second pod of a pool of one hears why there is no address" "$(CRI run pod3 2>&1)" 'pool tiny'
CRI stop "$id"
ok "CRI: nothing is left of either" all_back
done_testing
