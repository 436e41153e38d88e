#!/bin/bash
# lab: -n 1 -r 1 -t 1800
# ipam-kill.sh - SIGKILL at every system call of ADD, DEL and GC on NFS: one DEL puts it right.
#
# What tests/ipam/kill.sh does on a local store; takes ten minutes, so `make check-long` runs it.
set -u
. "$LAB/lib.sh"
PATH=$(realpath "$BUILD/bin"):$(realpath "$BUILD/tests/tools"):$PATH
mkdir -p /run/netns
: > /run/netns/a
state=/run/rail-cni/ipam

# cni VERB [COMMAND...] - call rail-ipam for container a.
cni() {
	local verb=$1 inside=
	shift
	[ "$verb" != GC ] || inside=',"cni.dev/valid-attachments":[]'
	CNI_COMMAND=$verb CNI_CONTAINERID=a CNI_IFNAME=net1 CNI_NETNS=/run/netns/a CNI_PATH=/nowhere \
		"${@:-env}" rail-ipam > /run/out 2> /dev/null <<- END
		{"cniVersion":"1.1.0","name":"pool","ipam":{"type":"rail-ipam","store":"$store",
		 "range":"10.1.0.0/29","reuseDelay":0}$inside}
	END
}

# On the server's own disk: no lease, six addresses with a file each; and nothing waits on the node.
clean() {
	local file seen=" " n=0
	for file in "$served"/pool/*-24/*; do
		file=${file##*/} file=${file%@*}
		[[ $file != *=* && $seen != *" $file "* ]] || return 1
		seen+="$file " n=$((n + 1))
	done
	[[ $n = 6 && ! -e $state/pending && ! -e $state/a,net1,pool ]]
}

# sweep VERB PREPARE
sweep() {
	local verb=$1 prepare=$2 whom process n bad="" points=0
	for whom in it all; do
		for process in 1 2; do
			for ((n = 1; n < 500; n++)); do
				$prepare
				cni "$verb" kill-at $whom $process $n || break
				points=$((points + 1))
				cni DEL || bad+=" DEL-fails"
				clean || bad+=" $whom:$process:$n"
			done
			cni DEL
		done
	done
	is "$version: killed at $points points of $verb, one DEL leaves no lease" "${bad:0:500}" ""
	ok "$version: ... which is all of them" test $points -gt 100
}

nfs_export /srv
for v in 3 4.2; do
	version=v$v mnt=/mnt/v$v store=/mnt/v$v/store$v served=/srv/store$v
	nfs_mount $v "$mnt"
	mkdir "$store"
	rail-ipam init "$store" > /dev/null
	cni ADD
	cni DEL
	sweep ADD true
	sweep DEL "cni ADD"
	sweep GC "cni ADD"
	ok "$version: every address has its file" rail-ipam fsck "$store"
done
done_testing
