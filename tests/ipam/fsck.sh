#!/bin/bash
# fsck.sh - has every address, and every block, one file? What is certain is mended; of the rest the commands are told, and work.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

shard=$store/rail0/192.168.1.0-24
# The node as its boot is now, and one of before.
me=$(uname -n) boot=$(cut -c 1-8 /proc/sys/kernel/random/boot_id)
ipam+=',"reuseDelay":0'
tool() {
	out=$(rail-ipam "$@" 2> "$tmp/err")
	status=$?
}
of() { entries "$shard" | grep -E "^${1//./\\.}([=@]|$)" | tr '\n' ' '; } # the files of an address
commands() { grep '^    rail-ipam release' <<< "$out" | sed 's/^ *//'; }
is_whole() { files rail0 | grep -vx "$me" | sed 's/[=@].*//' | sort | uniq -c | awk '{ n[$1]++ } END { for (i in n) print i "x" n[i] }'; }

for i in {1..9}; do cni ADD "c$i"; done
args=IP=192.168.1.12
cni ADD b
args=

tool fsck rail0
like "fsck of a pool that is fine says so" "$status $out" "^0 13 addresses are fine, 0 things are not"

# What nobody holds.
lost=$(files rail0 | grep -v = | tail -n 1)
rm "$shard/$lost"
rm "$shard/$(leases | grep ",b,")"
: > "$shard/$me"
mkdir "$store/rail0/photos"
mkdir "$store/rail0/.new-x-00000000" && : > "$store/rail0/.new-x-00000000/f" && touch -d '3 hours ago' "$store/rail0/.new-x-00000000"
held=$(leases | head -n 1)
: > "$shard/${held%%=*}@9"
: > "$shard/${held%%=*}"
tool fsck rail0
like "fsck finds an address without a file" "$status $out" "^1 .*: ${lost%@*}: no file"
like "... one of which the lease is gone" "$out" ": 192.168.1.12: no file"
like "... one with several" "$out" ": ${held%%=*}: several files: .*"
like "... names and directories that do not belong there" "$out" "does not belong here.*photos: is no part of a pool|photos: is no part of a pool.*does not belong here"
like "... and what killed processes left" "$out" ".new-x-00000000: left over"
is "... for programs as well" "$(rail-ipam fsck rail0 --json 2> /dev/null | jq -c '[.found, (.faults | length)]')" "[6,6]"
is "... and changes nothing" "$(of 192.168.1.12)" ""
tool fsck --repair
like "--repair wants the pool named" "$status $(< "$tmp/err")" "^1 .*needs the pool named"
tool fsck --repair rail0
like "... and mends what can be mended" "$status $out" "^1 .*6 things are not, 4 were mended"
is "every address has one file again" "$(is_whole)" 1x13
is "... and the lease is the one that stayed" "$(leases | grep -c -x "$held")" 1
rm -r "$store/rail0/photos" "${shard:?}/$me"
tool fsck rail0
is "nothing is wrong any more" "$status" 0

# Two leases of one address: nobody but a person knows whose it is.
ip=${held%%=*}
other="$ip=gpu7,00000001,x,net1,00000001"
: > "$shard/$other"
: > "$shard/$ip@5"
before=$(of "$ip")
tool release "$ip" rail0
like "release of an address that two hold wants to know which" "$status $(< "$tmp/err")" "^1 .*$ip has several files: .*name the one"
is "... and does nothing without" "$(of "$ip")" "$before"
tool fsck --repair rail0
like "of two leases of one address fsck takes none away, but the free file beside them" \
	"$status $(tr '\n' ' ' <<< "$out")" "^1 .*several leases: .*partly mended: removed $ip@5 .*0 were mended"
is "... and both are there" "$(of "$ip")" "$(printf '%s\n' "$held" "$other" | sort | tr '\n' ' ')"
is "... and tells the commands of which one is to be run" "$(commands | sort)" \
	"$(printf "rail-ipam release %s $store/rail0\n" "$held" "$other" | sort)"
