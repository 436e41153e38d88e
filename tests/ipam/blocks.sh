#!/bin/bash
# shellcheck disable=SC2016,SC2119 # text for other shells; optional arguments
# blocks.sh - perNode: every node leases from blocks of its own.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

blocks() { find "$store/$1" -path '*/blocks-*/*' -printf '%f\n' | sort -t. -k4n; }
taken() { blocks "$1" | grep '='; }
block_of() { blocks "$1" | sed -n "s/=node$2,.*//p" | tr '\n' ' '; }

ipam="\"store\":\"$store\",\"range\":\"10.1.0.0/24\",\"reuseDelay\":0,\"perNode\":{\"prefix\":28,\"gatewayIndex\":1}"
nodes_begin
node 1 'cni ADD a; echo "$out"' > "$tmp/a"
one=$(block_of rail0 1)
base=${one%-*}
like "an ADD takes a block for the node" "$one" '^10.1.0.[0-9]+-28 $'
like "... and gives an address of it, with the block's prefix length and gateway" "$(< "$tmp/a")" \
	"\"address\":\"10.1.0.[0-9]+/28\",\"gateway\":\"10.1.0.$((${base##*.} + 1))\""
like "... and a route to the whole range by that gateway" "$(< "$tmp/a")" \
	"\"routes\":\[\{\"dst\":\"10.1.0.0/24\",\"gw\":\"10.1.0.$((${base##*.} + 1))\"\}\]"
is "a block has a file, and those of its hosts but the gateway" \
	"$(blocks rail0 | wc -l) $(entries "$store/rail0/${one% }" | grep -vc "^\.")" "16 13"

for n in 1 2 3 4 5; do
	node $n 'for ((i = 0; i < 16; i++)); do cni ADD "n$NODE-$i" && addr; done' > "$tmp/given$n" &
done
wait
cat "$tmp"/given* > "$tmp/given"
is "five nodes at once get distinct addresses" "$(sort -u "$tmp/given" | wc -l) $(wc -l < "$tmp/given")" "80 80"
is "... a further block each when the first is full" "$(taken rail0 | sed 's/.*=\(.*\),.*/\1/' | sort | uniq -c | tr -s ' \n' ' ')" \
	" 2 node1 2 node2 2 node3 2 node4 2 node5 "
