#!/bin/bash
# shellcheck disable=SC2016,SC2119 # text for other shells; optional arguments
# import.sh - what another plugin has allocated becomes leases, and no address changes hands.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

me=$(uname -n)
ipam="\"store\":\"$store\",\"range\":\"10.1.0.0/26\",\"gateway\":\"10.1.0.1\",\"exclude\":[\"10.1.0.60\"],\"reuseDelay\":0"
import() { # SOURCE [OPTION...]
	[ -e "$tmp/conf" ] || config > "$tmp/conf"
	out=$(rail-ipam import "$1" "$tmp/conf" "${@:2}" 2> "$tmp/err")
	status=$?
}
holder() { leases "${2-rail0}" | sed -n "s/^${1//./\\.}=[^,]*,[^,]*,\([^,]*,[^,]*\),.*/\1/p"; }

# host-local itself, if it is here; else what it would have written.
local=$tmp/networks/rail0
mkdir -p "$local"
host_local=$(PATH=/usr/lib/cni:/opt/cni/bin type -P host-local)
host_local_add() { # CONTAINER IFNAME
	CNI_COMMAND=ADD CNI_CONTAINERID=$1 CNI_IFNAME=$2 CNI_NETNS=/run/netns/$1 CNI_PATH=/nowhere "$host_local" <<< '{"cniVersion":"1.0.0",
		"name":"rail0","ipam":{"type":"host-local","dataDir":"'"$tmp/networks"'","ranges":[[{"subnet":"10.1.0.0/26"}]]}}' |
		jq -r '.ips[0].address | split("/")[0]'
}
if [ -n "$host_local" ]; then
	for i in 1 2 3; do host_local_add "old$i" eth0; done > "$tmp/given"
else
	skip "what host-local itself has allocated" "it is not installed: its files are written by this test"
	for i in 1 2 3; do
		printf 'old%d\r\neth0' $i > "$local/10.1.0.$((i + 1))"
		echo "10.1.0.$((i + 1))"
	done > "$tmp/given"
	echo 10.1.0.4 > "$local/last_reserved_ip.0"
	: > "$local/lock"
fi
mapfile -t given < "$tmp/given"

import "$local" --dry-run
is "import --dry-run tells what would be leased, to whom" "$status $(head -n 1 <<< "$out")" \
	"0 rail0: would lease ${given[0]} for container old1 as eth0"
like "... and how many" "$out" "3 would be leased, 0 set aside for other nodes, 0 were there already"
is "... and does nothing" "$(entries "$store/rail0") $(records old1)" " "
import "$local"
is "import of host-local's directory makes its allocations leases" "$status $(for ip in "${given[@]}"; do holder "$ip"; done | tr '\n' ' ')" \
	"0 old1,eth0 old2,eth0 old3,eth0 "
like "... and tells each" "$out" "rail0: leased ${given[1]} for container old2 as eth0"
before=$(leases)
import "$local"
is "the same again changes nothing" "$status $([ "$(leases)" = "$before" ] && echo same)" "0 same"
like "... and says so" "$out" "rail0: is there already: ${given[0]} .*0 leased, 0 set aside for other nodes, 3 were there already"
rm -rf "$state"
import "$local"
is "... also when the node's state is lost, which it makes again" "$status $([ "$(leases)" = "$before" ] && echo same) $(records old2)" \
	"0 same old2,eth0,rail0"

cni ADD old2 eth0
is "an ADD of the same container and interface gets its address" "$status $(addr)" "0 ${given[1]}"
for i in {1..40}; do cni ADD "new$i" && addr; done > "$tmp/new"
is "nobody else gets it" "$(sort "$tmp/new" "$tmp/given" | uniq -d) $(sort -u "$tmp/new" | wc -l)" " 40"
cni CHECK old1 eth0
is "CHECK is content" "$status" 0
cni DEL old1 eth0
is "the runtime's DEL frees what was imported" "$status $(holder "${given[0]}")" "0 "
is "... and nothing else" "$(holder "${given[2]}")" "old3,eth0"
inside=',"cni.dev/valid-attachments":[{"containerID":"old2","ifname":"eth0"}]'
cni GC
is "GC frees what no valid attachment owns, and keeps the rest" "$status $(holder "${given[1]}") $(holder "${given[2]}")" "0 old2,eth0 "
inside=

# What cannot be.
list=$tmp/list.csv
rows() { # ROW... of address,container,interface,node,pod
	echo address,container,interface,node,pod > "$list"
	printf '%s\n' "$@" >> "$list"
}
before=$(files)
rows "${given[1]},other,net1,," 10.1.0.5,fine,net1,,
import "$list"
like "an address that another holds is refused, naming both" "$status $out" \
	"^1 rail0: refused: ${given[1]} for container other as net1 \(line 2\): container old2 on node $me holds it as eth0"
