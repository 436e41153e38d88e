#!/bin/bash
# convert.sh - configurations of the two widespread IPAM plugins work after changing their type.
#
# Each is one that the plugin's documentation shows, or a part that it explains. What is
# changed is `type`, and the store is given; addresses are then those of the ranges.
set -u
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/lib.sh"

n=0
# convert SENTENCE CONFIGURATION PATTERN - PATTERN is of addresses, gateways, routes and DNS.
convert() {
	n=$((n + 1))
	local text
	text=$(jq -c --arg store "$store" --arg name "net$n" \
		'{cniVersion: "0.4.0", name: $name} + . | .ipam.type = "rail-ipam" | .ipam.store = $store | .ipam.dataDir = null' <<< "$2")
	: > "/run/netns/c$n"
	out=$(CNI_COMMAND=ADD CNI_CONTAINERID=c$n CNI_NETNS=/run/netns/c$n CNI_IFNAME=net1 CNI_PATH=/nowhere \
		CNI_ARGS=$args rail-ipam <<< "$text" 2> "$tmp/stderr")
	like "$1" "$(jq -c '[.ips[]? | .address, .gateway] + [.routes, .dns] | map(select(. != null and . != {}))' <<< "$out")" "$3"
}

ten='10\.10\.[123]\.[0-9]+/16'
convert "two sets, the first with alternatives, and routes" '{"ipam":{"type":"host-local",
	"ranges":[[{"subnet":"10.10.0.0/16","rangeStart":"10.10.1.20","rangeEnd":"10.10.3.50","gateway":"10.10.0.254"},
	{"subnet":"172.16.5.0/24"}],[{"subnet":"3ffe:ffff:0:01ff::/64","rangeStart":"3ffe:ffff:0:01ff::0010",
	"rangeEnd":"3ffe:ffff:0:01ff::0020"}]],"routes":[{"dst":"0.0.0.0/0"},{"dst":"192.168.0.0/16","gw":"10.10.5.1"},
	{"dst":"3ffe:ffff:0:01ff::1/64"}],"dataDir":"/run/my-orchestrator/container-ipam-state"}}' \
	"^\[\"$ten\",\"10.10.0.254\",\"3ffe:ffff:0:1ff::(1[0-9a-f]|20)/64\",\"3ffe:ffff:0:1ff::1\",\[\{\"dst\":\"0.0.0.0/0\"\},"
fake_dns=$tmp/resolv.conf
printf 'nameserver 10.0.0.53\nsearch example.org\n' > "$fake_dns"
convert "one range at the top, and the host's DNS" '{"ipam":{"type":"host-local","subnet":"3ffe:ffff:0:01ff::/64",
	"rangeStart":"3ffe:ffff:0:01ff::0010","rangeEnd":"3ffe:ffff:0:01ff::0020",
	"routes":[{"dst":"3ffe:ffff:0:01ff::1/64"}],"resolvConf":"'"$fake_dns"'"}}' \
	'"3ffe:ffff:0:1ff::(1[0-9a-f]|20)/64".*"nameservers":\["10.0.0.53"\].*"search":\["example.org"\]'
convert "two subnets and nothing else" '{"cniVersion":"0.3.1","name":"examplenet","ipam":{"type":"host-local",
	"ranges":[[{"subnet":"203.0.113.0/24"}],[{"subnet":"2001:db8:1::/64"}]],"dataDir":"/tmp/cni-example"}}' \
	'^\["203.0.113.[0-9]+/24","203.0.113.1","2001:db8:1::[0-9a-f:]+/64","2001:db8:1::1"\]$'
convert "ranges from the runtime" '{"ipam":{"type":"host-local","ranges":[[{"subnet":"203.0.113.0/24"}]]},
	"runtimeConfig":{"ipRanges":[[{"subnet":"10.1.2.0/24","rangeStart":"10.1.2.9","rangeEnd":"10.1.2.9"}]]}}' \
	'^\["10.1.2.9/24","10.1.2.1","203.0.113'
convert "addresses from the runtime, one a set" '{"ipam":{"type":"host-local",
	"ranges":[[{"subnet":"203.0.113.0/24"}],[{"subnet":"2001:db8:1::/64"}]]},
	"runtimeConfig":{"ips":["2001:db8:1::77","203.0.113.77/24"]}}' \
	'^\["203.0.113.77/24","203.0.113.1","2001:db8:1::77/64"'
args="IP=203.0.113.78"
convert "an address in CNI_ARGS" '{"ipam":{"type":"host-local","subnet":"203.0.113.0/24"}}' '^\["203.0.113.78/24"'
args=

convert "a range with excludes" '{"cniVersion":"0.3.0","type":"macvlan","master":"eth0","mode":"bridge",
	"ipam":{"type":"whereabouts","range":"192.168.2.225/28","exclude":["192.168.2.229/30","192.168.2.236/32"]}}' \
	'^\["192.168.2.2(2[4-7]|3[2-57-9])/28"\]$'
