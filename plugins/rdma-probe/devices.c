/* devices.c - rdma-probe devices: which RDMA devices are here, and whose are they? */
#include <errno.h>
#include <string.h>

#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/table.h"

static bool is_shown(const struct port *port)
{
	return port->opened || port->ifindex != 0 || port->infiniband;
}

static const char *access_text(const struct port *port)
{
	if (port->access < 0)
		return "";
	return port->access ? strerror(port->access) : "ok";
}

static void port_row(struct table *table, const struct local *local,
		     const struct port *port)
{
	const struct netdev *netdev = local_netdev(local, port->ifindex);

	table_cell(table, "%s", port->dev);
	table_cell(table, "%d", port->port);
	table_cell(table, "%s", port->state ? port_state_name(port->state) : "");
	if (port->gbps > 0)
		table_cell(table, "%g", port->gbps);
	else
		table_cell(table, "-");
	table_cell(table, "%s",
		   port->ethernet     ? "ethernet"
		   : port->infiniband ? "infiniband"
				      : "");
	table_cell(table, "%s",
		   netdev		? netdev->name
		   : port->ifindex == 0 ? "(other namespace)"
					: "");
	table_cell(table, "%s", port->pci);
	table_cell(table, "%s", port->function ? port->function : "");
	table_cell(table, "%s", *port->uverbs ? strrchr(port->uverbs, '/') + 1 : "");
	table_cell(table, "%s", access_text(port));
	table_paint(table, port->access > 0 ? RED : PLAIN);
	table_cell(table, "%s", port->fw);
}

static void print_devices(const struct report *report, FILE *out)
{
	static const char *const heads[] = { "DEVICE", "PORT",	 "STATE", "GBPS",
					     "LINK",   "NETDEV", "PCI",	  "FUNC",
					     "UVERBS", "ACCESS", "FW" };
	_autotable_ struct table table = { .columns = ARRAY_SIZE(heads),
					   .right = 1 << 1 | 1 << 3 };
	const struct local *local = &report->local;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_cell(&table, "%s", heads[i]);
	for (int i = 0; i < local->nports; i++)
		port_row(&table, local, &local->ports[i]);
	if (local->nports)
		table_print(&table, out);
	report_print_verdict(report, out);
}

static void judge(struct report *report)
{
	static const char *const modes[] = { "unknown", "exclusive", "shared" };
	const struct local *local = &report->local;
	int here = 0, broken = 0;

	for (int i = 0; i < local->nports; i++) {
		here += is_shown(&local->ports[i]) && local->ports[i].ifindex != 0;
		broken += local->ports[i].access > 0;
	}
	if (!here)
		report_say(report, VERDICT_FAIL,
			   "no RDMA port belongs to this network namespace (%d listed, "
			   "namespace mode %s)",
			   local->nports, modes[local->mode]);
	else
		report_say(
			report, broken ? VERDICT_UNKNOWN : VERDICT_OK,
			"%d of %d RDMA ports belong to this network namespace, %d cannot "
			"be opened (namespace mode %s)",
			here, local->nports, broken, modes[local->mode]);
}

static int run_devices(const struct opts *opts, int signals, struct report *report,
		       struct err *err)
{
	(void)signals;
	report->devices = true;
	if (local_scan(&report->local, opts->all, err))
		return -1;
	judge(report);
	return 0;
}

const struct command command_devices = {
	.name = "devices",
	.bit = CMD_DEVICES,
	.args = "",
	.summary = "RDMA devices, their ports, netdevs and access to them",
	.about =
		"Lists every port verbs or RDMA netlink show. In shared namespace mode\n"
		"that is every device of the machine; those of other network namespaces\n"
		"are listed, but not opened unless --all is given.\n",
	.run = run_devices,
	.print = print_devices,
};
