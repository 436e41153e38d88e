/* gids.c - rdma-probe gids: which GIDs carry RoCEv2 here, and why the others do not? */
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"

static void gid_row(struct table *table, const struct local *local, const struct gid *gid)
{
	const struct port *port = &local->ports[gid->port];
	const struct netdev *netdev =
		gid->owner == GID_MINE ? local_netdev(local, gid->ifindex) : NULL;
	char text[GID_LEN];

	table_cell(table, "%s", port->dev);
	table_cell(table, "%d", port->port);
	table_cell(table, "%d", gid->index);
	table_cell(table, "%s", gid_type_name(gid->type));
	table_cell(table, "%s", gid_format(gid->raw, text));
	table_cell(table, "%s", gid->type == GID_IB ? "" : ip_format(&gid->ip, text));
	table_cell(table, "%s", netdev ? netdev->name : "");
	table_cell(table, "%s", gid_owner_name(gid->owner));
	table_cell(table, "%s", gid->why == WHY_CHOSEN ? "yes" : "no");
	table_paint(table, gid->why == WHY_CHOSEN ? GREEN : PLAIN);
	table_cell(table, "%s", gid_why_text(gid->why));
}

static void print_gids(const struct report *report, FILE *out)
{
	static const char *const heads[] = { "DEVICE", "PORT",	 "INDEX",  "TYPE",
					     "GID",    "IP",	 "NETDEV", "OWNER",
					     "CHOSEN", "WHY NOT" };
	_autotable_ struct table table = { .columns = ARRAY_SIZE(heads),
					   .right = 1 << 1 | 1 << 2 };
	const struct local *local = &report->local;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_cell(&table, "%s", heads[i]);
	for (int i = 0; i < local->ngids; i++)
		gid_row(&table, local, &local->gids[i]);
	if (local->ngids) {
		table_print(&table, out);
		fputc('\n', out);
	}
	show_rails(&report->rails, out);
	report_print_verdict(report, out);
}

static void judge(struct report *report)
{
	const struct rails *rails = &report->rails;
	enum verdict verdict = rails->n ? VERDICT_OK : VERDICT_FAIL;
	int good = 0;

	for (int i = 0; i < rails->n; i++) {
		enum verdict one = rail_usable(&rails->v[i])
					   ? VERDICT_OK
					   : reason_verdict(rails->v[i].fault.reason);

		good += one == VERDICT_OK;
		verdict = one > verdict ? one : verdict;
	}
	if (!rails->n)
		command_no_rails(report);
	else
		report_say(report, verdict, "%d of %d rails have a RoCEv2 GID", good,
			   rails->n);
}

static int run_gids(const struct opts *opts, int signals, struct report *report,
		    struct err *err)
{
	(void)signals;
	report->gids = true;
	if (command_scan(opts, &report->local, &report->rails, err))
		return -1;
	judge(report);
	return 0;
}

const struct command command_gids = {
	.name = "gids",
	.bit = CMD_GIDS,
	.args = "",
	.summary =
		"GID tables: whose entry, which is used for a rail, why not the others",
	.about = "A rail uses the GID that equals an address of its interface, is of "
		 "type\n"
		 "RoCE v2 and belongs to that very interface. Entries of devices that "
		 "are\n"
		 "proven to be in another network namespace are read with --all only, "
		 "and\n"
		 "are never used.\n",
	.run = run_gids,
	.print = print_gids,
};