like "... and nothing is done at all" "$(< "$tmp/err")" "1 of 2 addresses cannot be imported: nothing was done"
is "... as the store shows" "$([ "$(files)" = "$before" ] && echo same) $(records fine)" "same "
rows 10.1.0.5,a,net1,, 10.1.0.5,b,net1,gpu8,
import "$list"
like "so are two rows of one address" "$status $(tr '\n' ' ' <<< "$out")" "^1 .*10.1.0.5 for container a .*container b as net1 is said to have it.*10.1.0.5 for container b .*container a as net1 is said"
rows 10.1.0.5,a,net1,, 10.1.0.6,a,net1,,
import "$list"
like "... two addresses of one attachment in the same range" "$status $out" "^1 .*10.1.0.6 for container a .*the same attachment has 10.1.0.5 of the same range"
for ip in 10.2.0.5 10.1.0.60 10.1.0.1; do
	rows "$ip,a,net1,,"
	import "$list"
	like "... and $ip, which the configuration does not hand out" "$status $out" "^1 .*$ip .*does not hand it out"
done
rail-ipam reserve 10.1.0.7 "$store/rail0" printer > /dev/null
rows 10.1.0.7,a,net1,,
import "$list"
like "... and one that was set aside" "$status $out" "^1 .*it is set aside: 10.1.0.7=reserved,printer"
rail-ipam release 10.1.0.7 "$store/rail0" > /dev/null
config | sed 's/"type":"rail-ipam"/"type":"host-local"/' > "$tmp/old.conf"
rail-ipam import "$local" "$tmp/old.conf" > "$tmp/out" 2> "$tmp/err"
like "a configuration that does not say rail-ipam yet is refused" "$? $(< "$tmp/err")" "^1 .*no plugin in it has an ipam of type rail-ipam"
: > "$local/10.1.0.9"
import "$local"
like "an empty file of host-local's is nobody's: that must be settled first" "$status $(< "$tmp/err")" "^1 .*10.1.0.9: is empty"
rm "$local/10.1.0.9"
is "none of this changed anything" "$([ "$(files | sed 's/@.*//')" = "$(sed 's/@.*//' <<< "$before")" ] && echo same)" same

# A list of a whole cluster: each node leases its own, and keeps the others' from everybody.
name=lists ipam="\"store\":\"$store\",\"range\":\"10.3.0.0/28\",\"reuseDelay\":0"
nodes_begin
rows 10.3.0.2,one,net1,node1,ml/a 10.3.0.3,two,net1,node2,ml/b 10.3.0.4,three,net1,node2,
node 1 'config > "$tmp/conf1"; rail-ipam import "$tmp/list.csv" "$tmp/conf1"' > "$tmp/one"
like "a list with nodes: this node's rows are leased, others' are set aside" "$(tr '\n' ' ' < "$tmp/one")" \
	"leased 10.3.0.2 .*on node node1, pod ml/a .*set aside 10.3.0.3 .*1 leased, 2 set aside for other nodes"
is "... with whose they are" "$(leases lists | grep reserved | tr '\n' ' ')" \
	"10.3.0.3=reserved,import,node2,,two,net1 10.3.0.4=reserved,import,node2,,three,net1 "
node 1 'for ((i = 0; i < 14; i++)); do cni ADD "x$i" && addr; done' > "$tmp/taken"
is "nobody gets them" "$(wc -l < "$tmp/taken") $(grep -c -x -e 10.3.0.2 -e 10.3.0.3 -e 10.3.0.4 "$tmp/taken")" "11 0"
before=$(leases lists)
node 1 'rail-ipam import "$tmp/list.csv" "$tmp/conf1"' > "$tmp/one"
is "the same again changes nothing there" "$? $([ "$(leases lists)" = "$before" ] && echo same)" "0 same"
node 2 'config > "$tmp/conf2"; rail-ipam import "$tmp/list.csv" "$tmp/conf2"' > "$tmp/two"
is "imported on the other node they are leases of it" "$(holder 10.3.0.3 lists) $(holder 10.3.0.4 lists) $(grep -c "leased 10.3.0" "$tmp/two")" \
	"two,net1 three,net1 2"
node 1 'rail-ipam import "$tmp/list.csv" "$tmp/conf1"' > "$tmp/one"
is "... and the first node finds nothing to do" "$? $(tail -n 1 "$tmp/one")" "0 0 leased, 0 set aside for other nodes, 3 were there already"
node 2 'cni ADD two && addr; cni DEL two; cni DEL three' > "$tmp/two"
is "... where ADD and DEL know them" "$(< "$tmp/two") $(holder 10.3.0.3 lists)$(holder 10.3.0.4 lists)" "10.3.0.3 "
rows 10.3.0.3,gone,net1,node9,
node 1 'rail-ipam import "$tmp/list.csv" "$tmp/conf1"' > /dev/null
is "what is set aside for a node that never comes" "$(leases lists | grep -c node9)" 1
rail-ipam fence node9 "$store/lists" > /dev/null
is "... is freed by fencing it" "$(leases lists | grep -c node9)" 0

