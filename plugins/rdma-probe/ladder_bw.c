/* ladder_bw.c - how much goes through a path, and which errors were counted meanwhile. */
#include <stdio.h>

#include "plugins/rdma-probe/counters.h"
#include "plugins/rdma-probe/run.h"

/* As much as was asked for, where both ends have room for it. */
static size_t choose_size(const struct run *run)
{
	size_t size = (size_t)run->plan->size, room = (size_t)run->peer.room;

	if (run->rc.mr && run->rc.mr->length < room)
		room = run->rc.mr->length;
	return size < room ? size : room;
}

/* A ladder's is no measurement: it shows what is only lost under load. */
int ladder_bw(struct run *run)
{
	const struct path_plan *plan = run->plan;
	_autocounters_ struct counters before = { 0 }, after = { 0 };
	struct until limit;
	struct rc_flow flow;
	char errors[128];
	int r;

	size_t size = choose_size(run);

	if (!size) {
		run_note(run, CHECK_UNKNOWN, "the peer made no room");
		return 0;
	}
	run_expect_verdict_by(run, clock_ns() + plan->duration + plan->deadline);
	limit = run_until(run, run->verdict_by);
	(void)counters_read(run->mine->dev, run->mine->port, &before);
	r = rc_stream(&run->rc, size, plan->duration, &limit, &flow, run->fault);
	(void)counters_read(run->mine->dev, run->mine->port, &after);
	(void)counters_errors(&before, &after, errors, sizeof(errors));
	run->path->gbps = flow.ns ? (double)flow.bytes * 8 / (double)flow.ns : 0;
	run_note(run, *errors && plan->ladder ? CHECK_WARN : CHECK_OK, "%.3g Gb/s%s%s",
		 run->path->gbps, *errors ? "; " : "", errors);
	if (r) {
		if (*errors && !fault_is_interruption(run->fault))
			fault_note(run->fault, "counted meanwhile: %s", errors);
		return -1;
	}
	if (run->path->gbps >= plan->min_gbps)
		return 0;
	fault_set(run->fault, REASON_NONE, 0, "%.3g of %g Gb/s", run->path->gbps,
		  plan->min_gbps);
	fault_note(run->fault, "counted meanwhile: %s", *errors ? errors : "no errors");
	return fault_fix(run->fault,
			 "look at PFC and ECN counters of the switch, the link's speed, "
			 "and the NIC's PCIe width and NUMA node");
}
