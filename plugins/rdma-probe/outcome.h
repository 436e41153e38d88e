/*
 * outcome.h - what became of a path, apart from everything that was needed to test it.
 *
 *	outcome_of(&path, peer, &outcome);
 *	...
 *	outcome_clear(&outcome);
 *
 * Small while the path works: a mesh of 512 nodes has a million of them.
 */
#ifndef PROBE_OUTCOME_H
#define PROBE_OUTCOME_H

#include "plugins/rdma-probe/path.h"

struct outcome {
	char src[PROTO_HOST_LEN];  /* "": the one who tells */
	char dst[PROTO_HOST_LEN];  /* as it calls itself, if it was heard */
	char peer[PROTO_HOST_LEN]; /* as it was asked for */
	char rail_src[RAIL_NAME_LEN], rail_dst[RAIL_NAME_LEN]; /* "" no such rail */
	const char *op;
	enum verdict result;
	struct fault *fault; /* NULL: none. See outcome_fault() */
	int64_t sent, ok;
	int mtu, flow_label, dscp;
	int64_t lost_fwd, lost_rev; /* datagrams by direction; -1 not known */
	double gbps;		    /* 0: not measured */
	bool timed, by_nic;	    /* by_nic: by the NIC's clock */
	int64_t min, p50, p99, max; /* ns, if timed */
};

void outcome_of(const struct path *path, const char *dst, struct outcome *ret);
void outcome_clear(struct outcome *outcome);

/* Never NULL: REASON_NONE without evidence where there is none. */
const struct fault *outcome_fault(const struct outcome *outcome);

/* Failures before what is not known, and slow ones before fast ones; b may be NULL. */
bool outcome_is_worse(const struct outcome *a, const struct outcome *b);

/* The name of an operation, as a constant; NULL for one that is not on the list. */
const char *outcome_op(const char *name);

#define _autooutcome_ _cleanup_(outcome_clear)

#endif
