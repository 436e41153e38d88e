#!/bin/bash
# lab: -n 2 -r 1 -t 900
# ipam-nfs.sh - two nodes lease addresses from one NFS store, v3 and v4.2.
set -u
. "$LAB/lib.sh"
PATH=$(realpath "$BUILD/bin"):$(realpath "$BUILD/tests/tools"):$PATH
out=/run/out
mkdir -p /run/netns

# cni VERB CONTAINER POOL RANGE [COMMAND...] - call rail-ipam, through COMMAND if given.
cni() {
	local verb=$1 container=$2 pool=$3 range=$4
	shift 4
	: > "/run/netns/$container"
	CNI_COMMAND=$verb CNI_CONTAINERID=$container CNI_IFNAME=net1 CNI_NETNS=/run/netns/$container \
		CNI_PATH=/nowhere CNI_ARGS="${args-}" "${@:-env}" rail-ipam > "$out.$container" <<- END
		{"cniVersion":"1.1.0","name":"$pool","ipam":{"type":"rail-ipam","store":"$store",
		 "range":"$range","reuseDelay":0${ipam-}}}
	END
}
addr() { sed -n 's/.*"address":"\([^"/]*\).*/\1/p' "$out.$1"; }
code() { sed -n 's/.*"code":\([0-9]*\).*/\1/p' "$out.$1"; }
leases() { find "$store/$1" -name '*=*' -printf '%f\n' 2> /dev/null; }

# The requests that a mount has sent so far, "NAME COUNT" a line.
requests() {
	awk -v at="$mnt" '/^device /{ on = $5 == at } on && /^\t *[A-Z_]+: [0-9]/ { sub(":", "", $1); print $1, $2 }' \
		/proc/self/mountstats
}

# spent COMMAND... - what it sent: "TOTAL (NAME COUNT, ...)".
spent() {
	requests > /run/before
	"$@"
	requests | awk 'NR == FNR { n[$1] = $2; next }
		$2 > n[$1] { sum += $2 - n[$1]; text = text sep $1 " " $2 - n[$1]; sep = ", " }
		END { print sum + 0, "(" text ")" }' /run/before -
}

# Everybody takes until there is nothing left, four processes a node.
take_all() {
	local k i
	for k in 1 2 3 4; do
		for ((i = 0; i < 40; i++)); do
			cni ADD "n$NODE-$k-$i" all 10.1.0.0/26 && addr "n$NODE-$k-$i"
		done &
	done > /run/taken
	wait
}

adds() { local i; for i in $1; do cni ADD "w$NODE-$i" warm 10.2.0.0/24 || cat "$out.w$NODE-$i"; done; }
dels() { local i; for i in $1; do cni DEL "w$NODE-$i" warm 10.2.0.0/24 || cat "$out.w$NODE-$i"; done; }

race() {
	barrier "race $version"
	take_all
	put "taken $version $NODE" "$(< /run/taken)"
	barrier "raced $version"
	[ "$NODE" = 1 ] || return 0
	{ get "taken $version 1"; echo; get "taken $version 2"; } | grep . | sort > /run/all
	is "$version: two nodes take a /26 to the last address, all distinct" \
		"$(uniq < /run/all | wc -l) $(wc -l < /run/all) $(leases all | wc -l)" "62 62 62"
	echo "# node 1 got $(get "taken $version 1" | wc -l), node 2 $(get "taken $version 2" | wc -l)"
	cni ADD last all 10.1.0.0/26
	is "$version: the next ADD says that the pool is full" "$(code last)" 102
}

# One node at a time; then with the other one's changes in between.
count_requests() {
	local n cost
	if [ "$NODE" = 1 ]; then
		echo "# $version: the ADD that makes the pool and a shard of 254: $(spent adds 0)"
		adds "1 2 3"
		cost=$(spent adds "4 5 6 7 8 9 10 11 12 13")
		echo "# $version: ten ADDs: $cost"
		ok "$version: an ADD takes at most 3 requests" test "${cost%% *}" -le 30
		cost=$(spent dels "4 5 6 7 8 9 10 11 12 13")
		echo "# $version: ten DELs: $cost"
		ok "$version: a DEL takes at most 2 requests" test "${cost%% *}" -le 20
	fi
	barrier "measured $version"
	[ "$NODE" = 1 ] || echo "# $version: a node's first ADD: $(spent adds 0)"
	adds "1 2"
	for n in 20 21 22 23; do
		barrier "turn $version $n"
		[ "$NODE" = $((n % 2 + 1)) ] || continue
		cost=$(spent adds $n)
		echo "# $version: an ADD after the other node's: $cost"
	done
	barrier "counted $version"
}

