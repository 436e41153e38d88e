#!/bin/bash
# lab: -n 3 -r 4 -t 900
# probe_mesh.sh - mesh between three nodes with four rails: all green, and not when something is broken.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/probe_pods.sh"

# count RESULT [REASON] - how many paths of the last mesh came out like that.
count() { of "[.paths[] | select(.result == \"$1\" and (.reason // \"\") == \"${2-}\")] | length"; }

# in_two_deadlines - one for a silent control channel, and no rail takes longer. Not the default of one
# second: the nodes may be slow.
DEADLINE=3
in_two_deadlines() { [ "$(of .summary.duration_ms)" -le $((DEADLINE * 2000 + 200)) ]; }

build_pods
printf '10.88.%d.2\n' 1 2 3 > /run/peers
barrier listed

# --- everybody tests everybody, and nobody is in charge

probe pod mesh --peers /run/peers --serve --wait 60s --deadline 3s --html /run/mesh.html
is "mesh: all is green" "$STATUS $(count ok) $(of '[.paths[] | select(.result != "ok") | .dst, .rail_src, .reason, .evidence[]] | join(" ")')" "0 8 "
is "mesh: it knows itself" "$(of .summary.peers)" 2
is "mesh: every peer on every rail" "$(of '[.paths[] | .dst + " " + .rail_src] | unique | length')" 8
ok "mesh: the document is whole" whole
is "mesh: the page has a cell for each" "$(grep -o '<td class="n ok"' /run/mesh.html | wc -l)" 8
ok "mesh: the page needs nothing else" eval '! grep -qE "<script|<link|src=|https?://" /run/mesh.html'
echo "$OUT" > "$SHARE/green.$NODE"
barrier green

# --- all results in one report

if [ "$NODE" = 1 ]; then
	probe pod mesh collect "$SHARE"/green.* --html /run/all.html
	is "collect: all paths of all nodes" "$STATUS $(of '.summary | [.peers, .rails, .ok] | join(" ")')" "0 3 4 24"
	ok "collect: the document is whole" whole
	is "collect: the page has a matrix for each rail" "$(grep -o '<h2>' /run/all.html | wc -l) $(grep -o '<td class="n ok"' /run/all.html | wc -l)" "4 24"
	probe pod mesh collect "$SHARE"/green.[12]
	is "collect: without node 3's result it cannot tell" "$STATUS $(of .verdict)" "2 unknown"
fi

# --- peers of any origin; from now on node 1 asks, all serve

serve
barrier serving
if [ "$NODE" = 1 ]; then
	printf '10.88.%d.2 pods\n' 2 3 >> /etc/hosts
	probe pod mesh --peers dns:pods -c 1 -d 5s
	is "mesh: peers from DNS" "$STATUS $(count ok)" "0 8"

	mkdir -p /run/store/pool0 /run/store/pool1
	for n in 1 2 3; do
		touch "/run/store/pool0/192.168.0.1$n=node$n,0000000$n,c$n,net0,1" \
			"/run/store/pool1/192.168.1.1$n=node$n,0000000$n,c$n,net1,2" "/run/store/pool1/192.168.1.2$n"
	done
	probe pod mesh --peers leases:/run/store -c 1 -d 5s
	is "mesh: peers from the lease store, each pod once" "$STATUS $(of .summary.peers) $(count ok)" "0 2 8"

	text=$(ip netns exec pod "$PROBE" mesh --peers /run/peers -c 1 -d 5s)
	like "mesh: the matrix has a row a peer and a column a rail" "$text" \
		'PEER +net0 +net1 +net2 +net3 +RESULT.*node2.* us .*ok.*node3.* us .*ok'
fi
barrier origins

# --- something is broken

[ "$NODE" != 3 ] || block_roce net2
barrier broken
probe pod mesh --peers /run/peers -c 1 -d 5s # all at the same time
echo "$OUT" > "$SHARE/broken.$NODE"
barrier tried
if [ "$NODE" = 1 ]; then
	probe pod mesh --peers /run/peers -c 1 -d ${DEADLINE}s
	is "mesh: one rail to one peer" "$STATUS $(count ok) $(count fail rc_retry_exceeded)" "1 7 1"
	is "mesh: it is named" "$(of '.paths[] | select(.result == "fail") | .dst + " " + .rail_src')" "node3 net2"
	ok "mesh: with a deadline's time" in_two_deadlines

	probe pod mesh collect "$SHARE"/broken.*
	is "collect: it is that rail of that node, whoever asks" \
		"$STATUS $(of '[.checks[] | select(.name == "suspect") | .value] | join(", ")')" \
		"1 rail net2 of node3: 4 paths, 2 peers, and none works (rc_retry_exceeded)"
	like "collect: and so says the matrix" "$(ip netns exec pod "$PROBE" mesh collect "$SHARE"/broken.*)" \
		'FROM +node1 +node2 +node3.*node1 +\. .* us +3/4 rc_retry_exceeded'

	printf '10.88.7.%d\n' {1..6} >> /run/peers
	probe pod mesh --peers /run/peers -c 1 -d ${DEADLINE}s
	is "mesh: peers that are not there fail nothing and are not forgotten" \
		"$STATUS $(count ok) $(count fail rc_retry_exceeded) $(count unknown peer_absent)" "1 7 1 24"
	ok "mesh: six dead peers cost one deadline, not one a rail" in_two_deadlines

	ip netns exec pod "$PROBE" mesh --peers /run/peers --wait 60s --json > /run/aborted &
	sleep 6
	kill -TERM $!
	STATUS=0
	wait $! || STATUS=$?
	OUT=$(< /run/aborted)
	ok "mesh: SIGTERM, and the document is whole" whole
	is "mesh: it tells what was seen" "$STATUS $(count ok)" "1 7"
fi
barrier seen
kill -TERM "$SERVER"
wait "$SERVER"
[ "$NODE" != 1 ] || ok "every document fits the schema" fits rdma-probe.schema.json /run/documents
done_testing
