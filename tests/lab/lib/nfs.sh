# shellcheck shell=bash
# nfs.sh - an NFS server on node 1, clients everywhere, and trouble for both.

# nfs_export DIR - on node 1: serve DIR, an empty ext4 file system, to all nodes (v3, v4.1, v4.2).
#
# The root below is an overlay, which cannot be exported: fsid=0 makes DIR the root of the NFSv4 tree.
nfs_export() {
	[ "$NODE" = 1 ] || lab_die "nfs_export: the server is node 1"
	modprobe -a loop nfsd
	truncate -s 256M /run/nfs.ext4
	mkfs.ext4 -q /run/nfs.ext4
	mkdir -p "$1" /run/rpcbind /var/lib/nfs/rpc_pipefs
	touch /var/lib/nfs/{etab,rmtab}
	mount -o loop /run/nfs.ext4 "$1"
	mount -t nfsd nfsd /proc/fs/nfsd
	mount -t rpc_pipefs rpc_pipefs /var/lib/nfs/rpc_pipefs
	# rpcbind drops to a user that its package makes when installed; here it is only unpacked
	grep -q ^_rpc: /etc/passwd || echo "_rpc:x:111:65534::/run/rpcbind:/usr/sbin/nologin" >> /etc/passwd
	rpcbind
	nfsdcld
	exportfs -i -o rw,sync,no_root_squash,no_subtree_check,fsid=0 "*:$1"
	rpc.mountd --no-udp
	nfs_start
	put nfs_export "$1"
}

# nfs_stop, nfs_start - on node 1: the server goes away, with all it knew of its clients, and comes back.
# Before NFSv4 clients get on, 10 s of grace may pass: the least the kernel allows.
nfs_stop() { rpc.nfsd 0; }
nfs_start() { rpc.nfsd --grace-time 10 --lease-time 10 8; }

# nfs_mount 3|4.2 MOUNTPOINT [OPTIONS] - on any node: a hard mount of what node 1 exports, waiting for it.
nfs_mount() {
	local dir
	dir=$(get nfs_export) || exit
	mkdir -p "$2"
	case $1 in
	3) mount -t nfs -o "vers=3,hard,proto=tcp,nolock${3:+,$3}" "node1:$dir" "$2" ;;
	4*) mount -t nfs -o "vers=$1,hard,proto=tcp${3:+,$3}" node1:/ "$2" ;;
	*) lab_die "nfs_mount $1: expected 3 or 4.2" ;;
	esac
}

# net_cut, net_heal - this node's management network, and so its NFS, loses every packet.
net_cut() {
	local way
	tc qdisc add dev mgmt clsact
	for way in ingress egress; do
		tc filter add dev mgmt "$way" matchall action drop
	done
}
net_heal() { tc qdisc del dev mgmt clsact; }
