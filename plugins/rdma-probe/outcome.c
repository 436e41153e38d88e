/* outcome.c - what became of a path, apart from everything that was needed to test it. */
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/outcome.h"

static const char *const ops[] = { "rc_write0", "rc_write", "ud_send", "cm_ud_send" };

const char *outcome_op(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(ops[i], name))
			return ops[i];
	return NULL;
}

const struct fault *outcome_fault(const struct outcome *outcome)
{
	static const struct fault none;

	return outcome->fault ? outcome->fault : &none;
}

static const char *op_of(const struct path_plan *plan)
{
	static const int places[] = { [PATH_RC] = 0, [PATH_UD] = 2, [PATH_CM] = 3 };

	return ops[plan->bw ? 1 : places[plan->op]];
}

bool outcome_is_worse(const struct outcome *a, const struct outcome *b)
{
	return !b || a->result > b->result || (a->result == b->result && a->p50 > b->p50);
}

static void put_losses(struct outcome *ret, const struct path *path)
{
	bool counted = path->ud_sent && path->ud_arrived >= 0;

	/* An acknowledged write does not tell on which way it was lost; datagrams do. */
	ret->lost_fwd = counted ? path->ud_sent - path->ud_arrived : -1;
	ret->lost_rev = counted ? path->ud_arrived - path->ud_answered : -1;
}

/* Without memory the verdict has to do. */
static struct fault *copy(const struct fault *fault)
{
	static const struct fault none;
	struct fault *copied =
		memcmp(fault, &none, sizeof(none)) ? malloc(sizeof(*copied)) : NULL;

	if (copied)
		*copied = *fault;
	return copied;
}

void outcome_of(const struct path *path, const char *dst, struct outcome *ret)
{
	struct stats *stats = (struct stats *)&path->rtt; /* sorted in place */

	*ret = (struct outcome){ .op = op_of(path->plan),
				 .result = path->result,
				 .fault = copy(&path->fault),
				 .sent = path->sent,
				 .ok = path->ok,
				 .mtu = path->mtu,
				 .flow_label = path->flow_label,
				 .dscp = path->plan->params.tc >> 2,
				 .gbps = path->gbps,
				 .timed = stats->count > 0,
				 .by_nic = path->by_nic,
				 .min = stats->min,
				 .p50 = stats_percentile(stats, 50),
				 .p99 = stats_percentile(stats, 99),
				 .max = stats->max };
	put_losses(ret, path);
	snprintf(ret->dst, sizeof(ret->dst), "%s", dst);
	snprintf(ret->peer, sizeof(ret->peer), "%.63s", path->plan->peer.host);
	if (path->mine)
		snprintf(ret->rail_src, sizeof(ret->rail_src), "%s", path->mine->name);
	if (path->theirs)
		snprintf(ret->rail_dst, sizeof(ret->rail_dst), "%s", path->theirs->name);
}

void outcome_clear(struct outcome *outcome)
{
	free(outcome->fault);
	outcome->fault = NULL;
}
