#!/bin/bash
# trust.sh - what rail-ipam refuses to believe, and what it takes back by itself.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

share=$tmp/share # where a share is mounted, or not
mkdir "$share" "$tmp/server1" "$tmp/server2"
mount -t tmpfs tmpfs "$tmp/server1"
mount -t tmpfs tmpfs "$tmp/server2"
rail-ipam init "$tmp/server1" > /dev/null
rail-ipam init "$tmp/server2" > /dev/null
ipam="\"store\":\"$share\",$range"

mount --bind "$tmp/server1" "$share"
cni ADD a
is "an ADD on a mounted share works" "$status" 0
umount "$share"
cni ADD b
like "a share that is not mounted is noticed by the next ADD" "$(code) $(msg)" \
	"^11 store $share holds no store.json: it is no store, or the share is not mounted there \(found: tmpfs\)"
is "... and nothing is made in its place" "$(entries "$share")" ""
cni STATUS
like "... by STATUS" "$(code) $(msg)" "^50 store $share holds no store.json"
cni CHECK a
is "... by CHECK" "$(code)" 11
cni DEL a
is "DEL then succeeds" "$status" 0
like "... and says why the lease is not released yet" "$(cat "$tmp/stderr")" "DEL a net1.*to be released later: store"
is "... having written it down" "$(pending | grep -c '^a,net1,rail0\.')" 1
cni DEL a
is "... which a second DEL does not need to do again" "$(pending | wc -l)" 1
mount --bind "$tmp/server1" "$share"
is "with the share back, the lease is still there" "$(leases rail0 "$share" | grep -c ',a,')" 1
cni ADD c
is "... until the next call releases it" "$status $(leases rail0 "$share" | grep -c ',a,')" "0 0"
ok "... and forgets that it was pending" test ! -e "$state/pending"

umount "$share"
mount --bind "$tmp/server2" "$share"
cni ADD d
like "another store in the place of the one used is refused" "$(code) $(msg)" \
	"^11 store $share is another one than this node has used: its id is [0-9a-f]{32}, it was [0-9a-f]{32}"
cni DEL c
is "DEL waits for the right one" "$status $(pending | wc -l)" "0 1"
cni STATUS
is "STATUS says 50" "$(code)" 50
umount "$share"
mount --bind "$tmp/server1" "$share"
cni STATUS
is "with the right one back all is well" "$status $(leases rail0 "$share" | wc -l)" "0 0"

# A store that is emptied where it is, and perhaps made anew: the directory stays the one it was.
used() { cp -a "$tmp/full/." "$store" && cp -a "$tmp/state/." "$state"; } # as when node and store last agreed
empty() { find "$store" -mindepth 1 -delete; }
ipam="\"store\":\"$store\",$range"
cni ADD a
cp -a "$store" "$tmp/full"
cp -a "$state" "$tmp/state"
for verb in ADD CHECK STATUS; do
	used && empty
	cni $verb a
	like "an emptied store is told as that by $verb" "$(msg)" "^store $store holds no store.json"
	is "... with what to do" "$(grep -c "rail-ipam init $store" <<< "$out")" 1
	rail-ipam init "$store" > /dev/null
	cp -a "$tmp/state/." "$state"
	cni $verb a
	like "... and one made anew in its place" "$(msg)" "^store $store is another one than this node has used"
	is "... with what to do" "$(grep -c "remove $state/store=[0-9a-f]* on this node" <<< "$out")" 1
done
rm "$state"/store=*
cni ADD a
is "... after which it works" "$status $(leases | wc -l)" "0 1"
rm -r "$store/rail0"
cni ADD b
like "a pool that was removed is told" "$(code) $(msg)" "^11 pool rail0 of store $store: open: No such file"
cni ADD b
is "... and made anew by the next ADD" "$status $(leases | wc -l)" "0 1"
empty
rm -rf "$state" && rail-ipam init "$store" > /dev/null

ipam="\"store\":\"$tmp/none\",$range"
cni ADD a
like "a store that does not exist is no default to be made" "$(code) $(msg)" \
	"^11 open store $tmp/none: No such file or directory"
mkdir "$tmp/none"
cni ADD a
like "nor is an empty directory" "$(code)" 11
ipam="$range"
cni ADD a
is "only the default store makes itself" "$status $(entries /var/lib/cni/rail-ipam | tr '\n' ' ')" \
	"0 nodes rail0 store.json "
cni DEL a

# One range a pool.
ipam="\"store\":\"$store\",$range"
cni ADD a
ipam="\"store\":\"$store\",\"range\":\"192.168.1.0/24\""
cni ADD b
is "a node with another range is refused" "$(code)" 7
is "... with both ranges" "$(msg)" "ipam.range: pool rail0 of store $store was made for 192.168.1.1-192.168.1.14/28, this configuration says 192.168.1.1-192.168.1.254/24"
is "... and nothing is allocated" "$(leases | wc -l)" 1
cni DEL a
is "DEL does not mind" "$status $(leases | wc -l)" "0 0"