is "... to programs as well" "$(rail-ipam fsck rail0 --json 2> /dev/null | jq -r '.faults[0].commands[]' | sort)" "$(commands | sort)"
tool release --dry-run "$other" rail0
is "which only tells with --dry-run" "$status $(of "$ip" | wc -w)" "0 2"
$(rail-ipam fsck rail0 2> /dev/null | grep "^ *rail-ipam.*=gpu7,") > "$tmp/released"
like "the command takes that lease away" "$? $(< "$tmp/released")" "^0 rail0: freed $other"
is "... and no other: the address is still its holder's" "$(of "$ip")" "$held "
tool fsck rail0
is "... and all is well" "$status" 0
cni CHECK "$(cut -d, -f3 <<< "$held")"
is "... for the holder, too" "$status" 0
tool release "$other" rail0
like "a lease that is not there any more is not freed" "$status $(< "$tmp/err")" "^1 .*$other is not there any more: there is $held"
tool release "$held" rail0
like "a lease may be freed by its name, if it is the only file" "$status $(of "$ip")" "^0 $ip@[0-9]+ $"
cni DEL "$(cut -d, -f3 <<< "$held")"

# A boot of this node that is over: its containers are, too.
ip=192.168.1.12
rm "$shard"/$ip*
: > "$shard/$ip=$me,$boot,live,net1,00000001"
: > "$shard/$ip=$me,00000000,dead,net1,00000002"
tool fsck --repair rail0
like "of two leases one of an earlier boot of this node goes" "$status $out" "^0 .*mended: removed $ip=$me,00000000,dead"
is "... and the other stays" "$(of $ip)" "$ip=$me,$boot,live,net1,00000001 "
: > "$shard/$ip=gpu7,00000000,dead,net1,00000002"
tool fsck --repair rail0
is "... but not of another node, which knows better" "$status $(of $ip | wc -w)" "1 2"
mv "$shard/$ip=gpu7,00000000,dead,net1,00000002" "$shard/$ip=$me,00000000,dead,net1,00000002"
cp "$store/nodes/$me" "$tmp/machine"
echo 00000000000000000000000000000000 > "$store/nodes/$me"
tool fsck --repair rail0
is "... nor if the store knows another machine by our name" "$status $(of $ip | wc -w)" "1 2"
cp "$tmp/machine" "$store/nodes/$me"
tool fsck --repair rail0
is "... as it does not any more" "$status $(of $ip | wc -w)" "0 1"

# Names that somebody wrote by hand.
mv "$shard/$(of $ip | tr -d ' ')" "$shard/$ip@noon"
for i in {1..15}; do cni ADD "d$i"; done
is "an address of which the name means nothing is given to nobody" "$(of $ip)" "$ip@noon "
tool fsck rail0
is "... until a person says so" "$status $(commands)" "1 rail-ipam release $ip $store/rail0"
$(commands) > /dev/null
like "... with the command that fsck tells" "$? $(of $ip)" "^0 $ip@[0-9]+ $"
mv "$shard/$(of $ip | tr -d ' ')" "$shard/$ip=it's mine"
tool fsck rail0
is "... also when a shell would not take the name" "$status $(commands)" "1 rail-ipam release $ip $store/rail0"
$(commands) > /dev/null
like "... which frees it" "$? $(of $ip)" "^0 $ip@[0-9]+ $"
mv "$shard/$(of $ip | tr -d ' ')" "$shard/$ip"
for i in {1..15}; do cni DEL "d$i"; done

