#!/bin/bash
# lab: -i -n 1 -r 1 -t 1800
# cni.sh - what ADD and DEL cost, side by side with a bare netlink program and with Debian's CNI plugins.
#
#   tests/lab/run -i -n 1 -r 1 -t 1800 tests/bench/cni.sh [RUNS]
#
# With -i the node's clock counts instructions, a nanosecond each: what is printed does not depend on what
# else the machine does, and a millisecond of processor time is a million instructions. Waits (for the driver,
# for a carrier, for the kernel's grace periods) last as long as they say. RUNS (50) pairs of ADD and DEL
# of each, in turn, after a few that do not count.
. "$LAB/lib.sh"
RUNS=${1:-50} WARM=3

# From memory: the lab's root directory is on another machine.
mkdir /run/bin /run/times
cp "$BUILD"/bin/rail-{sriov,ipam} "$BUILD/tests/bench/bare" "$BUILD/tests/tools/stopwatch" \
	/usr/lib/cni/{host-device,host-local,tuning,sbr} /run/bin
PATH=/run/bin:$PATH
vf=$(make_vfs 0 1)
netdev=$(vf_netdev "$vf")
pod_new pod
mkdir /run/store && rail-ipam init /run/store > /dev/null

export CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/pod CNI_IFNAME=net1 CNI_PATH=/run/bin
conf() { jq -cn "$2" > "/run/$1"; }
ours='{cniVersion: "1.0.0", name: "net", type: "rail-sriov", deviceID: "'$vf'", ipam: {type: "rail-ipam",
	store: "/run/store", range: "192.168.0.0/24", gateway: "192.168.0.1", reuseDelay: 0}}'
theirs='{cniVersion: "1.0.0", name: "net", type: "host-device", pciBusID: "'$vf'", ipam: {type: "host-local",
	subnet: "192.168.0.0/24", gateway: "192.168.0.1", dataDir: "/run/leases"}}'
conf rail-sriov "$ours"
conf rail-sriov.rail "$ours | .mtu = 1400 | .rail.sourceRouting = true"
conf host-device "$theirs"
conf tuning '{cniVersion: "1.0.0", name: "net", type: "tuning", mtu: 1400, sysctl: {
	"net.ipv4.conf.net1.arp_ignore": "1", "net.ipv4.conf.net1.arp_announce": "2", "net.ipv4.conf.net1.rp_filter": "2"}}'
conf sbr '{cniVersion: "1.0.0", name: "net", type: "sbr"}'
conf rail-ipam "$ours | .name = \"alone\""
conf host-local "$theirs | .name = \"alone\""

# costs NAME COMMAND... - one call, its cost appended to /run/times/NAME; or, when $counting, its system calls.
counting=
costs() {
	local name=$1
	shift
	if [ "$counting" ]; then
		strace -f -qq -e signal=none -o /run/calls "$@" || return
		grep -vc resumed /run/calls > "/run/times/$name.calls"
	else
		stopwatch "/run/times/$name" "$@"
	fi
}

# call NAME VERB PLUGIN CONF - of a plugin; its answer is in /run/out, its log in /run/log.
call() { CNI_COMMAND=$2 costs "$1.$2" "$3" < "$4" > /run/out 2> /run/log; }
pair() { call "$1" ADD "$2" "/run/$3" && call "$1" DEL "$2" "/run/$3"; }

# chained NAME VERB PLUGIN - the same with the answer before as prevResult.
chained() {
	jq -c --slurpfile before /run/out '.prevResult = $before[0]' "/run/$3" > /run/with
	call "$@" /run/with
}

# Each has a function that makes one pair.
pair_bare() {
	costs bare.ADD bare add "$netdev" rail0 $CNI_NETNS net1 192.168.0.9/24 &&
		costs bare.DEL bare del "$netdev" $CNI_NETNS net1
}
pair_nothing() { costs nothing.ADD bare nothing && costs nothing.DEL bare nothing; }
pair_plain() { pair plain rail-sriov rail-sriov; }
pair_rail() { pair rail rail-sriov rail-sriov.rail; }
pair_device() { pair device host-device host-device; }
pair_ipam() { pair ipam rail-ipam rail-ipam; }
pair_local() { pair local host-local host-local; }
pair_chain() {
	call chain1 ADD host-device /run/host-device && chained chain2 ADD tuning && chained chain3 ADD sbr &&
		cp /run/out /run/result &&
		chained chain3 DEL sbr && cp /run/result /run/out && chained chain2 DEL tuning &&
		call chain1 DEL host-device /run/host-device
}

programs='bare nothing plain device rail chain ipam local'
for ((i = -WARM; i <= RUNS; i++)); do
	[ $i != 0 ] || rm /run/times/*
	[ $i != "$RUNS" ] || counting=yes
	for who in $programs; do
		pair_$who || { echo "$who failed: $(cat /run/out /run/log)"; exit 1; }
	done
done
[ -z "$(ip -n pod -j link | jq -r '.[].parentdev // empty')" ] || { echo "a VF is left in the pod"; exit 1; }

# A chain costs what its plugins cost together; its peak is that of the largest.
cd /run/times || exit
for verb in ADD DEL; do
	paste -d' ' chain[123].$verb | awk '{ most = ($4 > $8 ? $4 : $8); most = ($12 > most ? $12 : most)
		print $1 + $5 + $9, $2 + $6 + $10, $3 + $7 + $11, most }' > chain.$verb
	cat chain[123].$verb.calls | awk '{ s += $1 } END { print s }' > chain.$verb.calls
done

# figures NAME.VERB - "WALL CPU PEAK CALLS": medians of ms, ms, and MiB, and the number of system calls.
figures() {
	awk '{ print $1, $2 + $3, $4 }' "$1" > /run/columns
	echo "$(for column in 1 2 3; do
		cut -d' ' -f$column /run/columns | sort -n | sed -n "$(((RUNS + 1) / 2))p"
	done | paste -sd' ')" "$(< "$1.calls")" | awk '{ print $1 / 1000, $2 / 1000, $3 / 1024, $4 }'
}

# row TITLE NAME [OURS] - what NAME costs, and what OURS is of that.
row() {
	local verb
	for verb in ADD DEL; do
		echo "$(figures "$2.$verb")" "$([ -z "${3:-}" ] || figures "$3.$verb")" |
			awk -v title="$1" -v verb=$verb '{
				printf "%-46s %s %8.1f %7.1f %6.1f %6d", title, verb, $1, $2, $3, $4
				for (i = 1; i <= 2 && NF > 4; i++) printf " %6.2f", $(i + 4) / $i
				print "" }'
	done
}

echo "medians of $RUNS runs in one boot, in turn; on the right what rail-sriov (rail-ipam) takes of it"
printf '%-50s %8s %7s %6s %6s %6s %6s\n' "" "wall ms" "cpu ms" "MiB" "calls" wall cpu
row "rail-sriov with rail-ipam" plain
row "bare netlink program, no IPAM" bare plain
row "a program that does nothing" nothing
row "host-device with host-local" device plain
row "rail-sriov: MTU, source routing, strict ARP" rail
row "host-device, host-local; tuning; sbr" chain rail
row "rail-ipam" ipam
row "host-local" local ipam
cp /run/times/* /run/lab/
