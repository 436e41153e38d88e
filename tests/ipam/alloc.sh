#!/bin/bash
# alloc.sh - which addresses rail-ipam hands out, and to whom.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

# 13 addresses: .2 to .14, the gateway being .1.
given=()
for i in {1..13}; do
	cni ADD "c$i" && given+=("$(addr)")
done
is "every address but network, broadcast and gateway is handed out, once" \
	"$(printf '%s\n' "${given[@]}" | sort -t. -k4n | tr '\n' ' ')" \
	"$(printf '192.168.1.%d ' {2..14})"
cni ADD c14
is "the next ADD fails" "$status $(code)" "1 102"
like "... and says which pool is full and how" "$(msg)" \
	"pool rail0 of store $store is full: 13 addresses of 192.168.1.1-192.168.1.14/28 are leased"
is "... and leaves nothing behind" "$(leases | wc -l) $(records c14 | wc -l)" "13 0"
cni STATUS
is "STATUS says 50 when the pool is full" "$status $(code)" "1 50"

cni ADD c5
is "a repeated ADD gets the same address" "$(addr)" "${given[4]}"
is "... and takes no other" "$(leases | wc -l)" 13

cni DEL c5
is "DEL succeeds without a word" "$status$out" 0
is "... and frees the one lease" "$(leases | wc -l)" 12
cni DEL c5
is "a second DEL succeeds as well" "$status$out" 0
cni DEL never-added
is "so does a DEL of what was never added" "$status$out" 0
cni ADD c15
is "the freed address is given to another, resting or not, as nothing else is left" \
	"$(addr)" "${given[4]}"

rm -rf "$state"
cni DEL c7
is "DEL works without the node's state" "$status $(leases | grep -c ',c7,')" "0 0"
is "... and frees no other lease" "$(leases | wc -l)" 12
rm -rf "$state"
cni ADD c8
is "an ADD without the node's state still finds its lease" "$(addr)" "${given[7]}"
cni DEL c8
is "... and its DEL frees it" "$status $(leases | grep -c ',c8,')" "0 0"

name=other
range='"range":"10.1.0.0/28","range_start":"10.1.0.3","range_end":"10.1.0.12",
	"exclude":["10.1.0.5","10.1.0.7-10.1.0.8","10.1.0.10/31"],"gateway":"10.1.0.4"'
ipam="\"store\":\"$store\",$range"
given=()
for i in {1..20}; do
	cni ADD "c$i" && given+=("$(addr)")
done
is "excluded addresses and the gateway are never handed out" \
	"$(printf '%s\n' "${given[@]}" | sort -t. -k4n | tr '\n' ' ')" \
	"10.1.0.3 10.1.0.6 10.1.0.9 10.1.0.12 "
for i in {1..20}; do cni DEL "c$i"; done
ipam="\"store\":\"$store\",\"range\":\"10.1.0.3-10.1.0.12/28\",\"exclude\":[\"10.1.0.3-10.1.0.9\"]"
cni ADD c1
is "an address that is excluded later is skipped" "$(addr)" 10.1.0.12

name=sticky
ipam="\"store\":\"$store\",\"range\":\"10.2.0.0/24\",\"reuseDelay\":0"
pod train-0
cni ADD first && one=$(addr)
cni DEL first
cni ADD second && two=$(addr)
is "a pod that comes again gets its address back" "$two" "$one"
name=sticky2
ipam=${ipam/10.2.0/10.9.9}
cni ADD first
is "... and on another rail the same host part" "$(addr)" "10.9.9.${one##*.}"
name=sticky3
ipam="\"store\":\"$store\",\"range\":\"10.3.0.0/24\",\"reuseDelay\":3600"
cni ADD first && one=$(addr)
cni DEL first
cni ADD second && two=$(addr)
ok "an address rests for reuseDelay before it is given again" test "$two" != "$one"
cni DEL second
name=sticky4
ipam="\"store\":\"$store\",\"range\":\"10.4.0.0/24\",\"sticky\":\"none\",\"reuseDelay\":0"
seen=$(for i in {1..6}; do cni ADD "x$i" && addr && cni DEL "x$i"; done | sort -u | wc -l)
ok "sticky none does not go by the pod's name" test "$seen" -gt 1
args=

name=full
ipam="\"store\":\"$store\",\"range\":\"10.5.0.0/30\",\"reuseDelay\":3600"
cni ADD a && first=$(addr)
cni DEL a
sleep 1.1
cni ADD b && cni DEL b
cni ADD d
is "among resting addresses the longest rested comes first" "$(addr)" "$first"

name=six
ipam="\"store\":\"$store\",\"range\":\"2001:db8:0:7::/64\",\"gateway\":\"2001:db8:0:7::1\""
cni ADD a
like "IPv6 of any size works" "$(addr)" '^2001:db8:0:7::[0-9a-f]*$'
is "... by making only the shard in use" "$(entries "$store/six" | grep -c 120)" 1

name=wide
ipam="\"store\":\"$store\",\"range\":\"10.6.0.250-10.6.1.5/16\""
for i in {1..12}; do cni ADD "c$i" && addr; done > "$tmp/wide"
is "when a shard is full the next is made, up to the range's end" \
	"$(sort -u "$tmp/wide" | wc -l) $(entries "$store/wide" | grep -c -e -24)" "12 2"
cni ADD c13
is "... where the pool is full" "$(code)" 102
cni DEL c3
cni ADD c14
is "... until an address anywhere in it is free" "$status" 0

name=dual
ipam="\"store\":\"$store\",\"ipRanges\":[{\"range\":\"2001:db8:7::/126\"},
	{\"range\":\"10.7.0.0/30\",\"gateway\":\"10.7.0.1\"}]"
cni ADD a
like "several ranges give an address each" "$(addr | tr '\n' ' ')" '^2001:db8:7::[123] 10.7.0.2 $'
is "... whose leases carry one nonce" "$(leases dual | sed 's/.*,//' | sort -u | wc -l)" 1
cni ADD b
is "when one has none left" "$(code)" 102
is "... the others are given back" "$(leases dual | grep -c ',b,')" 0
cni ADD a
like "a repeated ADD gets all of them again" "$(addr | tr '\n' ' ')" '^2001:db8:7::[123] 10.7.0.2 $'
cni DEL a
is "DEL frees all of them" "$(leases dual)" ""

name=either
ipam="\"store\":\"$store\",\"ranges\":[[{\"subnet\":\"10.8.0.0/30\"},{\"subnet\":\"10.8.1.0/30\"}]]"
cni ADD a && addr > "$tmp/either"
cni ADD b && addr >> "$tmp/either"
is "of alternatives the first that has an address gives it" "$(tr '\n' ' ' < "$tmp/either")" \
	"10.8.0.2 10.8.1.2 "

name=neighbours
ipam="\"store\":\"$store\",\"ipRanges\":[{\"range\":\"10.9.0.8-10.9.0.9/24\"},
	{\"range\":\"10.9.0.16-10.9.0.17/24\"}]"
cni ADD a && addr > "$tmp/neighbours"
cni ADD b && addr >> "$tmp/neighbours"
is "ranges may share a block of 256" "$(sort -t. -k4n "$tmp/neighbours" | tr '\n' ' ')" \
	"10.9.0.8 10.9.0.9 10.9.0.16 10.9.0.17 "

done_testing
