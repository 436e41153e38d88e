/* collect_cmd.c - rdma-probe mesh collect: the results of all nodes in one report. */
#include <errno.h>
#include <string.h>

#include "plugins/rdma-probe/collect_show.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/input.h"

#define INPUT_MAX (64 << 20)
#define SOURCE	  "results of mesh"

static struct collection all;
static struct findings findings = { .all = &all };

static void add_check(struct report *report, const char *label, const char *name,
		      const char *rail, enum check_status status, const char *text,
		      const char *fix)
{
	struct check *check;

	check_add_rung(&report->checks, label, name, SOURCE, rail, status);
	check = report->checks.n ? &report->checks.v[report->checks.n - 1] : NULL;
	if (!check)
		return;
	snprintf(check->value, sizeof(check->value), "%s", text);
	snprintf(check->fix, sizeof(check->fix), "%s", fix);
}

/* One that cannot be read must not keep the others from being seen. */
static void note_unreadable(struct report *report, const char *path, struct err *err)
{
	char text[300];

	snprintf(text, sizeof(text), "%s: %s", path, err->msg);
	add_check(report, "M1", "result", "", CHECK_UNKNOWN, text,
		  "give what rdma-probe mesh --json printed there");
}

/* What a log has of it: documents are lines, among others. */
static int add_lines(char *text, struct err *err)
{
	int n = 0;

	for (char *end; *text; text = end) {
		size_t len = strcspn(text, "\n");

		end = text + len + (text[len] == '\n');
		if (*text != '{')
			continue;
		if (collection_add(&all, text, len, err))
			return -1;
		n++;
	}
	return n ? 0 : err_set(err, 0, "there is no document in it");
}

static int add_file(const char *path, struct err *err)
{
	size_t len;
	_autofree_ char *text = input_read(path, INPUT_MAX, &len, err);
	struct err ignored;

	if (!text)
		return -1;
	return collection_add(&all, text, len, &ignored) ? add_lines(text, err) : 0;
}

/* Who is told of has to tell, too: half of a path is what its other end sees. */
static int count_silent(struct report *report)
{
	int silent = 0;
	char text[PROTO_HOST_LEN + 40];

	for (int i = 0; i < all.nnodes; i++) {
		if (all.told[i])
			continue;
		silent++;
		snprintf(text, sizeof(text), "%s: no result of its own", all.nodes[i]);
		add_check(report, "M2", "nodes", "", CHECK_UNKNOWN, text,
			  "run rdma-probe mesh --json there, too");
	}
	return silent;
}

static void name_suspects(struct report *report)
{
	findings.nsuspects = suspects_find(&all, findings.suspects, SUSPECTS_MAX);
	for (int i = 0; i < findings.nsuspects; i++) {
		const struct suspect *suspect = &findings.suspects[i];
		char text[300];

		suspect_text(suspect, &all, text, sizeof(text));
		add_check(report, "M3", "suspect",
			  suspect->rail < 0 ? "" : all.rails[suspect->rail], CHECK_FAIL,
			  text, suspect_advice(suspect));
	}
}

/* The paths of all in one list; they go on belonging to those who told them. */
static int list_paths(struct report *report, struct err *err)
{
	struct summary *s = &report->summary;

	for (int i = 0; i < all.ntellers; i++)
		s->pairs += all.tellers[i].npaths;
	report->outcomes = calloc((size_t)s->pairs + 1, sizeof(*report->outcomes));
	if (!report->outcomes)
		return err_set(err, ENOMEM, "list %d paths", s->pairs);
	for (int i = 0; i < all.ntellers; i++)
		for (int k = 0; k < all.tellers[i].npaths; k++) {
			const struct outcome *path = &all.tellers[i].paths[k];

			s->ok += path->result == VERDICT_OK;
			s->fail += path->result == VERDICT_FAIL;
			s->unknown += path->result == VERDICT_UNKNOWN;
			report->outcomes[report->noutcomes++] = *path;
		}
	s->peers = all.nnodes;
	s->rails = all.nrails;
	return 0;
}

/* A document can say more than its paths: that it was aborted, or found no rail. */
static enum verdict worst_of(const struct report *report, bool complete)
{
	enum verdict worst = report_worst(report);

	for (int i = 0; i < all.ntellers; i++)
		if (all.tellers[i].verdict > worst)
			worst = all.tellers[i].verdict;
	return worst == VERDICT_OK && !complete ? VERDICT_UNKNOWN : worst;
}

static void conclude(struct report *report, int unreadable)
{
	const struct summary *s = &report->summary;
	int silent = count_silent(report);
	char missing[120] = "", broken[40] = "";

	name_suspects(report);
	if (silent || all.untested)
		snprintf(missing, sizeof(missing),
			 "; %d nodes told nothing, %d pairs were not tried", silent,
			 all.untested);
	if (unreadable)
		snprintf(broken, sizeof(broken), "; %d results are unreadable",
			 unreadable);
	report_say(report, worst_of(report, !silent && !all.untested && !unreadable),
		   "%d of %d paths between %d nodes work, %d fail, %d unknown%s%s", s->ok,
		   s->pairs, all.nnodes, s->fail, s->unknown, missing, broken);
}

static int run_collect(const struct opts *opts, int signals, struct report *report,
		       struct err *err)
{
	int unreadable = 0;

	(void)signals;
	for (int i = 0; i < opts->nfiles; i++) {
		struct err why;

		if (!add_file(opts->files[i], &why))
			continue;
		note_unreadable(report, opts->files[i], &why);
		unreadable++;
	}
	if (collection_finish(&all, err) || list_paths(report, err))
		return -1;
	conclude(report, unreadable);
	return opts->html ? collect_write_html(report, &findings, opts->html, err) : 0;
}

static void print_collect(const struct report *report, FILE *out)
{
	for (int i = 0; i < report->checks.n; i++)
		if (report->checks.v[i].status == CHECK_UNKNOWN)
			fprintf(out, "  %s\n", report->checks.v[i].value);
	collect_show(&findings, out);
	report_print_verdict(report, out);
}

const struct command command_collect = {
	.name = "mesh collect",
	.bit = CMD_COLLECT,
	.args = "FILE...",
	.summary = "what mesh --json printed on all nodes, in one report",
	.about =
		"Reads what every node's rdma-probe mesh --json has printed, from files "
		"or logs\n"
		"(- for standard input), and shows who reaches whom, which rail of which "
		"node is\n"
		"behind the failures, and whose result is missing. The newest result of "
		"a "
		"node\n"
		"counts.\n",
	.run = run_collect,
	.print = print_collect,
};
