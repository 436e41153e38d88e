#!/bin/bash
# lab: -n 3 -r 1 -t 900
# ipam-storm.sh - the server restarts in a storm of claims; a node loses its power in another, and boots again.
#
# Nodes 1 and 2 are clients, node 1 is the server too. Node 3 boots as the node 2 that was cut off:
# with its name and machine id, another boot, and nothing in /run.
set -u
. "$LAB/lib.sh"
PATH=$(realpath "$BUILD/bin"):$(realpath "$BUILD/tests/tools"):$PATH
out=/run/out
mkdir -p /run/netns
as_node=$NODE

# cni VERB CONTAINER POOL - call rail-ipam.
cni() {
	: > "/run/netns/$2"
	CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_IFNAME=net1 CNI_NETNS=/run/netns/$2 CNI_PATH=/nowhere \
		rail-ipam > "$out.$2" <<- END
		{"cniVersion":"1.1.0","name":"$3","ipam":{"type":"rail-ipam","store":"$store",
		 "range":"10.1.0.0/27","reuseDelay":0,"deadline":60}}
	END
}
addr() { sed -n 's/.*"address":"\([^"/]*\).*/\1/p' "$out.$1"; }
leases() { find "$served/$1" -name '*=*' -printf '%f\n'; } # on the server's own disk
of_boot() { leases "$1" | grep -c "=node2,$2"; }

# Claim and release; whoever has an address says so where all nodes see it at once, and nobody else may.
churn() { # POOL NAME UNTIL-FILE
	local i ip
	for ((i = 0; ; i++)); do
		[ ! -e "$SHARE/$3" ] || return 0
		cni ADD "$2-$i" "$1" || continue
		ip=$(addr "$2-$i")
		mkdir "$SHARE/$1.$ip" 2> /dev/null || echo "$ip" >> "$SHARE/doubled.$as_node"
		echo "$ip" >> "$SHARE/got.$1.$2"
		rmdir "$SHARE/$1.$ip"
		cni DEL "$2-$i" "$1" || echo "DEL $2-$i" >> "$SHARE/doubled.$as_node"
	done
}

storm() { # POOL UNTIL-FILE
	local k
	jobs=()
	for k in 1 2 3; do
		churn "$1" "n$as_node-$k" "$2" &
		jobs+=($!)
	done
}
count() { cat "$SHARE"/got."$1".* 2> /dev/null | wc -l; }

# Nodes 1 and 2, while node 1 takes the server away and brings it back.
restart() {
	local pool=storm$version before
	storm "$pool" "calm$version"
	if [ "$NODE" = 1 ]; then
		sleep 6
		before=$(count "$pool")
		nfs_stop
		sleep 2
		nfs_start
		sleep 20
		ok "$version: the storm goes on after the server's restart" test "$(count "$pool")" -gt "$before"
		: > "$SHARE/calm$version"
	fi
	wait "${jobs[@]}"
	put "calm$version.$NODE" done
	[ "$NODE" = 1 ] || return 0
	get "calm$version.2" 120 > /dev/null
	is "$version: no address had two holders, and every DEL came through" "$(cat "$SHARE"/doubled.* 2> /dev/null)" ""
	is "$version: nothing is left of $(count "$pool") claims" "$(leases "$pool")" ""
	ok "$version: every address has its file" rail-ipam fsck "$store/$pool"
}

mounted() { # VERSION
	version=v$1 mnt=/mnt/v$1 store=/mnt/v$1/store$1 served=/srv/store$1
	nfs_mount "$1" "$mnt"
}

# Node 2 ends in the middle of a storm, as a machine does whose plug is pulled.
power_cut() {
	local i
	for i in 1 2 3 4 5; do cni ADD "pod$i" power; done
	for i in 1 2; do cni ADD "pod$i" fenced; done
	put boot2 "$(cut -c 1-8 /proc/sys/kernel/random/boot_id)"
	storm power never
	sleep 4
	echo 0 > "$SHARE/exit.2" # nobody shall wait for this node
	echo o > /proc/sysrq-trigger
	sleep 60
}

watch() {
	local boot
	boot=$(get boot2 120)
	wait_for 60 test -s "$SHARE/exit.2"
	sleep 3
	ok "a node that lost its power leaves its leases" test "$(of_boot power "$boot")" -ge 5
	put cut done
	get swept 120 > /dev/null
	is "... which it frees itself when it has booted, with its first call" "$(of_boot power "$boot")" 0
	is "... and holds what that call took" "$(leases power | grep -c ',fresh,')" 1
	is "... and nothing of a pool that it was not called for" "$(of_boot fenced "$boot")" 2
	rail-ipam fence node2 "$store/fenced" > /run/fence
	is "a node that never comes back is fenced" "$? $(leases fenced)" "0 "
	ok "every address has its file" rail-ipam fsck "$store/power"
	ok "... in every pool" rail-ipam fsck "$store"
}

boot_again() {
	get cut 200 > /dev/null
	echo node2 > /proc/sys/kernel/hostname
	printf '%032x\n' 2 > /etc/machine-id
	mounted 4.2
	ok "a node that boots again works at once" cni ADD fresh power
	put swept done
}

if [ "$NODE" = 3 ]; then
	boot_again
	done_testing
fi
[ "$NODE" != 1 ] || nfs_export /srv
for v in 3 4.2; do
	mounted $v
	if [ "$NODE" = 1 ]; then
		mkdir "$store"
		rail-ipam init "$store" > /dev/null
		put "store$v" made
	fi
	get "store$v" > /dev/null
	restart
done
if [ "$NODE" = 2 ]; then power_cut; fi
watch
done_testing