convert "the same with a database, a log and a gateway outside" '{"ipam":{"type":"whereabouts",
	"etcd_host":"example-etcd-cluster-client.cluster.local:2379","range":"192.168.2.225/28",
	"exclude":["192.168.2.229/30","192.168.2.236/32"],"log_file":"/tmp/whereabouts.log","log_level":"debug",
	"gateway":"192.168.2.1"}}' '^\["192.168.2.2[0-9]+/28","192.168.2.1"\]$'
convert "a range alone" '{"ipam":{"type":"whereabouts","range":"192.168.2.225/28"}}' '^\["192.168.2.2[0-9]+/28"\]$'
convert "an end in the range" '{"ipam":{"type":"whereabouts","range":"192.168.2.225-192.168.2.226/28"}}' \
	'^\["192.168.2.22[56]/28"\]$'
convert "an IPv6 range" '{"ipam":{"type":"whereabouts","range":"2001::0/116","gateway":"2001::f:1"}}' \
	'^\["2001::[0-9a-f]+/116","2001::f:1"\]$'
convert "several ranges" '{"ipam":{"type":"whereabouts","ipRanges":[{"range":"192.168.10.1/24"},{"range":"176.168.10.1/16"}]}}' \
	'^\["192.168.10.[0-9]+/24","176.168.[0-9.]+/16"\]$'
convert "several ranges beside one" '{"ipam":{"type":"whereabouts","ipRanges":[{"range":"192.168.10.1/24"},
	{"range":"176.168.10.1/16"}],"range":"abcd::1/64"}}' '^\["abcd::[0-9a-f:]+/64","192.168.10.[0-9]+/24","176.168.[0-9.]+/16"\]$'
convert "dual stack" '{"ipam":{"type":"whereabouts","ipRanges":[{"range":"192.168.10.1/24"},{"range":"abcd::1/64"}]}}' \
	'^\["192.168.10.[0-9]+/24","abcd::[0-9a-f:]+/64"\]$'
convert "start, end and no check of overlaps" '{"ipam":{"type":"whereabouts","range":"10.5.0.0/16","range_start":"10.5.7.1",
	"range_end":"10.5.7.9","enable_overlapping_ranges":false,"leader_lease_duration":1500,
	"kubernetes":{"kubeconfig":"/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"}}}' '^\["10.5.7.[1-9]/16"\]$'
convert "slices of nodes" '{"ipam":{"type":"whereabouts","range":"10.6.0.0/16","node_slice_size":"/22"}}' \
	'^\["10.6.[0-9]+.[0-9]+/22"\]$'
convert "a static address, routes and DNS beside the range" '{"ipam":{"type":"whereabouts","range":"10.7.0.0/24",
	"addresses":[{"address":"10.8.0.9/24","gateway":"10.8.0.1"}],"routes":[{"dst":"10.0.0.0/8","gw":"10.7.0.1"}],
	"dns":{"nameservers":["8.8.8.8"],"domain":"example.com"}}}' \
	'^\["10.7.0.[0-9]+/24","10.8.0.9/24","10.8.0.1",\[\{"dst":"10.0.0.0/8","gw":"10.7.0.1"\}\],\{"nameservers":\["8.8.8.8"\],"domain":"example.com"\}\]$'
for pool in one two; do
	name=$pool
	ipam="\"store\":\"$store\",\"range\":\"10.9.0.0/30\",\"network_name\":\"shared\""
	cni ADD "$pool" && addr
done > "$tmp/shared"
is "networks of one network_name share their addresses" "$(sort "$tmp/shared" | tr '\n' ' ')" "10.9.0.1 10.9.0.2 "
done_testing
