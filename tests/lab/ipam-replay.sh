#!/bin/bash
# lab: -n 2 -r 1 -t 900
# ipam-replay.sh - replies are lost and requests repeated: nobody's lease is harmed, and who got an address knows.
#
# Node 2 is the client to which it happens, node 1 the server and the other client.
set -u
. "$LAB/lib.sh"
PATH=$(realpath "$BUILD/bin"):$(realpath "$BUILD/tests/tools"):$PATH
out=/run/out
mkdir -p /run/netns
export ASAN_OPTIONS=detect_leaks=0 # some calls are traced

# cni VERB CONTAINER [ADDRESS [COMMAND...]] - call rail-ipam, asking for an address, through COMMAND.
cni() {
	local verb=$1 container=$2 ip=${3-}
	shift $(($# < 3 ? $# : 3))
	: > "/run/netns/$container"
	CNI_COMMAND=$verb CNI_CONTAINERID=$container CNI_IFNAME=net1 CNI_NETNS=/run/netns/$container \
		CNI_PATH=/nowhere CNI_ARGS="${ip:+IP=$ip}" "${@:-env}" rail-ipam > "$out.$container" <<- END
		{"cniVersion":"1.1.0","name":"pool","ipam":{"type":"rail-ipam","store":"$store",
		 "range":"10.1.0.0/28","reuseDelay":0,"deadline":90}}
	END
}
addr() { sed -n 's/.*"address":"\([^"/]*\).*/\1/p' "$out.$1"; }
code() { sed -n 's/.*"code":\([0-9]*\).*/\1/p' "$out.$1"; }
leases() { find "$served/pool" -name '*=*' -printf '%f\n' | sort; } # on the server's own disk
holder() { leases | sed -n "s/^$1=[^,]*,[^,]*,\([^,]*\),.*/\1/p"; }
other() { [ "$NODE" = 1 ]; }

# step NAME - both are here. NODE 1 | NODE 2 then do their part.
step() { barrier "$version.$1" 120; }

proxy_start() {
	mkfifo /run/commands
	nfs-repeat 3049 2049 < /run/commands >> /run/answers &
	exec 8> /run/commands
}
# tell WORD [ANSWER] - to the proxy, and wait for its answer.
tell() {
	echo "$1" >&8
	[ -z "${2-}" ] || wait_for 30 sh -c "tail -n 1 /run/answers | grep -q '^$2'"
}

# The RENAMEs that reached the server, and the requests that it answered from its memory of earlier ones instead of
# executing them.
counters() { awk '$1 == "rc" { remembered = $2 } $1 == "proc3" { print $17, remembered }' /proc/net/rpc/nfsd; }
count() { before=$(counters); }

# Since `count`, all requests were executed, among them so many RENAMEs.
executed() { # RENAMES
	local now
	now=$(counters)
	echo "# from $before to $now"
	[ "${now#* }" = "${before#* }" ] && [ $((${now% *} - ${before% *})) -ge "$1" ]
}
answers() { head -n 2 /run/answers | tr '\n' ' '; }

# NFS 3: a reply is lost while the server stays up, and requests are repeated long after.
replay_v3() {
	if other; then
		step warm
		count
		tell lose
		step armed
		step claimed
		is "v3: the lease is there, once" "$(leases | grep -c ,lost,)" 1
		is "v3: the reply was lost, and the repeated claim found no free address" "$(answers)" "lost repeated 2 "
		ok "v3: ... as the server executed it twice" executed 2
		: > /run/answers
		count
		tell lose
		step armed2
		step released
		is "v3: ... and is free again" "$(leases | grep -c ,lost,)" 0
		is "v3: ... though the repeated release found no lease" "$(answers)" "lost repeated 2 "
		ok "v3: ... as the server executed it twice" executed 2
	else
		cni ADD first && cni DEL first
		step warm
		step armed
		ok "v3: an ADD whose reply was lost succeeds" cni ADD lost 10.1.0.5
		is "v3: ... with its address" "$(addr lost)" 10.1.0.5
		step claimed
		step armed2
		ok "v3: a DEL whose reply was lost succeeds" cni DEL lost
		step released
	fi
	later_v3
}

later_v3() {
	if other; then
		step taken
		step given
		tell keep kept
		count
		ok "v3: the next one claims the address" cni ADD next 10.1.0.6
		tell again again
		is "v3: a release that is repeated then finds nothing" "$(tail -n 1 /run/answers)" "again 2"
		ok "v3: ... as the server executed it" executed 2 # the claim and this
		is "v3: ... and the next one's lease stays" "$(holder 10.1.0.6)" next
		cni DEL next
		step second
		step taken2
		tell keep kept
		step kept
		step freed
		count
		ok "v3: another claims what was claimed and freed" cni ADD after 10.1.0.7
		tell again again
		is "v3: the claim that is repeated then finds nothing" "$(tail -n 1 /run/answers)" "again 2"
		ok "v3: ... as the server executed it" executed 2
		is "v3: ... and the lease stays with who has it" "$(holder 10.1.0.7)" after
		cni DEL after
		is "v3: nothing is left" "$(leases)" ""
		ok "v3: every address has its file" rail-ipam fsck "$store"
	else
		cni ADD early 10.1.0.6
		step taken
		cni DEL early
		step given
		step second
		cni ADD early 10.1.0.7
		step taken2
		step kept
		cni DEL early
		step freed
	fi
	step end
}

# Replies do not come in any more; what goes out is executed.
replies_cut() {
	tc qdisc add dev mgmt clsact
	tc filter add dev mgmt ingress matchall action drop
}

# The process that works on the store is held up at its rename (264 on the lab's processors).
at_rename() { cat /proc/[0-9]*/syscall 2> /dev/null | grep -q '^264 '; }

# A call whose rename is sent when no reply can come, and sent again to a server that knows nothing. Not
# long before: what is sent behind something that is not acknowledged does not go out.
deaf() { # VERB CONTAINER ADDRESS
	cni "$1" "$2" "$3" strace -f -qq -o /dev/null -e trace=renameat -e inject=renameat:delay_enter=7s &
	call=$!
	wait_for 40 at_rename || echo "# no rename was seen"
	sleep 5
	replies_cut
}

# NFS 4.2: the server restarts with the reply on its way.
replay_v4() {
	if other; then
		step deaf
		ok "v4.2: the claim was executed" wait_for 30 holds 10.1.0.5 lost
		nfs_stop
		nfs_start
		cni ADD next 10.1.0.5
		is "v4.2: another who wants the address meanwhile is refused" "$(code next)" 102
		step restarted
		step back
		is "v4.2: the lease is there, once" "$(leases | grep -c ,lost,)" 1
		step deaf2
		ok "v4.2: the release was executed" wait_for 30 holds 10.1.0.5 ""
		nfs_stop
		nfs_start
		ok "v4.2: another claims the address meanwhile" cni ADD next 10.1.0.5
		step restarted2
		step back2
		is "v4.2: ... and keeps it when the release comes again" "$(holder 10.1.0.5)" next
		cni DEL next
		is "v4.2: nothing is left" "$(leases)" ""
		ok "v4.2: every address has its file" rail-ipam fsck "$store"
	else
		cni ADD first && cni DEL first
		deaf ADD lost 10.1.0.5
		step deaf
		step restarted
		net_heal
		ok "v4.2: an ADD whose reply was lost with a restart of the server succeeds" wait "$call"
		is "v4.2: ... with its address" "$(addr lost)" 10.1.0.5
		step back
		deaf DEL lost ""
		step deaf2
		step restarted2
		net_heal
		ok "v4.2: a DEL whose reply was lost with a restart of the server succeeds" wait "$call"
		step back2
	fi
	step end
}
holds() { [ "$(holder "$1")" = "$2" ]; }

if other; then
	nfs_export /srv
	proxy_start
fi
for version in 3 4.2; do
	mnt=/mnt/v$version store=/mnt/v$version/store$version served=/srv/store$version
	options=
	[ $version != 3 ] || other || options=port=3049
	# what the client remembers of names shall not expire while a call is held up
	[ $version = 3 ] || other || options=actimeo=600
	nfs_mount $version "$mnt" $options
	if other; then
		mkdir "$store"
		rail-ipam init "$store" > /dev/null
	fi
	step store
	if [ $version = 3 ]; then replay_v3; else replay_v4; fi
done
! other || exec 8>&-
done_testing