# Of processes that were killed while they mended.
mv "$shard/$ip" "$shard/$ip=reserved,fsck-$(date +%s)-00000001"
tool fsck rail0
is "what is set aside for a moment is left alone" "$status" 0
mv "$shard/$ip=reserved,fsck-"* "$shard/$ip=reserved,fsck-$(($(date +%s) - 4000))-00000001"
tool fsck rail0
like "... but not when that moment is long over" "$status $out" "^1 .*: $ip: left over"
: > "$shard/$ip@7"
tool fsck --repair rail0
is "... beside another file" "$status $(of $ip)" "0 $ip@7 "
mv "$shard/$ip@7" "$shard/$ip=reserved,fsck-$(($(date +%s) - 4000))-00000001"
tool fsck --repair rail0
like "... or alone" "$status $(of $ip)" "^0 $ip@[0-9]+ $"

# Killed anywhere in a repair, and in a release: the next one mends what is left.
prepare() { # the address as two have it, and with a free file
	rm -f "$shard"/$ip*
	: > "$shard/$ip=gpu7,00000000,a,net1,00000001"
	: > "$shard/$ip=gpu8,00000000,b,net1,00000002"
	: > "$shard/$ip@5"
}
age() { # the file that is set aside for a moment gets older
	local file
	for file in "$shard"/*=reserved,fsck-*; do
		[ ! -e "$file" ] || mv "$file" "$shard/$ip=reserved,fsck-1000-00000001"
	done
}
bad="" points=0
for ((n = 1; n < 900; n += 7)); do
	prepare
	kill-at all 2 "$n" rail-ipam fsck --repair rail0 > /dev/null 2>&1
	[ $? = 0 ] || break
	points=$((points + 1))
	[ "$(of $ip | tr ' ' '\n' | grep -c =gpu)" = 2 ] || bad+=" $n:$(of $ip)"
	age
	rail-ipam fsck --repair rail0 > /dev/null 2>&1
	[ "$(of $ip)" = "$ip=gpu7,00000000,a,net1,00000001 $ip=gpu8,00000000,b,net1,00000002 " ] || bad+=" $n:$(of $ip)"
done
is "killed at $points points of a repair, both leases are there, and the next one does the rest" "${bad:0:500}" ""
ok "... which is all of them, in steps" test $points -gt 20
bad="" points=0
for ((n = 1; n < 900; n += 7)); do
	prepare
	rm "$shard/$ip@5"
	kill-at all 2 "$n" rail-ipam release "$ip=gpu7,00000000,a,net1,00000001" rail0 > /dev/null 2>&1
	[ $? = 0 ] || break
	points=$((points + 1))
	age
	rail-ipam fsck --repair rail0 > /dev/null 2>&1
	rail-ipam release "$ip=gpu7,00000000,a,net1,00000001" rail0 > /dev/null 2>&1
	[ "$(of $ip)" = "$ip=gpu8,00000000,b,net1,00000002 " ] || bad+=" $n:$(of $ip)"
done
is "killed at $points points of a release, the other lease stays, and the next one does the rest" "${bad:0:500}" ""
ok "... which is all of them, in steps" test $points -gt 12

# Two who mend at once.
bad=
for n in 1 2 3; do
	rm -f "$shard"/$ip*
	: > "$shard/$ip"
	: > "$shard/$ip@5"
	for i in 1 2 3; do rail-ipam fsck --repair rail0 > /dev/null 2>&1 & done
	wait
	[ "$(of $ip | wc -w)" -ge 1 ] || bad+=" none"
	rail-ipam fsck --repair rail0 > /dev/null 2>&1
	[ "$(of $ip | wc -w)" = 1 ] || bad+=" $(of $ip)"
	rm -f "$shard"/$ip*
	for i in 1 2 3; do rail-ipam fsck --repair rail0 > /dev/null 2>&1 & done
	wait
	rail-ipam fsck --repair rail0 > /dev/null 2>&1
	[ "$(of $ip | wc -w)" = 1 ] || bad+=" $(of $ip)"
	rm -f "$shard"/$ip*
	: > "$shard/$ip=gpu7,00000000,a,net1,00000001"
	: > "$shard/$ip=gpu8,00000000,b,net1,00000002"
	for i in 7,00000000,a,net1,00000001 8,00000000,b,net1,00000002; do
		rail-ipam release "$ip=gpu$i" rail0 > /dev/null 2>&1 &
	done
	wait
	rail-ipam fsck --repair rail0 > /dev/null 2>&1
	[ "$(of $ip | wc -w)" = 1 ] || bad+=" $(of $ip)"
done
is "several who mend the same address at once never leave two files that may be claimed, nor none" "$bad" ""

# Of two that are set aside at once the first by name goes back, and the other waits for that.
one="$ip=gpu7,00000000,a,net1,00000001" two="$ip=gpu8,00000000,b,net1,00000002"
rm -f "$shard"/$ip*
: > "$shard/$two"
hold="$shard/$ip=reserved,fsck-$(($(date +%s) - 5))-00000001"
: > "$hold"
{ sleep 0.5 && mv "$hold" "$shard/$one"; } &
tool release "$two" rail0
wait
is "of two leases that are released at once one goes" "$status $(of $ip)" "0 $one "
rm -f "$shard"/$ip*
: > "$shard/$two"
: > "$shard/$ip=reserved,fsck-$(($(date +%s) + 5))-00000001"
tool release "$two" rail0
like "... and the other stays, whose owner is told to try again" "$status $(of $ip) $(cat "$tmp/err")" "^1 $two .*fsck-.* change just now: try again"
rm -f "$shard"/$ip*
: > "$shard/$one"

# Blocks of nodes.
name=blocks ipam="\"store\":\"$store\",\"range\":\"10.1.0.0/26\",\"reuseDelay\":0,\"perNode\":{\"prefix\":28}"
blocks() { entries "$store/blocks/blocks-10.1.0.0-20" | tr '\n' ' '; }
nodes_begin
node 1 'cni ADD a'
dir=$store/blocks/blocks-10.1.0.0-20
mine=$(entries "$dir" | grep =) block=${mine%%=*}
: > "$dir/$block"
: > "$dir/$block=node1,00000009"
tool fsck --repair "$store/blocks"
like "of several files of a block the free one goes, and the second of one node" "$status $out" "^0 .*: ${block/%-28//28}: several leases.*mended: removed $block"
is "... and the node keeps it" "$(blocks | tr ' ' '\n' | grep -c "^$block=node1,") $(blocks | wc -w)" "1 4"
: > "$dir/$block=node2,00000002"
tool fsck --repair "$store/blocks"
is "of two nodes' files none is taken away" "$status $(blocks | wc -w) $(commands | wc -l)" "1 5 2"
$(commands | grep node2) > /dev/null
is "... but by the command that fsck tells" "$? $(blocks | wc -w) $(blocks | grep -c node2)" "0 4 0"
mine=$(entries "$dir" | grep =)
rm "$dir/$mine"
tool fsck --repair "$store/blocks"
like "a block without a file is again the node's that has leases in it" "$status $out $(blocks)" "^0 .*: ${block/%-28//28}: no file.*mended: made $block=node1,.* $block=node1,"
rm "$dir/$block="*
theirs=${block%-28} theirs=${theirs%.*}.$((${theirs##*.} + 13))
mv "$store/blocks/$block/$theirs" "$store/blocks/$block/$theirs=node2,00000000,z,net1,00000000"
tool fsck --repair "$store/blocks"
is "... or set aside, when several have" "$(blocks | tr ' ' '\n' | grep "^$block=")" "$block=reserved,several-nodes-lease-from-it"
mv "$store/blocks/$block/$theirs=node2,00000000,z,net1,00000000" "$store/blocks/$block/$theirs"
node 1 'cni DEL a'
rail-ipam release "${block/%-28//28}" "$store/blocks" > /dev/null
tool fsck "$store/blocks"
like "a block that is set aside is freed as an address is" "$status $(blocks)" "^0 .*$block@[0-9]+ "
done_testing
