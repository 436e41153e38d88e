#!/bin/bash
# convert.sh - docs/migration.md: configurations of other SR-IOV plugins work after changing their type, and what
# stands there instead of a chain is understood. ADD finds no VF here, but says so only when all else is good.
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${CONVERT_SANDBOX:-}" ]; then
	user=
	[ "$(id -u)" = 0 ] || user=r
	CONVERT_SANDBOX=1 exec unshare "-${user}mn" "$0" "$@"
fi
. tests/tap.sh
mount -t tmpfs tmpfs /run || exit 1
mkdir /run/netns
ip netns add pod

bin=$(realpath "${BUILD:-build}/bin")
# add CONF - code and message of the ADD that fails.
add() {
	CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/pod CNI_IFNAME=net1 CNI_PATH="$bin" "$bin/rail-sriov" <<< "$1" |
		jq -r '"\(.code) \(.msg)"'
}
no_vf="101 no device 0000:03:02.0 on this node"
# The documentation of that plugin shows each key once.
all='{"cniVersion": "0.3.1", "name": "sriov-dpdk", "type": "rail-sriov", "deviceID": "0000:03:02.0", "mac": "CA:FE:C0:FF:EE:00",
	"vlan": 1000, "vlanQoS": 4, "vlanProto": "802.1ad", "min_tx_rate": 100, "max_tx_rate": 200, "spoofchk": "off", "trust": "on",
	"link_state": "enable", "logLevel": "debug", "logFile": "/run/sriov.log"}'
is "a configuration with every key is understood" "$(add "$all")" "$no_vf"
for key in $(jq -r 'keys[] | select(IN("cniVersion", "name", "type") | not)' <<< "$all"); do
	like "... $key among them: nonsense is refused, by its name" "$(add "$(jq -c ".$key = {}" <<< "$all")")" "^7 $key: "
done
for level in panic error warning info debug; do
	is "log level $level is one" "$(add "$(jq -c ".logLevel = \"$level\"" <<< "$all")")" "$no_vf"
done
runtime='.runtimeConfig = {mac: "CA:FE:C0:FF:EE:01", ips: ["192.168.2.230/28"], deviceID: "0000:03:02.0",
	CNIDeviceInfoFile: "/run/info"} | .deviceID = "0000:03:02.7"'
is "what the runtime says goes before the file" "$(add "$(jq -c "$runtime" <<< "$all")")" "$no_vf"
is "with the cluster's IPAM plugin, and ours instead" "$(add "$(jq -c '. + {ipam: {type: "rail-ipam", store: "/run/store",
	range: "192.168.2.225/28", exclude: ["192.168.2.229/30"], log_file: "/run/w.log"}}' <<< "$all")")" "$no_vf"
is "unknown keys are nobody's business" "$(add "$(jq -c '. + {resourceName: "x/y", nonsense: [1]}' <<< "$all")")" "$no_vf"

# What the page says to write instead of plugins of a chain.
mapfile -t instead < <(sed -n '/^## From four/,/^## From host/s/^|[^|]*|\(.*\)|$/\1/p' docs/migration.md |
	grep -oE '`"[^`]*`' | tr -d '`')
is "the page has something instead of four plugins" $((${#instead[@]} >= 4)) 1
for key in "${instead[@]}"; do
	is "instead of a chain: $key" "$(add "$(jq -c ". + {$key}" <<< "$all")")" "$no_vf"
	like "... which nonsense is not" \
		"$(add "$(jq -c ". + ({$key} | map_values(if type == \"object\" then map_values(7) else {} end))" <<< "$all")")" "^7 "
done
done_testing
