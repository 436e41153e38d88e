#!/bin/bash
# tool.sh - what an operator does with a store: doctor, list, show, release, reserve, fence, stats.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

ipam+=',"reuseDelay":0'
args=IP=192.168.1.9
cni ADD a
one=$(addr)
args=IP=192.168.1.12
cni ADD b
two=$(addr)
args=
one_file=$(leases | grep ",a,")

# tool ARG... - its output, and $status.
tool() {
	out=$(rail-ipam "$@" 2> "$tmp/err")
	status=$?
}

tool release "$one" "$store"
like "a command that frees wants the pool named" "$status $(< "$tmp/err")" "^1 .*$store is a store: which of its pools is meant"
is "... and does nothing without" "$(leases | wc -l)" 2
tool release --dry-run "$one" "$store/rail0"
is "--dry-run tells what would be done" "$status $out" "0 rail0: would free $one_file"
is "... and does not do it" "$(leases | wc -l)" 2
tool release "$one" rail0
is "release frees an address, whoever holds it, and names what it freed" "$status $out" "0 rail0: freed $one_file"
is "... and no other" "$(leases | cut -d, -f3)" b
tool release "$one" rail0
like "an address that is free already is no success" "$status $(< "$tmp/err")" "^1 .*$one is free already"
tool release 10.0.0.1 rail0
like "nor one that is none of the pool" "$status $(< "$tmp/err")" "^1 .*10.0.0.1 has no file in pool rail0"
cni DEL a
is "the DEL of what was released succeeds" "$status $(leases | wc -l)" "0 1"

tool reserve 192.168.1.4-192.168.1.5 rail0 "new printer"
is "reserve sets addresses aside, with the reason in their names" "$status $(leases | grep reserved | tr '\n' ' ')" \
	"0 192.168.1.4=reserved,new%20printer 192.168.1.5=reserved,new%20printer "
for i in {1..13}; do cni ADD "c$i" && addr; done | sort > "$tmp/given"
is "... where no ADD gets them" "$(grep -c -x -e 192.168.1.4 -e 192.168.1.5 "$tmp/given") $(wc -l < "$tmp/given")" "0 10"
tool reserve "$two" rail0
like "an address that is leased cannot be set aside" "$status $(< "$tmp/err")" "^1 rail-ipam: not free: $two=.*1 of $two are not free"
tool release 192.168.1.4 rail0
is "release gives an address back that was set aside" "$status $(leases | grep -c reserved)" "0 1"
mkdir "$store/fresh"
echo '{"format":1,"ranges":["10.5.0.1-10.5.255.254/16"]}' > "$store/fresh/pool.json"
tool reserve 10.5.7.0/30 "$store/fresh"
is "addresses that nobody had yet can be set aside as well" "$status $(find "$store/fresh" -name '*reserved*' | wc -l)" "0 4"

# Pictures and tables.
tool show rail0
like "show tells ranges, counts and nodes" "$out" \
	"192.168.1.1-192.168.1.14/28.*14 addresses, of which 13 have files.*11 leased, 1 free, 1 set aside.*$(uname -n) +11 +0"
cni DEL c1
tool show rail0 --map
like "show --map is a cell an address" "$out" "192.168.1.0 +  [#oR.]{13} +"
is "... of the right kind" "$(tail -n 1 <<< "$out" | tr -cd '#oR' | fold -w 1 | sort | uniq -c | tr -s ' \n' ' ')" " 10 # 1 R 2 o "
is "... and the same for programs" "$(rail-ipam show rail0 --map --json | jq -r '.map["192.168.1.0-24"] | length') $(
	rail-ipam show rail0 --json | jq -c '.addresses')" '256 {"free":2,"leased":10,"reserved":1,"odd":0}'
like "stats tells how full pools are" "$(rail-ipam stats)" "$store/rail0 +10 +2 +1 +14 +0 +1"
is "... for programs" "$(rail-ipam stats rail0 --json | jq -c '[.pools[0].addresses.leased, .pools[0].nodes[0].leases, .pending]')" "[10,10,0]"
rail-ipam stats --prometheus > "$tmp/prom"
like "... and for Prometheus" "$(< "$tmp/prom")" "rail_ipam_addresses\{store=\"$store\",pool=\"rail0\",state=\"leased\"\} 10"
is "... every line of which is a sample or a comment" \
	"$(grep -vcE '^(# (HELP|TYPE) rail_ipam_[a-z_]+ .+|rail_ipam_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+]+)$' "$tmp/prom")" 0
