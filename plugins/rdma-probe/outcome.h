/* outcome.h - what became of a path, apart from everything that was needed to test it. */
#ifndef PROBE_OUTCOME_H
#define PROBE_OUTCOME_H

#include "plugins/rdma-probe/path.h"

struct outcome {
	char dst[PROTO_HOST_LEN];
	char rail_src[RAIL_NAME_LEN], rail_dst[RAIL_NAME_LEN]; /* "" no such rail */
	const char *op;
	enum verdict result;
	struct fault fault;
	int64_t sent, ok;
	int mtu, flow_label, dscp;
	int ud_sent, ud_arrived, ud_answered; /* datagrams; as in struct path */
	double gbps;			      /* 0: not measured */
	bool timed;
	int64_t min, p50, p99, max; /* ns, if timed */
};

void outcome_of(const struct path *path, const char *dst, struct outcome *ret);

#endif
