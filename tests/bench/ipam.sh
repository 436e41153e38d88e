#!/bin/bash
# ipam.sh - a thousand nodes at once on one store: does everybody get addresses of his own, and at what cost?
#
# First 1,000 nodes take an address in each of 8 pools of a /22, 98 % of which they need. Then 1,000 nodes with
# 8 interfaces each come at once to a pool of a /22 to /16 that is 10, 50, 90 and 99 % full of others' leases;
# a node that gets no address asks no more. A node is a process with a /run, a boot and a name of its own.
# The store is a local one, in memory: what is asserted are the calls on it, which do not depend on the
# machine. ipam-nfs.sh counts what a server would have to do.
#
#   NODES=100 SIZES="22-4 16-256" tests/bench/ipam.sh      a smaller one: prefix length - shards of 256
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/../ipam/lib.sh"
NODES=${NODES-1000}
INTERFACES=8
SAMPLE=20 # ADDs of which the calls are counted
at_once=$((8 * $(nproc)))

# node.sh N POOL/IFNAME... - node N takes addresses: "POOL ADDRESS MICROSECONDS" a line.
cat > "$tmp/node.sh" << 'END'
n=$1
shift
mkdir -p "$TMP/nodes/$n/netns"
mount --bind "$TMP/nodes/$n" /run
printf '%08x-0000-0000-0000-000000000000\n' "$n" > "/run/boot"
mount --bind /run/boot /proc/sys/kernel/random/boot_id
: > /run/netns/c
for one in "$@"; do
	pool=${one%/*} start=${EPOCHREALTIME/./}
	CNI_COMMAND=ADD CNI_CONTAINERID=c$n CNI_IFNAME=${one#*/} CNI_NETNS=/run/netns/c CNI_PATH=/nowhere \
		rail-ipam > /run/out 2>&1 << JSON
{"cniVersion":"1.1.0","name":"$pool","ipam":{"type":"rail-ipam","store":"$STORE","range":"$RANGE","nodeName":"node$n","deadline":300}}
JSON
	read -r out < /run/out
	took=$((${EPOCHREALTIME/./} - start)) ip=${out#*\"address\":\"}
	case $out in
	*'"ips"'*) echo "$pool ${ip%%/*} $took" ;;
	*) echo "$pool failed $out" && break ;;
	esac
done
END

# at_work RANGE POOL/IFNAME... - all nodes at once; what they got is in $tmp/got.
at_work() {
	local start=${EPOCHREALTIME/./} range=$1
	shift
	rm -rf "$tmp/nodes"
	seq "$NODES" | TMP=$tmp STORE=$store RANGE=$range xargs -P "$at_once" -I {} \
		unshare -m --propagation private "$BASH" "$tmp/node.sh" {} "$@" > "$tmp/got"
	took=$((${EPOCHREALTIME/./} - start))
}

given() { grep -vc ' failed ' "$tmp/got"; }
failed() { grep -c ' failed ' "$tmp/got"; }
failed_otherwise() { grep ' failed ' "$tmp/got" | grep -vc '"code":102'; } # than with a full pool
duplicates() { grep -v ' failed ' "$tmp/got" | cut -d' ' -f1,2 | sort | uniq -d | wc -l; }

# Candidates that others were faster with: a record has what was tried, in order, and what came of it.
misses() {
	find "$tmp/nodes" -path '*/rail-cni/ipam/c*,*' -type f -exec awk '
		$1 == "try" { tried = NF - 3; for (i = 4; i <= NF; i++) at[$i] = i - 4 }
		$1 == "won" { n += at[$2] }
		$1 == "lost" { n += tried }
		END { print n + 0 }' {} + | awk '{ n += $1 } END { print n + 0 }'
}

