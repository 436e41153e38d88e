/* ping.c - rdma-probe ping: does RoCEv2 work to one peer, on every rail? */
#include <errno.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"

static void sum_up(struct report *report)
{
	const struct summary *s = &report->summary;
	char unknown[32] = "";

	if (s->unknown)
		snprintf(unknown, sizeof(unknown), ", %d unknown", s->unknown);
	report_say(report, report_worst(report), "%d of %d rails to %s work%s", s->ok,
		   s->pairs, report->peer, unknown);
}

static void conclude(struct report *report)
{
	const struct visit *visit = report->visit;

	if (!visit->left_behind && visit->heard)
		memcpy(report->peer, visit->plan.peer_host, sizeof(report->peer));
	report_count(report);
	if (visit->n)
		sum_up(report);
	else if (*visit->plan.peer.rail && report->rails.n)
		report_say(report, VERDICT_UNKNOWN, "no rail is called %s",
			   visit->plan.peer.rail);
	else
		command_no_rails(report);
}

/* What to ask the peer for: as asked of us, or IPv6 when we have nothing else. */
static int family_of(const struct opts *opts, const struct rails *rails)
{
	if (opts->family || !rails->n)
		return (int)opts->family;
	for (int i = 0; i < rails->n; i++)
		if (rails->v[i].ip.ip.family != AF_INET6)
			return AF_UNSPEC;
	return AF_INET6;
}

static void make_plan(struct path_plan *ret, const struct opts *opts,
		      const struct report *report)
{
	*ret = (struct path_plan){ .peer = opts->peer,
				   .local = &report->local,
				   .mine = report->rails,
				   .family = family_of(opts, &report->rails),
				   .params = { .flow_label = (int)opts->flow_label,
					       .tc = (int)opts->tc,
					       .timeout = (int)opts->timeout,
					       .retry = (int)opts->retry },
				   .count = opts->count,
				   .interval = opts->interval,
				   .deadline = opts->deadline };
	memcpy(ret->host, report->host, sizeof(ret->host));
}

static int run_ping(const struct opts *opts, int signals, struct report *report,
		    struct err *err)
{
	_autofree_ struct path_plan *plan = calloc(1, sizeof(*plan));

	snprintf(report->peer, sizeof(report->peer), "%s", opts->peer.host);
	if (!plan)
		return err_set(err, ENOMEM, "plan the paths");
	if (command_scan(opts, &report->local, &report->rails, err))
		return -1;
	make_plan(plan, opts, report);
	report->visit = visit_new(plan);
	if (!report->visit)
		return err_set(err, ENOMEM, "plan the paths");
	if (visit_run(report->visit, signals, err))
		return -1;
	conclude(report);
	return 0;
}

static void time_cell(struct table *table, int64_t ns)
{
	if (ns >= 0)
		table_cell(table, "%.1f", (double)ns / NS_US);
	else
		table_cell(table, "-");
}

static void end_cell(struct table *table, const struct rail *rail)
{
	char text[IP_LEN];

	table_cell(table, "%s",
		   rail && rail->ip.ip.family ? ip_format(&rail->ip.ip, text) : "");
}

static const char *path_name(const struct path *path)
{
	return path->mine ? path->mine->name : path->theirs->name;
}

static void path_row(struct table *table, const struct path *path)
{
	const char *code = reason_code(path->fault.reason);
	struct stats *stats = (struct stats *)&path->rtt; /* sorted in place */
	bool known = stats->count > 0;

	table_cell(table, "%s", path_name(path));
	table_cell(table, "%s", path->mine ? path->mine->netdev : "");
	end_cell(table, path->mine);
	end_cell(table, path->theirs);
	table_cell(table, "%lld", (long long)path->sent);
	table_cell(table, "%lld", (long long)path->ok);
	table_cell(table, "%lld", (long long)(path->sent - path->ok));
	time_cell(table, known ? stats->min : -1);
	time_cell(table, stats_percentile(stats, 50));
	time_cell(table, stats_percentile(stats, 99));
	time_cell(table, known ? stats->max : -1);
	table_cell(table, "%s%s%s", verdict_name(path->result), code ? " " : "",
		   code ? code : "");
	table_paint(table, verdict_colour(path->result));
}

static bool same_fault(const struct path *a, const struct path *b)
{
	return memcmp(&a->fault, &b->fault, sizeof(a->fault)) == 0;
}

/* What went wrong on an earlier rail in the same way. */
static bool is_told(const struct visit *visit, int i)
{
	for (int k = 0; k < i; k++)
		if (same_fault(&visit->paths[k], &visit->paths[i]))
			return true;
	return false;
}

static void tell(const struct visit *visit, int first, FILE *out)
{
	const struct path *path = &visit->paths[first];
	char names[200];
	int n = snprintf(names, sizeof(names), "%s", path_name(path));

	for (int i = first + 1; i < visit->n && n < (int)sizeof(names); i++)
		if (same_fault(path, &visit->paths[i]))
			n += snprintf(names + n, sizeof(names) - n, ", %s",
				      path_name(&visit->paths[i]));
	show_fault(names, &path->fault, out);
}

static void print_paths(const struct visit *visit, FILE *out)
{
	static const char *const heads[] = { "RAIL", "NETDEV", "FROM", "TO",
					     "SENT", "OK",     "LOST", "MIN us",
					     "P50",  "P99",    "MAX",  "RESULT" };
	_autotable_ struct table table = { .columns = ARRAY_SIZE(heads), .right = 0x7f0 };

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_cell(&table, "%s", heads[i]);
	for (int i = 0; i < visit->n; i++)
		path_row(&table, &visit->paths[i]);
	table_print(&table, out);
	for (int i = 0; i < visit->n; i++)
		if (visit->paths[i].result != VERDICT_OK && !is_told(visit, i))
			tell(visit, i, out);
}

static void print_ping(const struct report *report, FILE *out)
{
	if (report->visit && report->visit->n)
		print_paths(report->visit, out);
	report_print_verdict(report, out);
}

const struct command command_ping = {
	.name = "ping",
	.bit = CMD_PING,
	.args = "PEER[@RAIL]",
	.summary = "does RoCEv2 work to a peer that runs serve, on every rail",
	.about = "PEER is HOST or HOST:PORT of the peer's rdma-probe serve, [V6]:PORT "
		 "for\n"
		 "IPv6; @RAIL tests one rail only. Rails are paired by subnet, then by "
		 "name.\n"
		 "Each ping is an RDMA WRITE of no bytes on a reliable connection,\n"
		 "acknowledged by the peer's NIC. All rails are tested side by side.\n",
	.run = run_ping,
	.print = print_ping,
};
