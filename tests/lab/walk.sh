#!/bin/bash
# lab: -n 2 -r 2 -t 600
# walk.sh - an operator's way with the Debian packages, by the pages of docs/: install, configure, plug, probe,
# upgrade, drain a node, fence one that died, roll back, uninstall; and nothing is left behind.
#
# The packages are those that tests/pack/deb.sh, or make deb, has made.
. "$LAB/lib.sh"
. "$LAB/cni.sh"
BIN=/usr/lib/cni STORE=/srv/rail-ipam # where the packages and their samples have them
SAMPLES=/usr/share/doc/rail-cni/examples
export DEBIAN_FRONTEND=noninteractive

# here N SENTENCE COMMAND... - a test of node N's.
here() { [ "$NODE" != "$1" ] || ok "${@:2}"; }
# What packages may have: all that is there but what dpkg itself writes down.
files() { find /etc /opt /usr/lib/cni /usr/lib/tmpfiles.d /usr/bin /usr/sbin /usr/share/{man,doc,bash-completion} /var/lib/cni 2> /dev/null | sort; }
# installed - the version of the package, and those that the programs tell.
installed() {
	dpkg-query -W -f '${Version}' rail-cni
	for program in rail-sriov rail-ipam rdma-probe; do echo -n " $($program --version | head -n 1 | sed 's/.* //')"; done
}
install() { dpkg -i "$SHARE/$1"/*.deb; }

# older DIRECTORY - the packages as an older version, $OLD, would have left them: the same programs, but for the
# version that they and their packages tell (and that of CNI, which is the same string today).
older() {
	local deb dir=/run/older
	mkdir "$1.new"
	for deb in "$SHARE"/new/*.deb; do
		dpkg-deb -R "$deb" $dir
		sed -i "s/^Version: .*/Version: $OLD/" $dir/DEBIAN/control
		find $dir/usr -type f -perm /111 -exec sed -i "s/${NEW//./\\.}/$OLD/g" {} +
		(cd $dir && find usr -type f -exec md5sum {} +) > $dir/DEBIAN/md5sums
		dpkg-deb -Znone -b $dir "$1.new" > /dev/null
		rm -r $dir
	done
	mv "$1.new" "$1"
}

# plug VERB CONTAINER POD - both rails of a pod, by the files in /etc/cni/net.d, with what ADD has answered.
plug() {
	local r answer
	for ((r = 0; r < RAILS; r++)); do
		answer=/run/answer.$2.$r
		[ "$1" != ADD ] || echo null > "$answer"
		cni "$1" "$(jq -c --slurpfile answer "$answer" '{cniVersion, name} + .plugins[0] |
			if $answer[0] then .prevResult = $answer[0] else . end' "/etc/cni/net.d/1$r-rail$r.conflist")" \
			"$2" "/run/netns/$3" "net$((r + 1))" || { echo "$OUT"; return 1; }
		[ "$1" != ADD ] || echo "$OUT" > "$answer"
	done
}
add() { plug ADD "$@"; }
del() { plug DEL "$@"; }
# attachments - "container interfaces": what rail-sriov list knows of this node.
attachments() { rail-sriov list --json | jq -r '.[].container' | sort | uniq -c | awk '{ print $2, $1 }' | paste -sd' '; }
# holders - the node of every leased address of the cluster.
holders() { rail-ipam list "$STORE" --json | jq -r '[.. | objects | select(.state == "leased").node] | sort | join(" ")'; }

