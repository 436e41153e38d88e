/* command.c - what every command that deals with rails does first. */
#include "plugins/rdma-probe/command.h"

int command_scan(const struct opts *opts, struct local *local, struct rails *rails,
		 struct err *err)
{
	struct rail_want want = { .specs = opts->specs,
				  .nspecs = opts->nspecs,
				  .family = (int)opts->family };

	rails->n = 0;
	if (local_scan(local, opts->all, err))
		return -1;
	gids_judge(local);
	return rails_make(rails, local, &want, err);
}

void command_no_rails(struct report *report)
{
	struct fault fault;

	gid_explain_none(&report->local, &fault);
	report_say(report, VERDICT_FAIL, "%s: %s", reason_code(fault.reason),
		   fault.note[0]);
}