kill_everywhere() {
	local n points=0 bad=
	for ((n = 1; n < 200; n += 7)); do
		rm -f /run/rail-cni/ipam/k*
		cni ADD k killed 10.3.0.0/28 kill-at it 2 $n 2> /dev/null || break
		points=$((points + 1))
		cni DEL k killed 10.3.0.0/28 || bad+=" $n:DEL"
		[ -z "$(leases killed)" ] || bad+=" $n"
	done
	is "$version: killed at $points points of an ADD, one DEL leaves no lease" "$bad" ""
}

# The client's network is cut: nothing hangs, and nothing is left when it is back.
hang() {
	local ipam=',"deadline":2' start
	cni ADD h1 warm 10.2.0.0/24
	net_cut
	start=$SECONDS
	cni ADD h2 warm 10.2.0.0/24
	is "$version: an ADD on a store that does not answer fails with error 11" "$(code h2)" 11
	ok "$version: a DEL succeeds" cni DEL h1 warm 10.2.0.0/24
	cni STATUS h3 warm 10.2.0.0/24
	is "$version: STATUS says 50" "$(code h3)" 50
	ok "$version: ... all within their deadlines" test $((SECONDS - start)) -lt 11
	is "$version: what is to be released is written down" "$(find /run/rail-cni/ipam/pending -name 'h1,*' | wc -l)" 1
	net_heal
	ok "$version: processes that hung end when it answers" wait_for 60 sh -c '! pgrep -x rail-ipam > /dev/null'
	cni STATUS h1 warm 10.2.0.0/24
	is "$version: ... and the next call leaves nothing behind" \
		"$(leases warm | grep -c ',h[12],') $(find /run/rail-cni/ipam -name 'h[12],*' | wc -l)" "0 0"
}

node_checks() {
	local ipam
	if [ "$NODE" = 2 ]; then
		echo 22222222222222222222222222222222 > /run/machine-id
		mount --bind /run/machine-id /etc/machine-id
		ipam=',"nodeName":"node1"' # other text, so verified anew
		cni ADD x warm 10.2.0.0/24
		is "$version: another machine with node 1's name is refused" "$(code x)" 100
		umount /etc/machine-id
		ipam=
		cni ADD y warm 10.2.0.0/25
		is "$version: a node with another range is refused" "$(code y)" 7
	fi
	barrier "checked $version"
	umount "$mnt"
	cni ADD z warm 10.2.0.0/24
	is "$version: a share that is not mounted is noticed" "$(code z)" 11
	is "$version: ... and nothing is made in its place" "$(ls -A "$mnt")" ""
}

# What an export makes of root: one user, who owns the store; or nobody, who may not write there.
squash() { # OPTIONS - on node 1
	exportfs -i -o "rw,sync,no_subtree_check,fsid=0,$1" "*:/srv"
	exportfs -f
}
squashed() {
	local ipam=
	if [ "$NODE" = 1 ]; then
		mkdir /srv/squashed
		chown 1000:1000 /srv/squashed
		squash all_squash,anonuid=1000,anongid=1000
	fi
	barrier squashed
	store=$mnt/squashed
	if [ "$NODE" = 2 ]; then
		nfs_mount 4.2 "$mnt"
		ok "root may be squashed to a user who owns the store" rail-ipam init "$store"
		ok "... who leases addresses" cni ADD q1 squashed 10.3.0.0/24
		ok "... and gives them back" cni DEL q1 squashed 10.3.0.0/24
		is "... by the same confined process" "$(leases squashed)" ""
		cni ADD q2 squashed 10.3.0.0/24
	fi
	barrier "leased squashed"
	[ "$NODE" != 1 ] || squash root_squash
	barrier nobody
	if [ "$NODE" = 2 ]; then
		cni ADD q3 squashed 10.3.0.0/24
		is "root squashed to nobody gets no address" "$(code q3)" 11
		like "... and is told why" "$(< "$out.q3")" "Permission denied.*export it with no_root_squash"
		like "doctor says so" "$(rail-ipam doctor "$store" 2>&1)" "FAIL .*cannot be written.*export it with no_root_squash"
		is "... and what it held is not forgotten" "$(leases squashed | wc -l)" 1
	fi
	barrier "done squashed"
}

[ "$NODE" != 1 ] || nfs_export /srv
for version in 3 4.2; do
	mnt=/mnt/v$version store=/mnt/v$version/store$version
	nfs_mount $version "$mnt"
	if [ "$NODE" = 1 ]; then
		mkdir "$store"
		ok "v$version: a store is made once" rail-ipam init "$store"
	fi
	version=v$version
	barrier "store $version"
	race
	count_requests
	if [ "$NODE" = 1 ]; then kill_everywhere; else hang; fi
	node_checks
	barrier "done $version"
done
squashed
done_testing
