/* check_local.c - rdma-probe check-local: is this node fit for RoCEv2, all by itself? */
#include <errno.h>
#include <string.h>

#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/judge.h"
#include "plugins/rdma-probe/show.h"

static void judge_all(struct report *report, const struct facts *facts,
		      const struct expect *expect)
{
	struct scene scene = { &report->local, &report->rails, facts, expect };

	judge_host(&report->checks, &scene);
	for (int i = 0; i < report->rails.n; i++)
		judge_rail(&report->checks, &scene, i);
}

static void sum_up(struct report *report)
{
	const struct checks *checks = &report->checks;
	const struct check *worst = checks_worst(checks);
	int warnings = checks_count(checks, CHECK_WARN);

	if (!report->rails.n) {
		command_no_rails(report);
		return;
	}
	if (!worst || worst->status == CHECK_WARN)
		report_say(report, VERDICT_OK, "%d rails fit, %d warnings",
			   report->rails.n, warnings);
	else
		report_say(report, checks_verdict(checks), "%s%s%s %s: %s", worst->rail,
			   *worst->rail ? " " : "", worst->label, worst->name,
			   worst->value);
}

static int run_check(const struct opts *opts, int signals, struct report *report,
		     struct err *err)
{
	_autofree_ struct facts *facts = calloc(1, sizeof(*facts));
	struct expect expect = { 0 };

	(void)signals;
	if (!facts)
		return err_set(err, ENOMEM, "check");
	if (opts->expect && expect_read(opts->expect, &expect, err))
		return -1;
	if (command_scan(opts, &report->local, &report->rails, err))
		return -1;
	facts_read(facts, &report->rails);
	judge_all(report, facts, &expect);
	facts_clear(facts);
	sum_up(report);
	return 0;
}

static void print_check(const struct report *report, FILE *out)
{
	show_checks(&report->checks, out);
	report_print_verdict(report, out);
}

const struct command command_check = {
	.name = "check-local",
	.bit = CMD_CHECK,
	.args = "",
	.summary = "is this namespace fit for RoCEv2, by itself: checks L01 to L24",
	.about = "Looks at device nodes, limits, ports, GIDs, MTUs, routes and settings, "
		 "and\n"
		 "writes to each rail's own GID. \"unknown\" is what cannot be seen from "
		 "here;\n"
		 "it only leaves the verdict open where RoCEv2 cannot work without it.\n",
	.run = run_check,
	.print = print_check,
};
