/* ping.c - rdma-probe ping: does RoCEv2 work to one peer, on every rail? */
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"

static int run_ping(const struct opts *opts, int signals, struct report *report,
		    struct err *err)
{
	return command_ask_peer(opts, false, signals, report, err);
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
	.about =
		"PEER is HOST or HOST:PORT of the peer's rdma-probe serve, [V6]:PORT "
		"for\n"
		"IPv6, or the /PATH of its UNIX socket; @RAIL tests one rail only. Rails "
		"are\n"
		"paired by subnet, then by name.\n"
		"Each ping is an RDMA WRITE of no bytes on a reliable connection,\n"
		"acknowledged by the peer's NIC. With --ud it is a datagram that the "
		"peer's\n"
		"program answers, which tells on which way one got lost; with --cm, too, "
		"but rdma_cm\n"
		"finds it, without TCP: PEER is then its address on a rail, and runs "
		"serve --cm.\n"
		"All rails are tested side by side.\n",
	.run = run_ping,
	.print = print_ping,
};
