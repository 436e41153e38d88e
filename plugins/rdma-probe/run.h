/* run.h - the test of a path while it runs; shared by path.c and run_autopsy.c. */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include "pkg/clock.h"
#include "plugins/rdma-probe/neigh.h"
#include "plugins/rdma-probe/path.h"
#include "plugins/rdma-probe/rc.h"

struct run {
	struct path *path;
	const struct path_plan *plan;
	const struct rail *mine, *theirs;
	struct task *task;
	int64_t verdict_by; /* moves on with every answer */
	struct rc_path params;
	struct egress route;
	struct neigh neigh;
	struct wire wire;
	struct rc rc;
	struct rc_end peer;
	struct fault *fault;
};

/* The earlier of a deadline and the moment the verdict is due. */
static inline struct until run_until(const struct run *run, int64_t deadline)
{
	return (struct until){ deadline < run->verdict_by ? deadline : run->verdict_by,
			       run->plan->stop };
}

/* After a failure: look at what may have caused it, as long as there is time. */
void run_autopsy(struct run *run);

#endif
