#!/bin/bash
# lab: -n 2 -r 1 -t 1500
# ipam-nfs.sh - what an address costs an NFS server: pools of /22 to /16, nearly empty to nearly full.
#
#   tests/lab/run -n 2 -r 1 -t 1500 tests/bench/ipam-nfs.sh
#   tests/lab/run -n 2 -r 1 -t 1500 tests/bench/ipam-nfs.sh 22-4     only these: prefix length - shards of 256
#
# Requests are counted, from mountstats: they do not depend on the machine. Node 1 serves, node 2 is the
# client; node 1 fills the pools on its own disk with leases of other nodes, further each time.
set -u
. "$LAB/lib.sh"
PATH=$(realpath "$BUILD/bin"):$(realpath "$BUILD/tests/tools"):$PATH
ADDS=20
mkdir -p /run/netns

# cni VERB CONTAINER POOL RANGE
cni() {
	: > "/run/netns/$2"
	CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_IFNAME=net1 CNI_NETNS=/run/netns/$2 CNI_PATH=/nowhere rail-ipam <<- END
		{"cniVersion":"1.1.0","name":"$3","ipam":{"type":"rail-ipam","store":"$mnt/store","range":"$4","reuseDelay":0,"deadline":120}}
	END
}

# ops [NAME] - the requests that the mount has sent so far, all or those of a name.
ops() {
	awk -v at="$mnt" -v name="${1-[A-Z_]+}" '/^device /{ on = $5 == at } on && $1 ~ "^" name ":$" && $2 ~ /^[0-9]+$/ { n += $2 }
		END { print n + 0 }' /proc/self/mountstats
}

# add NUMBER POOL RANGE - prints the address; /run/worst has the most requests that one took.
add() {
	local before cost worst
	before=$(ops)
	cni ADD "c$1" "$2" "$3" | sed -n 's/.*"address":"\([^"/]*\).*/\1/p'
	cost=$(($(ops) - before)) worst=$(< /run/worst)
	((cost <= worst)) || echo $cost > /run/worst
}

# measure VERSION PREFIX PERCENT - all that is taken is given back.
measure() {
	local mnt=/mnt/v$1 pool=p$2 range=10.1.0.0/$2 adds=$ADDS i before moves start first cost tries last at="NFS $1, /$2 at $3 %"
	[ "$2-$3" != 22-99 ] || adds=5 # there are ten
	rm -rf /run/rail-cni
	before=$(ops)
	cni ADD first "$pool" "$range" > /run/first
	first=$(($(ops) - before))
	echo 0 > /run/worst
	before=$(ops) moves=$(ops RENAME) start=${EPOCHREALTIME/./}
	for ((i = 0; i < adds; i++)); do add $i "$pool" "$range"; done > /run/taken
	cost=$(($(ops) - before)) tries=$(($(ops RENAME) - moves)) last=$(((${EPOCHREALTIME/./} - start) / adds / 1000))
	printf '# %s: %d.%02d requests an ADD, at most %d; %d misses, %s ms; the first ADD: %s requests\n' "$at" \
		$((cost / adds)) $((cost * 100 / adds % 100)) "$(< /run/worst)" $((tries - adds)) "$last" "$first"
	ok "$at: an ADD takes at most 3 requests" test "$cost" -le $((3 * adds))
	is "$at: ... and nobody's address" "$(sort -u /run/taken | wc -l)" $adds
	echo $((cost * 100 / adds)) > "/run/cost.$1.$3"
	for ((i = 0; i < adds; i++)); do cni DEL "c$i" "$pool" "$range"; done
	cni DEL first "$pool" "$range"
	is "$at: ... which is given back" "$(find "$mnt/store/$pool" -name '*=*' ! -name '*=other,*')" ""
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
served=/srv/store
versions="3 4.2"
[ $# -gt 0 ] || set -- 22-4 20-16 18-64 16-256
[ "$NODE" = 1 ] || for version in $versions; do nfs_mount "$version" "/mnt/v$version"; done
if [ "$NODE" = 1 ]; then
	mkdir $served
	rail-ipam init $served > /dev/null
fi
for size in "$@"; do
	prefix=${size%-*} shards=${size#*-}
	for percent in 10 50 90 99; do
		[ "$NODE" = 2 ] || pool-fill "$served/p$prefix" "$shards" $percent
		barrier "filled $prefix $percent" 600
		for version in $versions; do
			[ "$NODE" = 1 ] || measure "$version" "$prefix" $percent
		done
		barrier "measured $prefix $percent" 600
	done
	[ "$NODE" = 2 ] || rm -rf "${served:?}/p$prefix"
	for version in $versions; do
		[ "$NODE" = 1 ] || ok "NFS $version, /$prefix: at 99 % an ADD takes at most twice what it takes at 10 %" \
			test "$(< "/run/cost.$version.99")" -le $((2 * $(< "/run/cost.$version.10")))
	done
done
[ "$NODE" = 1 ] || done_testing
[ "$NODE" = 2 ] || { ok "the server served" true; done_testing; }
