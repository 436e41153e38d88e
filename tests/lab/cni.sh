# shellcheck shell=bash
# cni.sh - call CNI plugins as a runtime does, and look at what they left: . "$LAB/cni.sh"

BIN=$BUILD/bin
STATE=/run/rail-cni/sriov

# cni VERB CONF CONTAINER NETNS IFNAME [ARGS] - CONF is JSON; its type names the plugin. Leaves stdout
# in $OUT; the exit status is the plugin's.
cni() {
	local plugin
	plugin=$BIN/$(jq -r .type <<< "$2")
	[ -x "$plugin" ] || plugin=/usr/lib/cni/${plugin##*/} # one of Debian's
	OUT=$(env -i PATH="$PATH" CNI_COMMAND="$1" CNI_CONTAINERID="$3" CNI_NETNS="$4" CNI_IFNAME="$5" \
		CNI_ARGS="${6:-}" CNI_PATH="$BIN:/usr/lib/cni" "$plugin" <<< "$2")
}

# conf JQ-FILTER - the configuration that most tests start from, changed by a filter.
conf() { jq -cn "$BASE | $1"; }

# of JQ-FILTER - a value of the last answer.
of() { jq -r "$1" <<< "$OUT"; }

# all_vfs - all that an attachment may change, of every VF and its PF. (One process for all: a node that
# is emulated starts few in a second.)
all_vfs() {
	ip -j -d link show | jq -cr 'map(select(.parentdev)) | sort_by(.parentdev) | .[] |
		[.parentdev, .ifname, .altnames, .address, .mtu, .ifalias, (.flags - (.flags - ["UP", "PROMISC", "ALLMULTI"]))],
		(.vfinfo_list // [])[]'
}

# state_files - what rail-sriov remembers, by file name; lock files are no memory.
state_files() { find "$STATE" -type f ! -name '.*.lock' -printf '%f\n' 2> /dev/null | sort; }

# store_new - a lease store in $STORE, of this node alone.
STORE=/run/store
store_new() { mkdir "$STORE" && "$BIN/rail-ipam" init "$STORE" > /dev/null; }

# leases - the addresses of $STORE that somebody holds, a line each.
leases() { "$BIN/rail-ipam" list "$STORE" --json | jq -r '.. | objects | select(.state == "leased") | .address'; }

# all_back - every VF is as it was when $before was set to all_vfs, no address is held, nothing remembered.
all_back() { diff <(echo "$before") <(all_vfs) && diff /dev/null <(state_files && leases); }

# error CODE TEXT COMMAND... - it fails, with this code, and the message has the text.
error() {
	local code=$1 text=$2
	shift 2
	! "$@" || return
	[[ $(of .code) = "$code" && $(of .msg) = *"$text"* ]] || { echo "$OUT" >&2; return 1; }
}
