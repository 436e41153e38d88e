/* mesh_show.c - a mesh for people: a matrix on a terminal, and a bar on the way. */
#include <string.h>
#include <unistd.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/mesh_show.h"
#include "plugins/rdma-probe/schedule.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/table.h"

#define COLUMNS_SHOWN 16
#define FAULTS_SHOWN  12
#define BAR	      30

const struct outcome *meet_on_rail(const struct meet *meet, const char *rail)
{
	const struct outcome *worst = NULL;

	for (int i = 0; i < meet->n; i++)
		if (!strcmp(meet->outcomes[i].rail_src, rail) &&
		    outcome_is_worse(&meet->outcomes[i], worst))
			worst = &meet->outcomes[i];
	return worst;
}

int64_t mesh_slowest(const struct mesh *mesh)
{
	int64_t slowest = 0;

	for (int i = 0; i < mesh->n; i++)
		for (int k = 0; k < mesh->meets[i].n; k++) {
			const struct outcome *outcome = &mesh->meets[i].outcomes[k];

			if (outcome->result == VERDICT_OK && outcome->p50 > slowest)
				slowest = outcome->p50;
		}
	return slowest;
}

static void cell(struct table *table, const struct outcome *outcome)
{
	const char *code = outcome ? reason_code(outcome_fault(outcome)->reason) : NULL;

	if (!outcome)
		table_cell(table, "-");
	else if (outcome->result == VERDICT_OK)
		table_cell(table, "%.1f us", (double)outcome->p50 / NS_US);
	else
		table_cell(table, "%s", code ? code : verdict_name(outcome->result));
	table_paint(table, outcome ? verdict_colour(outcome->result) : PLAIN);
}

static void row(struct table *table, const struct report *report, const struct meet *meet,
		int columns)
{
	enum verdict verdict = meet_verdict(meet);

	table_cell(table, "%s", meet->host);
	for (int i = 0; i < columns; i++)
		cell(table, meet_on_rail(meet, report->rails.v[i].name));
	table_cell(table, "%s", meet->over ? verdict_name(verdict) : "not tried");
	table_paint(table, verdict_colour(verdict));
}

static bool is_told(const struct report *report, int i)
{
	for (int k = 0; k < i; k++)
		if (outcome_fault(&report->outcomes[k])->reason ==
			    outcome_fault(&report->outcomes[i])->reason &&
		    !strcmp(report->outcomes[k].dst, report->outcomes[i].dst))
			return true;
	return false;
}

/* One of each kind and peer; the document has them all. */
static void tell_faults(const struct report *report, FILE *out)
{
	int told = 0;

	for (int i = 0; i < report->noutcomes && told < FAULTS_SHOWN; i++) {
		const struct outcome *outcome = &report->outcomes[i];
		char name[160];

		if (outcome->result == VERDICT_OK || is_told(report, i))
			continue;
		snprintf(name, sizeof(name), "%s %s%s%s", outcome->dst, outcome->rail_src,
			 *outcome->rail_src && *outcome->rail_dst &&
					 strcmp(outcome->rail_src, outcome->rail_dst)
				 ? " -> "
				 : "",
			 strcmp(outcome->rail_src, outcome->rail_dst) ? outcome->rail_dst
								      : "");
		show_fault(name, outcome_fault(outcome), out);
		told++;
	}
}

void mesh_show(const struct report *report, FILE *out)
{
	int columns = report->rails.n < COLUMNS_SHOWN ? report->rails.n : COLUMNS_SHOWN;
	_autotable_ struct table table = { .columns = columns + 2 };

	if (!report->mesh->n)
		return;
	table_cell(&table, "PEER");
	for (int i = 0; i < columns; i++)
		table_cell(&table, "%s", report->rails.v[i].name);
	table_cell(&table, "RESULT");
	for (int i = 0; i < report->mesh->n; i++)
		row(&table, report, &report->mesh->meets[i], columns);
	table_print(&table, out);
	tell_faults(report, out);
}

int mesh_show_schedule(const struct peers *peers, int most, FILE *out)
{
	int pairs = 0, round;

	for (int i = 0; (round = mesh_round(peers->n, most, i)) >= 0; i++)
		for (int one = 0; one < peers->n; one++) {
			int other = schedule_partner(peers->n, round, one);

			if (other < one) /* told, or nobody */
				continue;
			fprintf(out, "%5d  %s  %s\n", i + 1, peers->v[one].at.host,
				peers->v[other].at.host);
			pairs++;
		}
	return pairs;
}

void mesh_show_progress(const struct mesh *mesh)
{
	int done = mesh->done < mesh->n ? mesh->done : mesh->n,
	    bar = BAR * done / mesh->n;

	if (!isatty(STDERR_FILENO))
		return;
	/* One call, so that several threads do not mix theirs. */
	dprintf(STDERR_FILENO, "\r%d/%d [%.*s%.*s] %d failing %s", done, mesh->n, bar,
		"##############################", BAR - bar,
		"..............................", mesh->failed,
		done == mesh->n ? "\r\033[K" : "");
}
