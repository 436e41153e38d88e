#!/bin/bash
# lab: -i -n 1 -r 1 -t 1800
# cni.sh - what ADD and DEL cost, side by side with a bare netlink program and with Debian's CNI plugins.
#
#   tests/lab/run -i -n 1 -r 1 -t 1800 tests/bench/cni.sh [RUNS]
#
# With -i the node's clock counts instructions, a nanosecond each: what is printed as time then does not
# depend on what else the machine does. Waits (for a carrier, for the kernel's grace periods) last as long as
# they say. RUNS (50) pairs of ADD and DEL of each, in turn, after a few that do not count.
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
conf() { jq -cn "$1"; }
ours='{cniVersion: "1.0.0", name: "net", type: "rail-sriov", deviceID: "'$vf'", ipam: {type: "rail-ipam",
	store: "/run/store", range: "192.168.0.0/24", gateway: "192.168.0.1", reuseDelay: 0}}'
theirs='{cniVersion: "1.0.0", name: "net", type: "host-device", pciBusID: "'$vf'", ipam: {type: "host-local",
	subnet: "192.168.0.0/24", gateway: "192.168.0.1", dataDir: "/run/host-local"}}'
conf "$ours" > /run/plain
conf "$ours | .mtu = 1400 | .rail.sourceRouting = true" > /run/rail
conf "$theirs" > /run/host-device
conf '{cniVersion: "1.0.0", name: "net", type: "tuning", mtu: 1400, sysctl: {"net.ipv4.conf.net1.arp_ignore": "1",
	"net.ipv4.conf.net1.arp_announce": "2", "net.ipv4.conf.net1.rp_filter": "2"}}' > /run/tuning
conf '{cniVersion: "1.0.0", name: "net", type: "sbr"}' > /run/sbr

# timed NAME VERB PLUGIN CONF - one call, its cost appended to /run/times/NAME.VERB; the answer in /run/out.
timed() { CNI_COMMAND=$2 stopwatch "/run/times/$1.$2" "$3" < "$4" > /run/out; }

# chained NAME VERB PLUGIN - the same with the answer before as prevResult.
chained() {
	jq -c --slurpfile r /run/out '.prevResult = $r[0]' "/run/$3" > /run/with
	timed "$@" /run/with
}

# Each has a function that makes one pair, and appends its cost.
pair_bare() {
	stopwatch /run/times/bare.ADD bare add "$netdev" rail0 $CNI_NETNS net1 192.168.0.9/24
	stopwatch /run/times/bare.DEL bare del "$netdev" $CNI_NETNS net1
}
pair_plain() { timed plain ADD rail-sriov /run/plain && timed plain DEL rail-sriov /run/plain; }
pair_rail() { timed rail ADD rail-sriov /run/rail && timed rail DEL rail-sriov /run/rail; }
pair_host_device() {
	timed host_device ADD host-device /run/host-device && timed host_device DEL host-device /run/host-device
}
pair_chain() {
	timed chain1 ADD host-device /run/host-device && chained chain2 ADD tuning && chained chain3 ADD sbr || return
	cp /run/out /run/result
	chained chain3 DEL sbr && cp /run/result /run/out && chained chain2 DEL tuning &&
		timed chain1 DEL host-device /run/host-device || return
	for verb in ADD DEL; do
		for i in 1 2 3; do tail -n 1 /run/times/chain$i.$verb; done |
			awk '{ for (i = 1; i <= 3; i++) s[i] += $i; if ($4 > m) m = $4 }
				END { print s[1], s[2], s[3], m }' >> /run/times/chain.$verb
	done
}

all='bare plain host_device rail chain'
for ((i = -WARM; i < RUNS; i++)); do
	[ $i != 0 ] || rm /run/times/*
	for who in $all; do
		pair_$who || { echo "$who failed: $(cat /run/out)"; exit 1; }
	done
done
[ -z "$(ip netns exec pod ip -j link | jq -r '.[].parentdev // empty')" ] || echo "a VF is left in the pod"

# median NAME.VERB COLUMN; mean NAME.VERB COLUMN - processor time is read off ticks: only sums of it are right.
median() { sort -n -k"$2,$2" "/run/times/$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'; }
mean() { awk -v c="$2" '{ s += $c } END { print s / NR }' "/run/times/$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'; }

# row TITLE NAME OURS - what NAME costs, and what OURS is of that.
row() {
	local verb
	for verb in ADD DEL; do
		printf '%-44s %-4s %9.2f %9.2f %9.2f %9.1f' "$1" $verb \
			"$(awk -v v="$(median "$2.$verb" 1)" 'BEGIN { print v / 1000 }')" \
			"$(awk -v v="$(mean "$2.$verb" 2)" 'BEGIN { print v / 1000 }')" \
			"$(awk -v v="$(mean "$2.$verb" 3)" 'BEGIN { print v / 1000 }')" \
			"$(awk -v v="$(median "$2.$verb" 4)" 'BEGIN { print v / 1024 }')"
		[ -z "${3:-}" ] || printf ' %9s %9s' "$(ratio "$(median "$3.$verb" 1)" "$(median "$2.$verb" 1)")" \
			"$(ratio "$(mean "$3.$verb" 2)" "$(mean "$2.$verb" 2)")"
		echo
	done
}

echo "medians of $RUNS runs in one boot, each in turn; ours/theirs is what rail-sriov takes of it"
printf '%-44s %-4s %9s %9s %9s %9s %9s %9s\n' "" "" "wall ms" "user ms" "kernel ms" "peak MiB" "wall" "user"
row "rail-sriov, rail-ipam" plain
row "bare netlink program, no IPAM" bare plain
row "host-device, host-local" host_device plain
row "rail-sriov with MTU, source routing, strict ARP" rail
row "host-device, host-local, tuning, sbr" chain rail
cp /run/times/* /run/lab/