# tell WHAT - "# WHAT: 8000 ADDs, 1234 a second, ..."
tell() {
	grep -v ' failed ' "$tmp/got" | sort -k3n |
		awk -v what="$1" -v took="$took" -v misses="$(misses)" -v failed="$(failed)" -v twice="$(duplicates)" '{ t[NR] = $3 }
		END { printf "# %s: %d ADDs, %d a second; median %.1f ms, 99 %% within %.1f ms; %d misses, %d duplicates%s\n", what, NR,
			NR * 1e6 / took, t[int((NR + 1) / 2)] / 1000, t[int(NR * 0.99)] / 1000, misses, twice,
			failed ? "; " failed " nodes found it full" : "" }'
}

# calls COMMAND... - how many system calls on the store that makes.
calls() {
	strace -f -y -qq -e trace=file,desc -o "$tmp/trace" "$@" > "$tmp/out"
	grep -F "$store" "$tmp/trace" | grep -vc 'resumed>'
}

# count POOL RANGE ADDS - a node that comes first, and then again and again: $first, and $cost of all of these.
count() {
	local i
	name=$1 ipam="\"store\":\"$store\",\"range\":\"$2\",\"reuseDelay\":0" cost=0
	rm -rf "$state"
	: > /run/netns/c
	config > "$tmp/config"
	for ((i = 0; i <= $3; i++)); do
		n=$(CNI_COMMAND=ADD CNI_CONTAINERID=c$i CNI_IFNAME=net1 CNI_NETNS=/run/netns/c CNI_PATH=/nowhere calls rail-ipam < "$tmp/config")
		if [ $i = 0 ]; then first=$n; else cost=$((cost + n)); fi
	done
	for ((i = 0; i <= $3; i++)); do cni DEL "c$i"; done
}

all=()
for ((i = 0; i < INTERFACES; i++)); do all+=("rail$i/net1"); done
at_work 10.1.0.0/22 "${all[@]}"
tell "$NODES nodes, an address each in 8 pools of a /22 that were empty"
is "everybody gets 8 addresses" "$(failed) failed, $(wc -l < "$tmp/got") in all" "0 failed, $((8 * NODES)) in all"
is "... which nobody else has" "$(duplicates)" 0
ok "... and every address has its file" rail-ipam fsck "$store"
rm -rf "${store:?}"/rail*

# measure PREFIX SHARDS PERCENT
measure() {
	local what="/$1 at $3 %" adds=$SAMPLE free
	pool-fill "$store/wide" "$2" "$3" || exit 1 # a test without its plan has failed
	free=$(find "$store/wide" -path '*-24/10.1.*' ! -name '*=*' | wc -l)
	((free > adds)) || adds=$((free / 2))
	count wide "10.1.0.0/$1" $adds
	costs[$3]=$((cost * 100 / adds))
	printf '# %s: %d.%02d calls on the store an ADD; %d of the first\n' "$what" $((cost / adds)) $((cost * 100 / adds % 100)) "$first"
	all=()
	for ((i = 1; i <= INTERFACES; i++)); do all+=("wide/net$i"); done
	at_work "10.1.0.0/$1" "${all[@]}"
	tell "$what, $NODES nodes with $INTERFACES interfaces"
	is "$what: who gets no address finds the pool full" "$(failed_otherwise)" 0
	is "$what: ... which it is not before the last address is leased" \
		"$(given)" $((free < INTERFACES * NODES ? free : INTERFACES * NODES))
	is "$what: ... nor has an address two holders" "$(duplicates)" 0
	is "$what: ... nor two files" "$(find "$store/wide" -path '*-24/10.1.*' -printf '%f\n' | sed 's/[=@].*//' | sort | uniq -d | wc -l)" 0
	rm -rf "$store/wide"
}

costs=()
for size in ${SIZES-22-4 20-16 18-64 16-256}; do
	for percent in 10 50 90 99; do measure "${size%-*}" "${size#*-}" $percent; done
	ok "/${size%-*}: at 99 % an ADD takes at most twice the calls that it takes at 10 %" \
		test "${costs[99]}" -le $((2 * costs[10]))
done
done_testing
