/* reason.c - the closed list of reasons why RoCEv2 does not work. */
#include <stddef.h>
#include <string.h>

#include "plugins/rdma-probe/reason.h"

/* A table reads as a table. */
/* clang-format off */
static const struct {
	const char *code, *layer;
	enum verdict verdict;
	const char *fix;
} list[REASON_COUNT] = {
	[REASON_NONE] = { NULL, NULL, VERDICT_FAIL, "" },
	[REASON_NO_DEVICE] = { "no_device", "device", VERDICT_FAIL,
		"give this namespace the RDMA device of its interface, and load the "
		"driver; see rdma-probe devices" },
	[REASON_UVERBS_MISSING] = { "uverbs_missing", "device", VERDICT_UNKNOWN,
		"let the device plugin mount the device's /dev/infiniband/uverbs "
		"node into the container" },
	[REASON_UVERBS_DENIED] = { "uverbs_denied", "device", VERDICT_UNKNOWN,
		"allow the uverbs node in the container's device cgroup, and make "
		"it readable and writable" },
	[REASON_NETNS_EXCLUSIVE] = { "netns_exclusive", "device", VERDICT_FAIL,
		"RDMA devices are in exclusive mode: move the device into this "
		"namespace (rdma dev set DEV netns NS)" },
	[REASON_MEMLOCK] = { "memlock", "limits", VERDICT_UNKNOWN,
		"raise the limit on locked memory (ulimit -l), or give the "
		"container CAP_IPC_LOCK" },
	[REASON_RDMA_CGROUP] = { "rdma_cgroup", "limits", VERDICT_UNKNOWN,
		"raise rdma.max of the container's cgroup" },
	[REASON_PORT_DOWN] = { "port_down", "port", VERDICT_FAIL,
		"set the interface up, and look at cable, switch port and the VF's "
		"link state" },
	[REASON_LINK_LAYER_IB] = { "link_layer_ib", "port", VERDICT_FAIL,
		"set the port's link layer to Ethernet; RoCEv2 needs it" },
	[REASON_NO_ROCEV2_GID] = { "no_rocev2_gid", "gid", VERDICT_FAIL,
		"make sure the address was added after the RDMA device appeared and "
		"that RoCE is on; see rdma-probe gids" },
	[REASON_GID_FOREIGN] = { "gid_foreign", "gid", VERDICT_FAIL,
		"give this namespace the interface the GID belongs to, or its own "
		"RDMA device; see rdma-probe gids --all" },
	[REASON_GID_LINKLOCAL_ONLY] = { "gid_linklocal_only", "gid", VERDICT_FAIL,
		"give the interface an address; link-local GIDs do not leave the "
		"link" },
	[REASON_MTU_NETDEV_SMALL] = { "mtu_netdev_small", "mtu", VERDICT_FAIL,
		"raise the interface's MTU: RoCE needs its own MTU plus 96 bytes" },
	[REASON_MTU_PEER_MISMATCH] = { "mtu_peer_mismatch", "mtu", VERDICT_FAIL,
		"set one MTU on both ends" },
	[REASON_MTU_BLACKHOLE] = { "mtu_blackhole", "mtu", VERDICT_FAIL,
		"raise the MTU of every switch port on the path" },
	[REASON_NO_ROUTE] = { "no_route", "route", VERDICT_FAIL,
		"add a route to the peer's address that leaves by this rail" },
	[REASON_WRONG_EGRESS] = { "wrong_egress", "route", VERDICT_FAIL,
		"make traffic from the rail's address leave by the rail: a rule "
		"\"from ADDRESS lookup TABLE\" (rail-sriov: rail.sourceRouting)" },
	[REASON_NEIGH_FAILED] = { "neigh_failed", "neigh", VERDICT_FAIL,
		"look at VLAN, switch port, spoof check and the peer's interface: "
		"not even ARP or ND gets through" },
	[REASON_ARP_FLUX] = { "arp_flux", "neigh", VERDICT_FAIL,
		"set arp_ignore=1 and arp_announce=2 on the rails of the peer" },
	[REASON_ICMP_BLOCKED] = { "icmp_blocked", "icmp", VERDICT_FAIL,
		"let ICMP pass, or ignore this if RoCEv2 works" },
	[REASON_CM_UNREACHABLE] = { "cm_unreachable", "cm", VERDICT_FAIL,
		"look for a filter on UDP 4791 and for QP1 of the peer's device" },
	[REASON_CM_REJECTED] = { "cm_rejected", "cm", VERDICT_FAIL,
		"start rdma-probe serve on the peer" },
	[REASON_UDP4791_BLOCKED] = { "udp4791_blocked", "udp", VERDICT_FAIL,
		"let UDP port 4791 pass on the path and on both hosts" },
	[REASON_UD_FWD_LOSS] = { "ud_fwd_loss", "ud", VERDICT_FAIL,
		"look for drops on the way to the peer" },
	[REASON_UD_REV_LOSS] = { "ud_rev_loss", "ud", VERDICT_FAIL,
		"look for drops on the way back" },
	[REASON_RC_RETRY_EXCEEDED] = { "rc_retry_exceeded", "rc", VERDICT_FAIL,
		"look for a filter on UDP 4791, PFC storms and the switch's drop "
		"counters between the two" },
	[REASON_RC_RNR] = { "rc_rnr", "rc", VERDICT_FAIL,
		"the path is good; the peer's program posts no receives" },
	[REASON_RC_ACCESS] = { "rc_access", "rc", VERDICT_FAIL,
		"the path is good; the peer refused the operation" },
	[REASON_DSCP_REMARKED] = { "dscp_remarked", "qos", VERDICT_FAIL,
		"trust DSCP on the switch ports of the path" },
	[REASON_ECMP_PARTIAL] = { "ecmp_partial", "ecmp", VERDICT_FAIL,
		"look at the links the failing source ports hash to" },
	[REASON_PEER_ABSENT] = { "peer_absent", "peer", VERDICT_UNKNOWN,
		"start rdma-probe serve on the peer, and let its control port pass" },
	[REASON_PEER_DEAD] = { "peer_dead", "peer", VERDICT_FAIL,
		"the peer went away while being tested: look at its logs" },
	[REASON_DEADLINE] = { "deadline", "time", VERDICT_FAIL,
		"ask again with a longer --deadline; the evidence tells what it was "
		"waiting for" },
};
/* clang-format on */

const char *reason_code(enum reason reason)
{
	return list[reason].code;
}

const char *reason_layer(enum reason reason)
{
	return list[reason].layer;
}

const char *reason_fix(enum reason reason)
{
	return list[reason].fix;
}

enum verdict reason_verdict(enum reason reason)
{
	return list[reason].verdict;
}

enum reason reason_parse(const char *code)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (strcmp(list[i].code, code) == 0)
			return i;
	return REASON_NONE;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { "ok", "unknown", "fail" };

	return names[verdict];
}