# One machine a name.
ipam="\"store\":\"$store\",$range"
echo 00000000000000000000000000000000 > "$store/nodes/gpu07"
ipam+=',"nodeName":"gpu07"'
cni ADD a
like "a node name that belongs to another machine is refused" "$(code) $(msg)" \
	"^100 node name 'gpu07' belongs to another machine in store $store: its id there is 0{32}, this machine's is "
like "... with what to do" "$out" "rail-ipam fence --all-pools gpu07 $store"
rail-ipam fence --all-pools gpu07 "$store" > /dev/null
cni ADD a
is "... after which it works" "$status $(leases | grep -c '=gpu07,')" "0 1"

# A node is called what its configuration says, else the file, else the host.
[ -d /etc/rail-cni ] || { catch /etc && mkdir /etc/rail-cni; }
printf '%s\n' gpu-file second > /etc/rail-cni/node-name
cni ADD n1
ipam="\"store\":\"$store\",$range"
cni ADD n2
rm /etc/rail-cni/node-name
cni ADD n3
is "a node's name is the configured one, else that of /etc/rail-cni/node-name, else the host's" \
	"$(leases | sed -n 's/.*=\(.*\),.*,\(n.\),.*/\2 \1/p' | sort | tr '\n' ' ')" "n1 gpu07 n2 gpu-file n3 $(uname -n) "
for container in n1 n2 n3; do cni DEL $container; done
is "... and a DEL frees what the node took under another name" "$(leases | grep -c ',n[123],')" 0
ipam+=',"nodeName":"gpu07"'

# Reboots.
cni ADD b
fake /proc/sys/kernel/random/boot_id 99999999-aaaa-bbbb-cccc-dddddddddddd
rm -rf "$state"
ipam="\"store\":\"$store\",$range,\"nodeName\":\"other\""
cni ADD z
is "another node's boot frees nothing" "$(leases | grep -c '=gpu07,')" 2
ipam="\"store\":\"$store\",$range,\"nodeName\":\"gpu07\""
cni ADD c
is "the first call after a boot frees what the node held before" "$(leases | grep '=gpu07,' | cut -d, -f2,3)" \
	99999999,c
is "... and nobody else's" "$(leases | grep -c '=other,')" 1
umount /proc/sys/kernel/random/boot_id
rm -rf "$state"
cni ADD d
is "... every time" "$(leases | grep '=gpu07,' | cut -d, -f3)" d

# Namespaces that are gone. Records are believed for ten minutes; STATUS looks at once.
cni ADD e
rm /run/netns/d
cni STATUS
is "a lease whose network namespace vanished is taken back" "$(leases | grep '=gpu07,' | cut -d, -f3)" e
mount -t tmpfs tmpfs /run/netns
cni STATUS
is "... but not when its directory is not the one it was" "$(leases | grep '=gpu07,' | cut -d, -f3)" e
umount /run/netns

# GC.
cni ADD f
cni ADD f net2
name=rail1 ipam="\"store\":\"$store\",\"range\":\"10.1.0.0/28\",\"nodeName\":\"gpu07\""
cni ADD g
name=rail0 ipam="\"store\":\"$store\",$range,\"nodeName\":\"gpu07\""
cni GC
like "GC without a list of valid attachments collects nothing" "$(code) $(msg)" \
	"^7 cni.dev/valid-attachments: missing"
inside=',"cni.dev/valid-attachments":[{"containerID":"e","ifname":"net1"},{"containerID":"f"}]'
cni GC
like "nor does one with a list that is not right" "$(code) $(msg)" \
	"^7 cni.dev/valid-attachments\[1\]: expected an object with containerID and ifname"
inside=',"cni.dev/valid-attachments":[{"containerID":"e","ifname":"net1"},{"containerID":"f","ifname":"net2"}]'
cni GC
is "GC frees what no valid attachment of this network and node owns" \
	"$status $(leases | grep '=gpu07,' | cut -d, -f3,4 | sort | tr '\n' ' ')" "0 e,net1 f,net2 g,net1 "
is "... on this node only" "$(leases | grep -c '=other,')" 1
rm -rf "$state"
inside=',"cni.dev/valid-attachments":[{"containerID":"e","ifname":"net1"}]'
cni GC
is "GC works without the node's state" \
	"$status $(leases | grep '=gpu07,' | cut -d, -f3,4 | sort | tr '\n' ' ')" "0 e,net1 g,net1 "
inside=',"cni.dev/attachments":null'
cni GC
is "null means that there are no attachments" \
	"$status $(leases | grep '=gpu07,' | cut -d, -f3,4 | sort | tr '\n' ' ')" "0 g,net1 "
inside=

# The store is there, but not to be written.
mount --bind "$store" "$store"
mount -o remount,ro,bind "$store"
cni STATUS
like "STATUS says 50 when the store is read-only" "$(code) $(msg)" "^50 write to store .*Read-only"
cni ADD h
like "an ADD fails cleanly" "$(code) $(msg)" "^11 claim 192.168.1.[0-9]+(@[0-9]+)? in pool rail0 .*: Read-only"
is "... and leaves nothing behind" "$(records h | wc -l) $(pending | wc -l)" "0 0"
umount "$store"

done_testing
