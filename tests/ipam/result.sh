#!/bin/bash
# result.sh - what rail-ipam answers: results, requested addresses, CHECK, list.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

ipam="\"store\":\"$store\",$range,\"range_start\":\"192.168.1.5\",\"range_end\":\"192.168.1.5\",
	\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"192.168.1.1\"}],
	\"dns\":{\"nameservers\":[\"192.168.1.53\"]}"
cni ADD a
is "a result has the address, the gateway, routes and DNS" "$out" \
	'{"cniVersion":"1.1.0","ips":[{"address":"192.168.1.5/28","gateway":"192.168.1.1"}],"routes":[{"dst":"0.0.0.0/0","gw":"192.168.1.1"}],"dns":{"nameservers":["192.168.1.53"]}}'
for version in 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
	cni ADD a
	like "CNI version $version gets a result of its own shape" "$status $out" \
		"^0 \\{\"cniVersion\":\"$version\".*192\\.168\\.1\\.5/28"
done
cni DEL a

name=asked
ipam="\"store\":\"$store\",$range"
inside=',"runtimeConfig":{"ips":["192.168.1.7/24"]}'
cni ADD a
is "a requested address is given" "$(addr)" 192.168.1.7
cni ADD a
is "... and given again to the same attachment" "$(addr)" 192.168.1.7
pod train-0
cni DEL a
cni ADD a
args=
cni ADD b
is "one that is taken is refused" "$(code)" 102
like "... with who holds it" "$(msg)" \
	"address 192.168.1.7 is held by container a on node $(uname -n) as net1, pod ns/train-0"
inside=',"args":{"cni":{"ips":["192.168.1.8"]}}'
cni ADD b
is "args.cni.ips asks as well" "$(addr)" 192.168.1.8
inside=
args="IgnoreUnknown=1;IP=192.168.1.9"
cni ADD c
is "so does IP in CNI_ARGS" "$(addr)" 192.168.1.9
mv "$store/asked/192.168.1.0-24/192.168.1.10" "$store/asked/192.168.1.0-24/192.168.1.10=reserved,printer"
args="IP=192.168.1.10"
cni ADD d
like "an address that an operator set aside is refused" "$(code) $(msg)" \
	"102 address 192.168.1.10 is set aside: 192.168.1.10=reserved,printer"
args="IP=192.168.1.200"
cni ADD d
like "so is one of no range" "$(code) $(msg)" "102 requested address 192.168.1.200 is in none"
args=

cni CHECK a
is "CHECK is content after ADD" "$status$out" 0
inside=',"prevResult":{"cniVersion":"1.1.0","ips":[{"address":"192.168.1.7/28"},{"address":"10.0.0.1/8"}]}'
cni CHECK a
is "... with the result, addresses of other plugins included" "$status$out" 0
inside=',"prevResult":{"cniVersion":"1.1.0","ips":[{"address":"192.168.1.8/28"}]}'
cni CHECK a
like "CHECK fails for an address that another holds" "$(code) $(msg)" \
	"103 192.168.1.8 is not leased to container a as net1"
inside=
cni CHECK a net2
like "CHECK fails for an interface without a lease" "$(code) $(msg)" \
	"103 an address is not leased to container a as net2"
rm -rf "$state"
cni CHECK a
is "CHECK needs no state of the node" "$status" 0
rail-ipam fence "$(uname -n)" "$store/asked" > "$tmp/fence"
like "fencing a node frees its leases and names them" "$(tail -n 2 "$tmp/fence")" \
	"asked: freed 192.168.1.*3 files freed"
cni CHECK a
like "CHECK notices that the lease was taken away" "$(code) $(cat <<< "$out")" "103 .*fenced"
cni DEL a
is "a DEL after that is fine" "$status" 0

# A table and JSON.
name=table
ipam="\"store\":\"$store\",$range"
pod train-0
cni ADD 3f9c0c5d0e1a2b3c4d5e6f708192a3b4 net3
args=
like "list shows address, node, container, interface and pod" "$(rail-ipam list "$store/table")" \
	"192.168.1.[0-9]+ +leased +$(uname -n) +3f9c0c5d0e1a2 +net3 +ns/train-0 +[0-9]+s"
like "... of a pool by its name, in the stores that this node uses" "$(rail-ipam list table)" \
	"3f9c0c5d0e1a2"
is "list --json is JSON with the whole id" "$(rail-ipam list --json table |
	python3 -c 'import json,sys; d=json.load(sys.stdin)["pools"][0]
print(d["leased"], [a["container"] for a in d["addresses"] if a["state"]=="leased"])')" \
	"1 ['3f9c0c5d0e1a2b3c4d5e6f708192a3b4']"
like "list --all shows free addresses" "$(rail-ipam list --all table)" "192.168.1.[0-9]+ +free +- "
like "list of a directory that is no store says so" "$(rail-ipam list /tmp 2>&1 || true)" \
	"/tmp has no store.json"
like "init says what it made" "$(mkdir "$tmp/new" && rail-ipam init "$tmp/new")" \
	"$tmp/new is a store now, id [0-9a-f]{32}, on "
like "... and changes nothing the second time" "$(rail-ipam init "$tmp/new")" "is a store already"
like "a person who runs it learns what it is" "$(rail-ipam 2>&1)" "It is a CNI IPAM plugin"
is "... and nothing that a runtime could take for a result" "$(rail-ipam 2> /dev/null)" ""

# 64 at once.
name=storm
ipam="\"store\":\"$store\",\"range\":\"10.1.0.0/25\""
for i in {1..64}; do (cni ADD "s$i" && addr) & done > "$tmp/storm"
wait
is "64 ADDs at once get 64 addresses" "$(sort -u "$tmp/storm" | wc -l)" 64
is "... and as many leases" "$(leases storm | grep -c ,s)" 64
for i in {1..64}; do cni DEL "s$i" & done
wait
is "64 DELs at once free them all" "$(leases storm | grep -c ,s)" 0
is "no file was lost or doubled" "$(files storm | sed 's/[=@].*//' | sort | uniq -c |
	awk '{ n[$1]++ } END { for (i in n) print i "x" n[i] }')" 1x126

# An answer that nobody gets is as good as none.
deaf() { # REDIRECTED-TO
	: > /run/netns/deaf
	CNI_COMMAND=ADD CNI_CONTAINERID=deaf CNI_IFNAME=net1 CNI_NETNS=/run/netns/deaf CNI_PATH=/nowhere \
		rail-ipam <<< "$(config)" > "$1" 2> /dev/null
}
ok "an ADD whose answer cannot be written fails" eval '! deaf /dev/full'
is "and keeps nothing" "$(leases | grep -c ,deaf,) $(records deaf)" "0 "
{ sleep 0.3; ! deaf /dev/stdout; echo $? > "$tmp/deaf"; } | true
is "so does one whose caller is gone" "$(< "$tmp/deaf") $(leases | grep -c ,deaf,) $(records deaf)" "0 0 "

done_testing
