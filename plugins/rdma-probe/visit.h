/*
 * visit.h - test all rails to one peer, side by side.
 *
 *	_autovisit_ struct visit *visit = visit_new(&plan);
 *
 *	if (visit_run(visit, signals, err))
 *		return -1;
 *	for (int i = 0; i < visit->n; i++)
 *		... visit->paths[i].result ...
 *
 * The peer is asked for its rails, which are paired with ours, and every pair is tested
 * in a thread of its own. The whole takes two deadlines at most: one for the peer to
 * answer, one for the slowest rail.
 */
#ifndef PROBE_VISIT_H
#define PROBE_VISIT_H

#include "plugins/rdma-probe/path.h"

#define VISIT_PATHS (2 * RAIL_MAX)

struct visit {
	struct path_plan plan;
	bool heard;			/* the peer told its rails */
	char host[PROTO_HOST_LEN];	/* as it calls itself, if it was heard in time */
	bool interrupted;		/* by a signal */
	bool left_behind;		/* a task is stuck and goes on using all this */
	_Atomic int holders;		/* who asked, and the tasks left behind */
	struct fault why;		/* if not heard, and nothing was left behind */
	struct path paths[VISIT_PATHS]; /* the outcome */
	int n;
	struct path work[VISIT_PATHS]; /* what the tasks write to */
};

/* NULL without memory. The plan's peer_host, theirs and stop are filled here. */
struct visit *visit_new(const struct path_plan *plan);
int visit_run(struct visit *visit, int signals, struct err *err);
void visit_free(struct visit *visit); /* NULL is fine */

/* Ask the peer of a plan for its name and its rails. */
int visit_greet(struct path_plan *plan, struct err *err);

/* The analyzer sees that it need not be freed here, and not that the tasks left behind
 * will have it freed. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
static inline void visit_freep(struct visit **visit)
{
	visit_free(*visit);
}
#pragma GCC diagnostic pop
#define _autovisit_ _cleanup_(visit_freep)

#endif
