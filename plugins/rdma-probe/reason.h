/*
 * reason.h - the closed list of reasons why RoCEv2 does not work.
 *
 * Machines act on the codes, so a code never changes its meaning and the list only
 * grows together with the schema. Every reason knows the layer it belongs to, whether
 * it proves a failure or only that nothing could be told, and what a reader can do.
 */
#ifndef PROBE_REASON_H
#define PROBE_REASON_H

enum reason {
	REASON_NONE, /* no code fits: the evidence has to tell */
	REASON_NO_DEVICE,
	REASON_UVERBS_MISSING,
	REASON_UVERBS_DENIED,
	REASON_NETNS_EXCLUSIVE,
	REASON_MEMLOCK,
	REASON_RDMA_CGROUP,
	REASON_PORT_DOWN,
	REASON_LINK_LAYER_IB,
	REASON_NO_ROCEV2_GID,
	REASON_GID_FOREIGN,
	REASON_GID_LINKLOCAL_ONLY,
	REASON_MTU_NETDEV_SMALL,
	REASON_MTU_PEER_MISMATCH,
	REASON_MTU_BLACKHOLE,
	REASON_NO_ROUTE,
	REASON_WRONG_EGRESS,
	REASON_NEIGH_FAILED,
	REASON_ARP_FLUX,
	REASON_ICMP_BLOCKED,
	REASON_CM_UNREACHABLE,
	REASON_CM_REJECTED,
	REASON_UDP4791_BLOCKED,
	REASON_UD_FWD_LOSS,
	REASON_UD_REV_LOSS,
	REASON_RC_RETRY_EXCEEDED,
	REASON_RC_RNR,
	REASON_RC_ACCESS,
	REASON_DSCP_REMARKED,
	REASON_ECMP_PARTIAL,
	REASON_PEER_ABSENT,
	REASON_PEER_DEAD,
	REASON_DEADLINE,
	REASON_COUNT
};

/* Ordered: of several, the largest decides. */
enum verdict {
	VERDICT_OK,
	VERDICT_UNKNOWN, /* could not tell: no permission, nobody to ask, aborted */
	VERDICT_FAIL,
};

const char *reason_code(enum reason reason);  /* "no_route"; NULL for REASON_NONE */
const char *reason_layer(enum reason reason); /* "route"; NULL for REASON_NONE */
const char *reason_fix(enum reason reason);   /* a sentence; "" for REASON_NONE */
enum verdict reason_verdict(enum reason reason);

/* The reason of a code; REASON_NONE for one that is not on our list. */
enum reason reason_parse(const char *code);

const char *verdict_name(enum verdict verdict); /* "ok", "unknown" or "fail" */

#endif
