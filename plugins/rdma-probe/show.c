/* show.c - what several commands show to people. */
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"
#include "pkg/text.h"

static void number_cell(struct table *table, int64_t value)
{
	if (value)
		table_cell(table, "%lld", (long long)value);
	else
		table_cell(table, "-");
}

static void rail_row(struct table *table, const struct rail *rail)
{
	bool usable = rail_usable(rail);
	const char *code = reason_code(rail->fault.reason);
	char text[CIDR_LEN];

	table_cell(table, "%s", rail->name);
	table_cell(table, "%s", rail->netdev);
	table_cell(table, "%s", rail->ip.ip.family ? cidr_format(&rail->ip, text) : "");
	table_cell(table, "%s", rail->dev);
	number_cell(table, rail->port);
	if (usable)
		table_cell(table, "%d", rail->gid_index);
	else
		table_cell(table, "-");
	table_cell(table, "%s", rail->state ? port_state_name(rail->state) : "");
	number_cell(table, rail->active_mtu);
	table_cell(table, "%s", usable ? "ok" : code ? code : "unusable");
	table_paint(table, usable ? GREEN : RED);
}

void show_rails(const struct rails *rails, FILE *out)
{
	static const char *const heads[] = { "RAIL",   "NETDEV", "ADDRESS",
					     "DEVICE", "PORT",	 "GID",
					     "STATE",  "MTU",	 "ROCEV2" };
	_autotable_ struct table table = { .columns = ARRAY_SIZE(heads),
					   .right = 1 << 4 | 1 << 5 | 1 << 7 };

	if (!rails->n)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_cell(&table, "%s", heads[i]);
	for (int i = 0; i < rails->n; i++)
		rail_row(&table, &rails->v[i]);
	table_print(&table, out);
	for (int i = 0; i < rails->n; i++)
		if (!rail_usable(&rails->v[i]))
			show_fault(rails->v[i].name, &rails->v[i].fault, out);
}

static void check_row(struct table *table, const struct check *check)
{
	static const enum colour colours[] = { GREEN, YELLOW, PLAIN, RED };

	table_cell(table, "%s", check->label);
	table_cell(table, "%s", check->name);
	table_cell(table, "%s", check->rail);
	table_cell(table, "%s", check_status_name(check->status));
	table_paint(table, colours[check->status]);
	table_cell(table, "%s", check->value);
}

void show_checks(const struct checks *checks, FILE *out)
{
	static const char *const heads[] = { "ID", "CHECK", "RAIL", "STATUS", "VALUE" };
	_autotable_ struct table table = { .columns = ARRAY_SIZE(heads) };
	char clean[256];

	if (!checks->n)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_cell(&table, "%s", heads[i]);
	for (int i = 0; i < checks->n; i++)
		check_row(&table, &checks->v[i]);
	table_print(&table, out);
	for (int i = 0; i < checks->n; i++) {
		const struct check *check = &checks->v[i];

		if (check->status != CHECK_FAIL && check->status != CHECK_WARN)
			continue;
		if (*check->want)
			fprintf(out, "  %s %s: wanted: %s\n", check->label, check->rail,
				text_clean(clean, sizeof(clean), check->want));
		if (*check->fix)
			fprintf(out, "    to do: %s\n",
				text_clean(clean, sizeof(clean), check->fix));
	}
}

void show_fault(const char *name, const struct fault *fault, FILE *out)
{
	const char *code = reason_code(fault->reason);
	char clean[256];

	fprintf(out, "  %s: %s%s", text_clean(clean, sizeof(clean), name),
		code ? code : "", code ? ": " : "");
	for (int i = 0; i < fault->notes; i++)
		fprintf(out, "%s%s\n", i ? "    " : "",
			text_clean(clean, sizeof(clean), fault->note[i]));
	if (!fault->notes)
		fprintf(out, "no evidence\n");
	if (*fault_advice(fault))
		fprintf(out, "    to do: %s\n",
			text_clean(clean, sizeof(clean), fault_advice(fault)));
}

enum colour verdict_colour(enum verdict verdict)
{
	static const enum colour colours[] = { GREEN, YELLOW, RED };

	return colours[verdict];
}