# Other ways to tell it.
name=ways ipam="\"store\":\"$store\",\"ipRanges\":[{\"range\":\"10.4.0.0/28\"},{\"range\":\"2001:db8:4::/124\"}]"
config > "$tmp/conf"
echo '[{"address":"10.4.0.5/28","containerID":"c","ifname":"net1"},{"ip":"2001:db8:4::5","container":"c","interface":"net1"}]' > "$tmp/list.json"
import - < "$tmp/list.json"
is "a list in JSON, on standard input, of two ranges" "$status $(holder 10.4.0.5 ways) $(holder 2001:db8:4::5 ways)" "0 c,net1 c,net1"
is "... whose leases carry one nonce" "$(leases ways | sed 's/.*,//' | sort -u | wc -l)" 1
cni ADD c
is "... which the ADD of the container gets, both" "$(addr | tr '\n' ' ')" "10.4.0.5 2001:db8:4::5 "
cni DEL c
is "... and its DEL frees, both" "$(leases ways)" ""
import "$tmp/list.json" --json
is "what was done, for programs" "$(jq -c '[.done, .pool, (.rows[] | .address, .state)]' <<< "$out")" '[true,"ways","10.4.0.5","lease","2001:db8:4::5","lease"]'
import "$tmp/list.json" --json --dry-run
is "... or would be" "$(jq -c '[.done, .rows[0].state]' <<< "$out")" '[false,"there"]'
printf '{"cniVersion":"1.0.0","name":"listed","plugins":[{"type":"bridge"},%s]}' "$(name=x config)" > "$tmp/conf"
import "$tmp/list.json"
is "the network may be a list of plugins" "$status $(entries "$store/listed" | grep -c -e '-24$')" "0 1"
name=ways
rows 10.4.0.6,c,net1,,
config > "$tmp/conf"
import "$list"
like "an attachment that has an address of the range gets no other" "$status $(< "$tmp/err")" "^1 .*container c has 10.4.0.5 as net1 already, so not 10.4.0.6"
is "... and keeps that one" "$(holder 10.4.0.5 ways) $(holder 10.4.0.6 ways)" "c,net1 "

# Blocks of nodes.
name=blocks ipam="\"store\":\"$store\",\"range\":\"10.5.0.0/26\",\"reuseDelay\":0,\"perNode\":{\"prefix\":28}"
nodes_begin
rows 10.5.0.20,one,net1,node1, 10.5.0.40,two,net1,node2,
node 1 'config > "$tmp/conf1"; rail-ipam import "$tmp/list.csv" "$tmp/conf1"' > "$tmp/one"
is "with blocks a node: each gets the block that its containers' addresses are in" \
	"$(entries "$store/blocks/blocks-10.5.0.0-20" | grep = | sed 's/,.*//' | tr '\n' ' ')" "10.5.0.16-28=node1 10.5.0.32-28=node2 "
rows 10.5.0.21,three,net1,node2,
node 1 'rail-ipam import "$tmp/list.csv" "$tmp/conf1"' > "$tmp/one" 2> "$tmp/err"
like "... and an address in another's block is refused" "$? $(< "$tmp/one")" "^1 .*10.5.0.21 .*it is in block 10.5.0.16/28, which is node1"
rows 10.5.0.20,one,net1,node1, 10.5.0.40,two,net1,node2,
node 2 'config > "$tmp/conf2"; rail-ipam import "$tmp/list.csv" "$tmp/conf2"; cni ADD two && addr; cni DEL two' > "$tmp/two"
is "... and ADD and DEL know them" "$(sed -n '$p' "$tmp/two") $(leases blocks | grep -c ',two,')" "10.5.0.40 0"
ok "fsck finds nothing wrong in any pool" rail-ipam fsck "$store"

# Killed anywhere: the same command again does the rest.
name=killed ipam="\"store\":\"$store\",\"ipRanges\":[{\"range\":\"10.6.0.0/29\"},{\"range\":\"10.6.1.0/29\"}]"
config > "$tmp/conf"
rows 10.6.0.2,a,net1,, 10.6.0.3,b,net1,gpu8, 10.6.1.4,a,net1,,
bad="" points=0
for ((n = 1; n < 3000; n += 7)); do
	rm -rf "$store/killed" "$store"/.new* "$state"
	kill-at all 2 "$n" rail-ipam import "$list" "$tmp/conf" > /dev/null 2>&1
	[ $? = 0 ] || break
	points=$((points + 1))
	import "$list"
	[ "$status $(holder 10.6.0.2 killed) $(holder 10.6.1.4 killed) $(leases killed | wc -l)" = "0 a,net1 a,net1 3" ] || bad+=" $n:$status:$(leases killed | tr '\n' ' ')"
	cni DEL a
	[ "$(leases killed)" = "10.6.0.3=reserved,import,gpu8,,b,net1" ] || bad+=" $n:DEL:$(leases killed | tr '\n' ' ')"
done
is "killed at $points points of an import, the same command again does the rest" "${bad:0:500}" ""
ok "... which is all of them, in steps" test $points -gt 40
ok "... and nothing is wrong then" rail-ipam fsck "$store/killed"
done_testing