# --- a node as it comes, and shared storage ---------------------------------------------------------------
mount -t tmpfs none /etc/cni
mkdir /etc/cni/net.d
rm -rf $STORE
files > /run/files
for ((r = 0; r < RAILS; r++)); do make_vfs $r 2 > /dev/null; done
before=$(all_vfs)
if [ "$NODE" = 1 ]; then
	nfs_export /export
	mkdir "$SHARE/new"
	cp "$BUILD"/deb/{rail-cni,rdma-probe}_*.deb "$SHARE/new" || lab_die "no packages in $BUILD/deb: make deb"
	NEW=$(dpkg-deb -f "$SHARE"/new/rail-cni_*.deb Version) OLD=${NEW//[0-9]/0}
	older "$SHARE/old"
	put version "$NEW"
fi
NEW=$(get version 120) OLD=${NEW//[0-9]/0}
nfs_mount 4.2 $STORE

# --- install, configure ---------------------------------------------------------------------------------
ok "node $NODE: the packages install" install old
is "node $NODE: ... and their programs run" "$(installed)" "$OLD $OLD $OLD $OLD"
[ "$NODE" != 1 ] || ok "a store is made once" rail-ipam init $STORE
barrier store 120
for sample in 10-rail0 11-rail1; do # as they are, but for the patience that emulated nodes want
	jq '.plugins[0].ipam.deadline = 60' $SAMPLES/$sample.conflist > /etc/cni/net.d/$sample.conflist
done
ok "node $NODE: doctor is content with the samples, and the store" eval \
	'rail-sriov doctor /etc/cni/net.d/10-rail0.conflist && rail-sriov doctor /etc/cni/net.d/11-rail1.conflist &&
	rail-ipam doctor $STORE'

# --- pods, and whether RoCEv2 works -------------------------------------------------------------------------
pod_new train
ok "node $NODE: a pod gets both its rails" add "c$NODE" train
put "address.$NODE" "$(jq -r '.ips[0].address | split("/")[0]' "/run/answer.c$NODE.0")"
for ((r = 0; r < RAILS; r++)); do rxe_add train net$((r + 1)) "rxe$r.$NODE"; done
if [ "$NODE" = 2 ]; then
	ip netns exec train rdma-probe serve > /run/serve 2>&1 &
	server=$!
	wait_for 20 grep -q . /run/serve
fi
barrier serving 120
if [ "$NODE" = 1 ]; then
	ok "the pods reach each other by RoCEv2" eval 'ip netns exec train rdma-probe ping "$(get address.2)" --json > /run/ping'
	is "... on both rails" "$(jq -r '.verdict, .paths[].result' /run/ping | xargs)" "ok ok ok"
fi
barrier probed 120
[ "$NODE" != 2 ] || kill "$server"

# --- upgrade under pods that run ------------------------------------------------------------------------------
ok "node $NODE: the next version installs under a running pod" install new
is "node $NODE: ... and its programs run" "$(installed)" "$NEW $NEW $NEW $NEW"
is "node $NODE: the pod's VFs are known to it" "$(attachments)" "c$NODE $RAILS"
ok "node $NODE: ... and are as they should be" plug CHECK "c$NODE" train
pod_new late
ok "node $NODE: it plugs the next pod" add "late$NODE" late
barrier upgraded 120

# --- node 2 is drained, but for a pod that nobody could end; then it dies ----------------------------------
if [ "$NODE" = 2 ]; then
	ok "draining ends a pod, and frees its addresses" del c2 train
	is "... but for one that stays" "$(attachments), $(holders)" "late2 2, node1 node1 node1 node1 node2 node2"
	pod_del late # as if its power was cut: no DEL, and what /run knew is gone
	pod_del train
	rm -rf /run/rail-cni
fi
barrier dead 120
here 1 "a node that will not come back is fenced, by name" rail-ipam fence node2 $STORE --all-pools
[ "$NODE" != 1 ] || is "its addresses are free, those of others are not" "$(holders)" "node1 node1 node1 node1"

# --- roll back, and end --------------------------------------------------------------------------------------
if [ "$NODE" = 1 ]; then
	ok "the version before installs again under running pods" install old
	is "... and its programs run" "$(installed)" "$OLD $OLD $OLD $OLD"
	ok "... and end the pod that it plugged, and the one that the next version did" eval 'del c1 train && del late1 late && all_back'
	pod_del train
	pod_del late
	is "no address is held" "$(holders)" ""
	ok "fsck finds nothing wrong with the store" rail-ipam fsck $STORE
	ok "nothing waits for the store" eval '! rail-ipam stats $STORE --prometheus | grep "^rail_ipam_pending.* [^0]"'
fi
barrier ended 120
umount $STORE
barrier unmounted 120 # the server is node 1
rmdir $STORE
is "node $NODE: nothing is plugged" "$(attachments)" ""
rm -r /etc/cni/net.d/*
ok "node $NODE: the packages are purged" dpkg -P rail-cni rdma-probe
is "node $NODE: nothing of them is left" "$(files | diff /run/files -; ls -d /run/rail-cni 2> /dev/null)" ""
done_testing
