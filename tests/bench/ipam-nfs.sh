#!/bin/bash
# lab: -n 2 -r 1 -t 900
# ipam-nfs.sh - what an address costs an NFS server: pools of /22 to /16, nearly empty to nearly full.
#
#   tests/lab/run -n 2 -r 1 -t 900 tests/bench/ipam-nfs.sh
#
# Requests are counted, from mountstats: they do not depend on the machine. Node 1 serves, node 2 is
# the client; node 1 fills the pools on its own disk with leases of other nodes.
set -u
. "$LAB/lib.sh"
PATH=$(realpath "$BUILD/bin"):$(realpath "$BUILD/tests/tools"):$PATH
ADDS=20
mkdir -p /run/netns

# cni VERB CONTAINER POOL RANGE
cni() {
	: > "/run/netns/$2"
	CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_IFNAME=net1 CNI_NETNS=/run/netns/$2 CNI_PATH=/nowhere rail-ipam <<- END
		{"cniVersion":"1.1.0","name":"$3","ipam":{"type":"rail-ipam","store":"$store","range":"$4","deadline":60}}
	END
}

# The requests that the mount has sent so far.
requests() {
	awk -v at="$mnt" '/^device /{ on = $5 == at } on && /^\t *[A-Z_]+: [0-9]/ { n += $2 } END { print n + 0 }' \
		/proc/self/mountstats
}
renames() {
	awk -v at="$mnt" '/^device /{ on = $5 == at } on && /^\t *RENAME: / { n += $2 } END { print n + 0 }' /proc/self/mountstats
}

# measure PREFIX PERCENT
measure() {
	local pool=p$1-$2 range=10.1.0.0/$1 adds=$ADDS i before moves start first cost tries last
	[ "$1-$2" != 22-99 ] || adds=5 # there are ten
	before=$(requests)
	cni ADD first "$pool" "$range" > /dev/null || return
	first=$(($(requests) - before))
	before=$(requests) moves=$(renames) start=${EPOCHREALTIME/./}
	for ((i = 0; i < adds; i++)); do
		cni ADD "c$i" "$pool" "$range" | sed -n 's/.*"address":"\([^"/]*\).*/\1/p'
	done > /run/taken
	cost=$(($(requests) - before)) tries=$(($(renames) - moves)) last=$(((${EPOCHREALTIME/./} - start) / adds / 1000))
	printf '# /%s %3s%% full: %d.%02d requests an ADD, %d misses, %s ms; the first ADD: %s requests\n' "$1" "$2" \
		$((cost / adds)) $((cost * 100 / adds % 100)) $((tries - adds)) "$last" "$first"
	ok "/$1 at $2 %: an ADD takes at most 3 requests" test "$cost" -le $((3 * adds))
	is "/$1 at $2 %: ... and nobody's address" "$(sort -u /run/taken | wc -l)" $adds
	costs[$2]=$((cost * 100 / adds))
}

# Small files only, and many of them.
export MKE2FS_CONFIG=/run/mke2fs.conf
cat > $MKE2FS_CONFIG << END
[defaults]
	base_features = sparse_super,large_file,filetype,dir_index,ext_attr
	inode_size = 256
	inode_ratio = 2048
	blocksize = 1024
[fs_types]
	ext4 = {
		features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
	}
END
[ "$NODE" != 1 ] || nfs_export /srv
version=${VERSION-4.2}
mnt=/mnt/v$version store=/mnt/v$version/store served=/srv/store
nfs_mount "$version" "$mnt"
if [ "$NODE" = 1 ]; then
	mkdir "$store"
	rail-ipam init "$store" > /dev/null
fi
costs=()
for size in ${SIZES:-22-4 20-16 18-64 16-256}; do
	prefix=${size%-*} shards=${size#*-}
	for percent in 10 50 90 99; do
		[ "$NODE" = 2 ] || pool-fill "$served/p$prefix-$percent" "$shards" $percent
		barrier "filled $prefix $percent" 300
		[ "$NODE" = 1 ] || measure "$prefix" $percent
		barrier "measured $prefix $percent" 300
		[ "$NODE" = 2 ] || rm -rf "${served:?}/p$prefix-$percent"
	done
	[ "$NODE" = 1 ] || ok "/$prefix: at 99 % an ADD takes at most twice what it takes at 10 %" \
		test "${costs[99]}" -le $((2 * costs[10]))
done
[ "$NODE" = 1 ] || done_testing
[ "$NODE" = 2 ] || { ok "the server served" true; done_testing; }
