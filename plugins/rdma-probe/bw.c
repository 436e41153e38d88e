/* bw.c - rdma-probe bw: how much goes through to one peer, on all rails at once? */
#include <string.h>

#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"

static int run_bw(const struct opts *opts, int signals, struct report *report,
		  struct err *err)
{
	double sum = 0;

	if (command_ask_peer(opts, false, signals, report, err))
		return -1;
	for (int i = 0; i < report->visit->n; i++)
		sum += report->visit->paths[i].gbps;
	if (report->visit->n)
		report_say(report, report->verdict,
			   "%.3g Gb/s to %s; %d of %d rails pass", sum, report->peer,
			   report->summary.ok, report->summary.pairs);
	return 0;
}

static void row(struct table *table, const struct path *path)
{
	const char *code = reason_code(path->fault.reason);

	table_cell(table, "%s", path->mine ? path->mine->name : path->theirs->name);
	table_cell(table, "%s", path->mine ? path->mine->netdev : "");
	if (path->gbps > 0)
		table_cell(table, "%.3g", path->gbps);
	else
		table_cell(table, "-");
	table_cell(table, "%s%s%s", verdict_name(path->result), code ? " " : "",
		   code ? code : "");
	table_paint(table, verdict_colour(path->result));
}

static void print_bw(const struct report *report, FILE *out)
{
	static const char *const heads[] = { "RAIL", "NETDEV", "GBPS", "RESULT" };
	_autotable_ struct table table = { .columns = ARRAY_SIZE(heads),
					   .right = 1 << 2 };
	const struct visit *visit = report->visit;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_cell(&table, "%s", heads[i]);
	for (int i = 0; visit && i < visit->n; i++)
		row(&table, &visit->paths[i]);
	if (visit && visit->n)
		table_print(&table, out);
	for (int i = 0; visit && i < visit->n; i++)
		if (visit->paths[i].result != VERDICT_OK)
			show_fault(visit->paths[i].mine ? visit->paths[i].mine->name
							: visit->paths[i].theirs->name,
				   &visit->paths[i].fault, out);
	report_print_verdict(report, out);
}

const struct command command_bw = {
	.name = "bw",
	.bit = CMD_BW,
	.args = "PEER[@RAIL]",
	.summary =
		"how much goes through to a peer that runs serve, on all rails at once",
	.about = "RDMA WRITEs on a reliable connection a rail, all at the same time. "
		 "Fails where\n"
		 "a rail stays below --min, and tells the error counters that moved.\n",
	.run = run_bw,
	.print = print_bw,
};
