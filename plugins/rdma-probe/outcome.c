/* outcome.c - what became of a path, apart from everything that was needed to test it. */
#include <stdio.h>

#include "plugins/rdma-probe/outcome.h"

void outcome_of(const struct path *path, const char *dst, struct outcome *ret)
{
	struct stats *stats = (struct stats *)&path->rtt; /* sorted in place */

	*ret = (struct outcome){ .op = path->plan->bw ? "rc_write" : "rc_write0",
				 .result = path->result,
				 .fault = path->fault,
				 .sent = path->sent,
				 .ok = path->ok,
				 .mtu = path->mtu,
				 .flow_label = path->flow_label,
				 .dscp = path->plan->params.tc >> 2,
				 .ud_sent = path->ud_sent,
				 .ud_arrived = path->ud_arrived,
				 .ud_answered = path->ud_answered,
				 .gbps = path->gbps,
				 .timed = stats->count > 0,
				 .min = stats->min,
				 .p50 = stats_percentile(stats, 50),
				 .p99 = stats_percentile(stats, 99),
				 .max = stats->max };
	snprintf(ret->dst, sizeof(ret->dst), "%s", dst);
	if (path->mine)
		snprintf(ret->rail_src, sizeof(ret->rail_src), "%s", path->mine->name);
	if (path->theirs)
		snprintf(ret->rail_dst, sizeof(ret->rail_dst), "%s", path->theirs->name);
}
