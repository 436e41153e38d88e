# shellcheck shell=bash
# cni.sh - call CNI plugins as a runtime does, and look at what they left: . "$LAB/cni.sh"

BIN=$BUILD/bin
STATE=/run/rail-cni/sriov

# cni VERB CONF CONTAINER NETNS IFNAME [ARGS] - CONF is JSON; its type names the plugin. Leaves stdout
# in $OUT; the exit status is the plugin's.
cni() {
	local plugin
	plugin=$(jq -r .type <<< "$2")
	OUT=$(env -i PATH="$PATH" CNI_COMMAND="$1" CNI_CONTAINERID="$3" CNI_NETNS="$4" CNI_IFNAME="$5" \
		CNI_ARGS="${6:-}" CNI_PATH="$BIN:/usr/lib/cni" "$BIN/$plugin" <<< "$2")
}

# conf JQ-FILTER - the configuration that most tests start from, changed by a filter.
conf() { jq -cn "$BASE | $1"; }

# of JQ-FILTER - a value of the last answer.
of() { jq -r "$1" <<< "$OUT"; }

# vf_state RAIL - all that an attachment may change, of every VF of the rail and of its PF.
vf_state() {
	local vf name
	ip -d link show "rail$1" | grep -o 'vf [0-9].*'
	for vf in /sys/class/net/rail"$1"/device/virtfn*; do
		name=$(ls "$vf/net" 2> /dev/null || echo "no interface")
		echo "$(basename "$vf") $name $(cat "$vf/net/$name/"{address,mtu,flags,ifalias} 2> /dev/null | tr '\n' ' ')"
	done
}

# state_files - what rail-sriov remembers, by file name; lock files are no memory.
state_files() { find "$STATE" -type f ! -name '.*.lock' -printf '%f\n' 2> /dev/null | sort; }
