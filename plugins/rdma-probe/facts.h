/*
 * facts.h - what check-local looks at besides interfaces, ports and GIDs.
 *
 *	facts_read(&facts, &rails);
 *	judge_host(&checks, &local, &facts);
 *
 * Reading never fails as a whole: what cannot be seen from here is unknown, and which
 * of that matters is for judge.h to say.
 */
#ifndef PROBE_FACTS_H
#define PROBE_FACTS_H

#include "plugins/rdma-probe/counters.h"
#include "plugins/rdma-probe/rail.h"

#define FACT_UNKNOWN (-1)

struct rail_facts {
	int arp_ignore, arp_announce,
		rp_filter;		  /* of "all" and the interface, the larger */
	int egress_error, egress_ifindex; /* to another address of the subnet */
	bool egress_known;
	int pfc, dscp_trusted; /* bit a priority; 0 or 1 */
	char tc_override[64];  /* "" none */
	char roce_tos[16];     /* "" unknown */
	char vfs[160];	       /* of a PF: its VFs' settings; "" unknown */
	struct counters counters;
	bool looped;	   /* it was tried */
	struct fault loop; /* notes 0: it worked */
	int64_t loop_ns;
};

struct facts {
	int cm_access;		/* errno of opening rdma_cm, 0 fine */
	int64_t memlock;	/* bytes, INT64_MAX unlimited */
	bool ipc_lock;		/* effective, and in the first user namespace */
	char cgroup_max[1024];	/* rdma.max, "" when there is none */
	char cgroup_now[1024];	/* rdma.current */
	const char *nccl, *ucx; /* environment, or NULL */
	struct rail_facts rails[RAIL_MAX];
};

void facts_read(struct facts *ret, const struct rails *rails);
void facts_clear(struct facts *facts);

/* One RC write of no bytes from the rail to its own GID. */
void facts_loop(struct rail_facts *ret, const struct rail *rail);

/* True with the bit of CAP_IPC_LOCK in "CapEff:" of a /proc/PID/status. */
bool facts_has_ipc_lock(const char *status);

/* True if a /proc/PID/uid_map maps everything to itself: the first user namespace. */
bool facts_is_first_userns(const char *uid_map);

#define _autofacts_ _cleanup_(facts_clear)

#endif