bad=
for n in 1 2 3 4 5; do
	while read -r ip; do
		found=
		for block in $(block_of rail0 $n); do
			base=${block%-*}
			((${ip##*.} > ${base##*.} && ${ip##*.} < ${base##*.} + 16)) && found=1
		done
		[ -n "$found" ] || bad+=" node$n:$ip"
	done < "$tmp/given$n"
done
is "... all of their own blocks" "$bad" ""
is "no block has two files, none is missing" "$(blocks rail0 | sed 's/[=@].*//' | sort -u | wc -l) $(blocks rail0 | wc -l)" "16 16"

like "list tells which node has which block" "$(rail-ipam list "$store/rail0")" "block 10.1.0.[0-9]+/28: node node2"
is "... for programs as well" "$(rail-ipam list --json "$store/rail0" | jq '.pools[0].blocks | length')" 10
ok "fsck of a pool with blocks finds nothing wrong" rail-ipam fsck "$store/rail0"
block=$(find "$store/rail0" -path '*/blocks-*' -name '*=node2,*' | head -n 1)
: > "${block%=*}=node9,00000000"
like "... but a block that two nodes have" "$(rail-ipam fsck "$store/rail0" 2>&1)" "blocks-10.1.0.0-20: 10.1.0.[0-9]+/28: several leases"
rm "${block%=*}=node9,00000000"

node 2 'for ((i = 13; i < 16; i++)); do cni DEL "n$NODE-$i"; done; cni CHECK n2-1; echo $status' > "$tmp/check"
is "CHECK is content" "$(< "$tmp/check")" 0
node 2 'inside=",\"cni.dev/valid-attachments\":[$(for ((i = 0; i < 13; i++)); do
	echo "{\"containerID\":\"n2-$i\",\"ifname\":\"net1\"}"; done | paste -sd,)]"; cni GC; echo $status$out' > "$tmp/gc"
is "GC gives an empty block back and keeps the one in use" "$(< "$tmp/gc") $(block_of rail0 2 | wc -w)" "0 1"
node 2 'cni ADD again && addr; cni ADD again2 && addr' > "$tmp/again"
is "... and the next ADD that needs one takes one" "$(wc -l < "$tmp/again") $(block_of rail0 2 | wc -w)" "2 2"

BOOT=99999999 node 3 'rm -rf /run/rail-cni; cni ADD fresh && addr' > "$tmp/fresh"
is "a node keeps its blocks over a reboot, and only them" "$(wc -l < "$tmp/fresh") $(block_of rail0 3 | wc -w)" "1 2"
is "... without the leases of before" "$(find "$store/rail0" -name '*=node3,*,*' -printf '%f\n' | cut -d, -f2,3)" 99999999,fresh

theirs=$(block_of rail0 4)
theirs=${theirs%%-*}
free=$(blocks rail0 | grep -v = | head -n 1)
free=${free%%-*}
args="IP=${theirs%.*}.$((${theirs##*.} + 5))"
nodes_begin
node 1 'cni ADD other; echo "$(code) $(msg)"' > "$tmp/other"
like "a requested address in another node's block is refused" "$(< "$tmp/other")" \
	"^102 address .* is of block .*/28, which node node4 has"
args="IP=${free%.*}.$((${free##*.} + 5))"
nodes_begin
node 1 'cni ADD other && addr' > "$tmp/other"
is "one in a free block makes the node take that block" "$(< "$tmp/other")" "${args#IP=}"
args="IP=${free%.*}.$((${free##*.} + 1))"
nodes_begin
node 1 'cni ADD gate; echo "$(code) $(msg)"' > "$tmp/other"
like "a block's gateway is nobody's" "$(< "$tmp/other")" "^102 requested address .* is the gateway of"
args=
nodes_begin

node 1 'for ((i = 0; i < 200; i++)); do cni ADD "f$i" || break; done; code; cni STATUS; code' > "$tmp/full"
is "when no block is left the pool is full" "$(tr '\n' ' ' < "$tmp/full")" "102 50 "
is "... and full it is" "$(blocks rail0 | grep -vc =)" 0
rail-ipam fence node4 "$store/rail0" > "$tmp/fence"
node 4 'sed -i "s/^until .*/until 0/" /run/rail-cni/ipam/pool=*; cni ADD alive; cat "$tmp/stderr"' > "$tmp/alive"
like "a node that was fenced alive says so when it next looks at the pool" "$(< "$tmp/alive")" \
	"ADD alive net1.*node node4 was fenced: what it held in pool rail0"
node 4 'cni DEL alive; inside=",\"cni.dev/valid-attachments\":[]"; cni GC'

is "fencing a node frees its blocks" "$(block_of rail0 4)" ""
node 5 'cni ADD more && cni ADD more2 && addr' > "$tmp/more"
is "... for others" "$(wc -l < "$tmp/more")" 1

name=six
ipam="\"store\":\"$store\",\"range\":\"2001:db8::/32\",\"perNode\":{\"prefix\":64}"
nodes_begin
node 1 'cni ADD a && addr; cni ADD b && addr' > "$tmp/six"
like "a node may have a block of any size" "$(tr '\n' ' ' < "$tmp/six")" '^2001:db8:0:[0-9a-f]+::[0-9a-f]+ 2001:db8:0:[0-9a-f]+::[0-9a-f]+ $'
is "... of which it is one" "$(taken six | wc -l)" 1

# Killed anywhere on the way to a block and an address of it.
name=killed
ipam="\"store\":\"$store\",\"range\":\"10.4.0.0/27\",\"reuseDelay\":0,\"perNode\":{\"prefix\":29}"
bad="" points=0
for ((n = 1; n < 900; n += 5)); do
	rm -rf "$store/killed" "$store"/.new* "$state"
	through=(kill-at all 2 "$n")
	cni ADD a
	through=()
	[ $status = 0 ] || break
	points=$((points + 1))
	cni ADD b || bad+=" $n:$out"
	cni DEL a && cni DEL b || bad+=" $n:DEL"
	inside=',"cni.dev/valid-attachments":[]'
	cni GC || bad+=" $n:GC"
	inside=
	[[ $(taken killed) = "" && $(find "$store/killed" -name '*=*') = "" ]] || bad+=" $n:left"
	rail-ipam fsck "$store/killed" > "$tmp/fsck" || bad+=" $n:fsck"
done
is "killed at $points points of the first ADD, nothing is left after DEL and GC" "${bad:0:500}" ""
ok "... which is all of them, in steps" test $points -gt 40

name=disagree
ipam="\"store\":\"$store\",\"range\":\"10.2.0.0/24\",\"perNode\":{\"prefix\":28}"
cni ADD a
ipam="\"store\":\"$store\",\"range\":\"10.2.0.0/24\",\"perNode\":{\"prefix\":27}"
cni ADD b
like "nodes must agree on the blocks' size" "$(code) $(msg)" \
	"^7 ipam.range: .* was made for 10.2.0.1-10.2.0.254/24 in /28, this configuration says 10.2.0.1-10.2.0.254/24 in /27"
name=slices
ipam="\"store\":\"$store\",\"range\":\"10.3.0.0/16\",\"node_slice_size\":\"/22\""
cni ADD a
like "node_slice_size is another plugin's word for it" "$out" '"address":"10.3.[0-9]+.[0-9]+/22"}'
is "... and a block larger than 256 has several shards" \
	"$(for i in {1..4}; do cni ADD "b$i" && addr; done | wc -l) $(entries "$store/slices" | grep -c -e '^10.*-24')" "4 1"

done_testing
