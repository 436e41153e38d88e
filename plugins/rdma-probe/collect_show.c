/* collect_show.c - a collection for people: a matrix, and what is behind failures. */
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/collect_show.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"

#define NODES_SHOWN  16 /* as columns; with more, a row only for those with failures */
#define FAULTS_SHOWN 24

void suspect_text(const struct suspect *suspect, const struct collection *all, char *buf,
		  size_t size)
{
	const char *code = reason_code(suspect->reason);
	char who[160];

	if (suspect->node < 0)
		snprintf(who, sizeof(who), "rail %s of all nodes",
			 all->rails[suspect->rail]);
	else if (suspect->rail < 0)
		snprintf(who, sizeof(who), "every rail of %s", all->nodes[suspect->node]);
	else
		snprintf(who, sizeof(who), "rail %s of %s", all->rails[suspect->rail],
			 all->nodes[suspect->node]);
	snprintf(buf, size, "%s: %d paths, %d peers, and none works%s%s%s", who,
		 suspect->failed, suspect->peers, code ? " (" : "", code ? code : "",
		 code ? ")" : "");
}

const char *suspect_advice(const struct suspect *suspect)
{
	if (suspect->node < 0)
		return "look at what all of that rail shares: its switches, VLAN and MTU";
	return "look there, not at the peers: rdma-probe check-local, cable and switch "
	       "port";
}

const struct outcome *collect_worst(const struct collection *all, int from, int to,
				    int *tested, int *ok)
{
	const struct outcome *worst = NULL;

	*tested = *ok = 0;
	for (int rail = 0; rail < all->nrails; rail++) {
		const struct outcome *cell = collection_cell(all, from, to, rail);

		if (!cell)
			continue;
		++*tested;
		*ok += cell->result == VERDICT_OK;
		if (outcome_is_worse(cell, worst))
			worst = cell;
	}
	return worst;
}

static void cell(struct table *table, const struct collection *all, int from, int to)
{
	int tested, ok;
	const struct outcome *worst = collect_worst(all, from, to, &tested, &ok);
	const char *code = worst ? reason_code(outcome_fault(worst)->reason) : NULL;

	if (!worst) {
		table_cell(table, from == to ? "." : "-");
		return;
	}
	if (worst->result == VERDICT_OK)
		table_cell(table, "%.1f us", (double)worst->p50 / NS_US);
	else
		table_cell(table, "%d/%d %s", ok, tested,
			   code ? code : verdict_name(worst->result));
	table_paint(table, verdict_colour(worst->result));
}

static void show_matrix(const struct collection *all, FILE *out)
{
	_autotable_ struct table table = { .columns = all->nnodes + 1 };

	table_cell(&table, "FROM");
	for (int i = 0; i < all->nnodes; i++)
		table_cell(&table, "%s", all->nodes[i]);
	for (int from = 0; from < all->nnodes; from++) {
		table_cell(&table, "%s", all->nodes[from]);
		for (int to = 0; to < all->nnodes; to++)
			cell(&table, all, from, to);
	}
	table_print(&table, out);
}

/* What one node told, in numbers. */
static void node_row(struct table *table, const struct collection *all, int from)
{
	int count[3] = { 0 };

	for (int to = 0; to < all->nnodes; to++)
		for (int rail = 0; rail < all->nrails; rail++) {
			const struct outcome *path = collection_cell(all, from, to, rail);

			if (path)
				count[path->result]++;
		}
	if (!count[VERDICT_FAIL] && !count[VERDICT_UNKNOWN])
		return;
	table_cell(table, "%s", all->nodes[from]);
	for (int i = VERDICT_OK; i <= VERDICT_FAIL; i++) {
		table_cell(table, "%d", count[i]);
		table_paint(table, count[i] ? verdict_colour(i) : PLAIN);
	}
}

static void show_rows(const struct collection *all, FILE *out)
{
	_autotable_ struct table table = { .columns = 4, .right = 0xe };

	table_cell(&table, "FROM");
	table_cell(&table, "OK");
	table_cell(&table, "UNKNOWN");
	table_cell(&table, "FAIL");
	for (int from = 0; from < all->nnodes; from++)
		node_row(&table, all, from);
	if (table.n > table.columns)
		table_print(&table, out);
}

static void show_path(const struct collection *all, int from, int to, int rail, FILE *out)
{
	const struct outcome *path = collection_cell(all, from, to, rail),
			     *back = collection_cell(all, to, from, rail);
	char name[2 * PROTO_HOST_LEN + RAIL_NAME_LEN + 40];

	snprintf(name, sizeof(name), "%s -> %s %s%s", all->nodes[from], all->nodes[to],
		 all->rails[rail],
		 back && back->result == VERDICT_OK ? " (the other way works)" : "");
	show_fault(name, outcome_fault(path), out);
}

static void show_failures(const struct findings *findings, FILE *out)
{
	const struct collection *all = findings->all;
	int shown = 0, more = 0;

	for (int from = 0; from < all->nnodes; from++)
		for (int to = 0; to < all->nnodes; to++)
			for (int rail = 0; rail < all->nrails; rail++) {
				const struct outcome *path =
					collection_cell(all, from, to, rail);

				if (!path || path->result == VERDICT_OK ||
				    suspects_explain(findings->suspects,
						     findings->nsuspects, from, to, rail))
					continue;
				if (shown < FAULTS_SHOWN)
					show_path(all, from, to, rail, out);
				more += shown++ >= FAULTS_SHOWN;
			}
	if (more)
		fprintf(out, "  and %d more: --json has them all\n", more);
}

void collect_show(const struct findings *findings, FILE *out)
{
	const struct collection *all = findings->all;
	char text[300];

	if (all->nnodes && all->nnodes <= NODES_SHOWN)
		show_matrix(all, out);
	else
		show_rows(all, out);
	for (int i = 0; i < findings->nsuspects; i++) {
		suspect_text(&findings->suspects[i], all, text, sizeof(text));
		fprintf(out, "  %s\n    to do: %s\n", text,
			suspect_advice(&findings->suspects[i]));
	}
	show_failures(findings, out);
}
