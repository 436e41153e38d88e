#!/bin/bash
# ipam.sh - a thousand nodes at once on one store: does everybody get an address of his own, and how fast?
#
# First 1,000 nodes with 8 interfaces each, in 8 pools of a /22, which 98 % of the addresses go to; then
# 250 nodes in a /16 that is 10, 50, 90 and 99 % full. A node is a process with a /run, a boot and a
# name of its own. The store is a local one, in memory: ipam-nfs.sh counts what NFS would have to do.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/../ipam/lib.sh"
NODES=${NODES-1000}
at_once=$((8 * $(nproc)))

# node.sh N POOL... - node N takes an address in each pool: "POOL ADDRESS MICROSECONDS" a line.
cat > "$tmp/node.sh" << 'END'
n=$1
shift
mkdir -p "$TMP/nodes/$n/netns"
mount --bind "$TMP/nodes/$n" /run
printf '%08x-0000-0000-0000-000000000000\n' "$n" > "/run/boot"
mount --bind /run/boot /proc/sys/kernel/random/boot_id
: > /run/netns/c
for pool in "$@"; do
	start=${EPOCHREALTIME/./}
	out=$(CNI_COMMAND=ADD CNI_CONTAINERID=c$n CNI_IFNAME=net1 CNI_NETNS=/run/netns/c CNI_PATH=/nowhere rail-ipam 2>&1 << JSON
{"cniVersion":"1.1.0","name":"$pool","ipam":{"type":"rail-ipam","store":"$STORE","range":"$RANGE","nodeName":"node$n","deadline":60}}
JSON
	)
	ip=${out#*\"address\":\"}
	case $out in
	*'"ips"'*) echo "$pool ${ip%%/*} $((${EPOCHREALTIME/./} - start))" ;;
	*) echo "$pool failed $out" ;;
	esac
done
END

# at_work RANGE POOL... - all nodes at once; what they got is in $tmp/got.
at_work() {
	local start=${EPOCHREALTIME/./} range=$1
	shift
	rm -rf "$tmp/nodes"
	seq "$NODES" | TMP=$tmp STORE=$store RANGE=$range xargs -P "$at_once" -I {} \
		unshare -m --propagation private "$BASH" "$tmp/node.sh" {} "$@" > "$tmp/got"
	took=$((${EPOCHREALTIME/./} - start))
}

# tell WHAT - "# WHAT: 8000 ADDs, 1234 a second, median 3.2 ms, ..."
tell() {
	grep -v failed "$tmp/got" | sort -k3n | awk -v what="$1" -v took="$took" '{ t[NR] = $3 } END {
		printf "# %s: %d ADDs, %d a second; median %.1f ms, 99 %% within %.1f ms\n", what, NR,
			NR * 1e6 / took, t[int((NR + 1) / 2)] / 1000, t[int(NR * 0.99)] / 1000 }'
}
duplicates() { cut -d' ' -f1,2 "$tmp/got" | sort | uniq -d | wc -l; }
failed() { grep -c failed "$tmp/got"; }

at_work 10.1.0.0/22 rail0 rail1 rail2 rail3 rail4 rail5 rail6 rail7
tell "$NODES nodes, 8 interfaces each, pools of a /22 from empty to 98 %"
is "everybody gets 8 addresses" "$(failed) failed, $(wc -l < "$tmp/got") in all" "0 failed, $((8 * NODES)) in all"
is "... which nobody else has" "$(duplicates)" 0
ok "... and every address has its file" rail-ipam fsck "$store"
rm -rf "${store:?}"/rail*

NODES=$((NODES / 4))
for percent in 10 50 90 99; do
	pool-fill "$store/wide" 256 $percent
	at_work 10.1.0.0/16 wide
	free=$(find "$store/wide" -name '10.1.*' ! -name '*=*' ! -name '*-24' | wc -l)
	tell "$NODES nodes in a /16 that is $percent % full"
	is "$percent %: everybody gets an address as long as there are any" \
		"$(($(grep -vc failed "$tmp/got") == NODES || free == 0))" 1
	is "$percent %: ... which nobody else has" "$(grep -v failed "$tmp/got" | cut -d' ' -f2 | sort | uniq -d | wc -l)" 0
	rm -rf "$store/wide"
done
done_testing