before=$(sed -n 's/^rail_ipam_failures_total{verb="ADD"} //p' "$tmp/prom")
for i in {1..5}; do cni ADD "full$i"; done
is "calls that failed are counted" "$(rail-ipam stats --prometheus | sed -n 's/^rail_ipam_failures_total{verb="ADD"} //p')" $((before + 3))
for i in {1..5}; do cni DEL "full$i"; done
mv "$store" "$store.away"
cni DEL c2
mv "$store.away" "$store"
like "a release that waits for its store is counted, and its age" "$(rail-ipam stats --prometheus)" \
	"rail_ipam_pending 1.*rail_ipam_pending_oldest_seconds [0-9]"
cni STATUS

# Fencing.
ipam+=',"nodeName":"gone"'
cni DEL c3; cni DEL c4
cni ADD g1
tool fence gone "$store"
like "fencing without a pool only tells" "$status $out" "^1 rail0: would free 192.168.1.*=gone,.*nodes/gone.*2 files would be freed"
is "... and does nothing" "$(leases | grep -c =gone,) $(entries "$store/nodes" | grep -c gone)" "1 1"
tool fence --dry-run --all-pools gone "$store"
is "... nor does a dry run" "$status $(leases | grep -c =gone,)" "0 1"
tool fence --all-pools gone "$store"
is "--all-pools frees all the node holds, and its name" \
	"$status $(leases | grep -c =gone,) $(entries "$store/nodes" | grep -c gone)" "0 0 0"
cni ADD g2
held=$(leases | grep -vc -e =gone, -e reserved)
printf 'node/%s\n\n' "$(uname -n)" | rail-ipam fence --except - rail0 > "$tmp/fence"
is "fence --except - frees what nodes hold that are not on standard input" \
	"$? $(leases | grep -c =gone,) $(leases | grep -vc -e =gone, -e reserved)" "0 0 $held"
tool fence --except - rail0 < /dev/null
like "... unless there is none: that would be all" "$status $(< "$tmp/err")" "^1 .*standard input names no node"
ipam="${ipam//gone/gone2}"
cni ADD g3
ipam="${ipam//gone2/gone3}"
cni ADD g4
uname -n > "$tmp/living"
tool fence --all-pools --except "$tmp/living" --at-most 1 "$store"
like "more nodes than --at-most are not fenced" "$status $(< "$tmp/err")" "^1 .*2 nodes of $store would be fenced, more than --at-most 1: none was"
is "... not one of them" "$(leases | grep -c =gone)" 2
tool fence --all-pools --except "$tmp/living" --at-most 2 "$store"
is "so many are; who lives can be read from a file" "$status $(leases | grep -c =gone) $(entries "$store/nodes" | grep -c gone)" "0 0 0"
tool fence --all-pools --except "$tmp/nothing" "$store"
like "a list that is not there fences nobody" "$status $(< "$tmp/err")" "^1 .*open $tmp/nothing: No such file"

# For programs.
did() { jq -c '[.action, .done, (.files | map(.pool + " " + .name))]'; }
is "reserve tells programs which files of which pool" "$(rail-ipam reserve --json 10.5.7.9 "$store/fresh" x | did)" \
	'["reserve",true,["fresh 10.5.7.9=reserved,x"]]'
is "... so does release" "$(rail-ipam release --json 10.5.7.9 "$store/fresh" | did)" \
	'["free",true,["fresh 10.5.7.9=reserved,x"]]'
is "... and fence, of a node that has nothing" "$(rail-ipam fence --json nobody "$store/fresh" | did)" '["free",true,[]]'

# Doctor.
tool doctor "$store"
like "doctor finds nothing wrong with a good store" "$status $out" "^0 ok +$store: is a store, id .*files can be made, renamed and removed"
is "... for programs as well" "$(rail-ipam doctor "$store" --json | jq -r .healthy)" true
mount --bind "$store" "$store"
mount -o remount,ro,bind "$store"
tool doctor "$store"
like "... but with one that cannot be written" "$status $out" "^1 .*FAIL  $store: it is mounted read-only.*FAIL  $store: cannot be written"
umount "$store"
tool doctor "$tmp"
like "... and a directory that is none" "$status $out" "^1 FAIL  $tmp:.*store.json"
echo 00000000000000000000000000000000 > "$store/nodes/$(uname -n)"
tool doctor "$store"
like "... and a node whose name is another machine's" "$status $out" "^1 .*FAIL  $store: the name $(uname -n) belongs to another machine"
mv "$store/store.json" "$tmp/store.json"
rail-ipam init "$store" > /dev/null
tool doctor "$store"
like "... and a store in the place of the one that this node has used" "$status $out" \
	"^1 FAIL  $store: is not the store that this node has used: .* or remove $state/store=[0-9a-f]+ if"
mv "$tmp/store.json" "$store/store.json"
tool doctor nowhere
like "... and a pool that does not exist" "$status $out" "^1 FAIL  nowhere: no pool nowhere"
is "init tells programs what it made" "$(mkdir "$tmp/new" && rail-ipam init --json "$tmp/new" | jq -c '[.made, (.id | length)]')" "[true,32]"
done_testing
