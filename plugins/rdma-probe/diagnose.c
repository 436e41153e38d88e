/* diagnose.c - rdma-probe diagnose: which layer is it, to one peer, on every rail? */
#include <string.h>

#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/show.h"

static const char *rail_name(const struct path *path)
{
	return path->mine ? path->mine->name : path->theirs->name;
}

/* The rungs of a path as checks; the one that failed tells what the fault tells. */
static void add_rungs(struct checks *checks, const struct path *path)
{
	for (int i = 0; i < PATH_STEPS; i++) {
		const struct rung *rung = &path->rungs[i];
		bool broken = rung->status >= CHECK_UNKNOWN && path->result != VERDICT_OK;
		struct check *check;

		if (!rung->reached)
			continue;
		check_add_rung(checks, path_step_id(i), path_step_name(i), "ladder",
			       rail_name(path), rung->status);
		check = checks->n ? &checks->v[checks->n - 1] : NULL;
		if (!check)
			return;
		memcpy(check->value, rung->value, sizeof(rung->value));
		if (!broken || *rung->value)
			continue;
		snprintf(check->value, sizeof(check->value), "%s", path->fault.note[0]);
	}
}

static int run_diagnose(const struct opts *opts, int signals, struct report *report,
			struct err *err)
{
	const struct visit *visit;

	if (command_ask_peer(opts, true, signals, report, err))
		return -1;
	visit = report->visit;
	for (int i = 0; i < visit->n; i++)
		add_rungs(&report->checks, &visit->paths[i]);
	return 0;
}

static void print_diagnose(const struct report *report, FILE *out)
{
	const struct visit *visit = report->visit;

	show_checks(&report->checks, out);
	for (int i = 0; visit && i < visit->n; i++)
		if (visit->paths[i].result != VERDICT_OK)
			show_fault(rail_name(&visit->paths[i]), &visit->paths[i].fault,
				   out);
	report_print_verdict(report, out);
}

const struct command command_diagnose = {
	.name = "diagnose",
	.bit = CMD_DIAGNOSE,
	.args = "PEER[@RAIL]",
	.summary = "which layer is it: up to the first step that fails, and what to do",
	.about =
		"Climbs from both ends, route and neighbour over ICMP, datagrams "
		"(counted on\n"
		"both sides) and a reliable connection up to sizes, traffic class, flow\n"
		"labels, a moment of load and rdma_cm, on all rails side by side, and "
		"stops on\n"
		"each at the first step that fails. --deadline is for each step.\n",
	.run = run_diagnose,
	.print = print_diagnose,
};
