#!/bin/bash
# shellcheck disable=SC2016,SC2119 # text for other shells; optional arguments
# nodes.sh - several nodes and one store: each node has a /run, a name and a boot of its own.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

nodes=6 each=12
ipam="\"store\":\"$store\",\"range\":\"10.1.0.0/23\",\"range_start\":\"10.1.0.230\",\"range_end\":\"10.1.1.80\",\"reuseDelay\":0"
pod same # all search from the same place: as many collisions as can be

nodes_begin

for ((n = 1; n <= nodes; n++)); do
	node $n 'for ((i = 0; i < '$each'; i++)); do cni ADD "n$NODE-$i" && addr || echo "$out"; done' > "$tmp/given$n" &
done
wait
is "$nodes nodes that begin at once get distinct addresses" \
	"$(cat "$tmp"/given* | sort | uniq | wc -l) $(cat "$tmp"/given* | wc -l)" "$((nodes * each)) $((nodes * each))"
is "... which are leased to who got them" "$(leases | cut -d, -f3 | sort -u | wc -l)" $((nodes * each))
is "shards were made once each, in order" "$(entries "$store/rail0" | tr '\n' ' ')" "10.1.0.0-24 10.1.1.0-24 pool.json "
is "no address has two files, none is missing" \
	"$(files | sed 's/[=@].*//' | sort | uniq | wc -l) $(files | wc -l)" "107 107"

for ((n = 1; n <= nodes; n++)); do
	node $n 'for ((i = 0; i < '$each'; i++)); do cni DEL "n$NODE-$i" || echo "$out"; cni ADD "m$NODE-$i" && addr; done' > "$tmp/again$n" &
done
wait
is "the same while they release and claim" "$(cat "$tmp"/again* | sort | uniq -d) $(leases | wc -l) $(files | wc -l)" \
	" $((nodes * each)) 107"

node 1 "for ((i = 0; i < 60; i++)); do cni ADD \"f\$i\" || break; done; code" > "$tmp/code1"
is "to the last address" "$(< "$tmp/code1") $(leases | wc -l)" "102 107"
node 2 'cni DEL m2-3; echo $status' > /dev/null
node 1 'cni ADD late; echo $status' > "$tmp/late"
is "... which another node frees" "$(< "$tmp/late")" 0

rail-ipam fence node3 "$store/rail0" > "$tmp/fence"
is "fencing a node frees its leases and no others" \
	"$(tail -n 1 "$tmp/fence") $(leases | wc -l)" "$each files freed $((107 - each))"
node 3 'cni CHECK m3-1; code; cni DEL m3-1; echo $status' > "$tmp/fenced"
is "the fenced node finds out, and its DEL frees nobody's" \
	"$(tr '\n' ' ' < "$tmp/fenced")$(leases | wc -l)" "103 0 $((107 - each))"
node 3 'cni ADD again; cat "$tmp/stderr"; cni ADD again2; cat "$tmp/stderr"; cni DEL again; cni DEL again2' > "$tmp/fenced"
like "... and its next ADD says so, once" "$(grep -c fenced "$tmp/fenced") $(< "$tmp/fenced")" \
	"^1 .*ADD again net1: .*node node3 was fenced: what it held in pool rail0"
is "... which leaves nothing behind" "$(leases | wc -l) $(find "$store/rail0" -name '.fenced-*')" "$((107 - each)) "

# A node that was killed while it made a shard, a moment ago.
mkdir -p "$store/half/.new-node0-00000000"
echo '{"format":1,"ranges":["10.2.0.1-10.2.0.6/29"]}' > "$store/half/pool.json"
name=half ipam="\"store\":\"$store\",\"range\":\"10.2.0.0/29\""
cni ADD a
is "a shard that another node began and never finished is made by the next" \
	"$status $(files half | wc -l)" "0 6"

done_testing
