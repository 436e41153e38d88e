/* command.c - what every command that deals with rails does first. */
#include <unistd.h>
#include <linux/capability.h>

#include "pkg/confine.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/input.h"
#include "plugins/rdma-probe/networks.h"

#define NETWORKS_MAX (256 << 10)

/* By their networks, where Multus tells; not when somebody named the rails himself. */
static int name_rails(const struct opts *opts, struct rails *rails, struct err *err)
{
	const char *path = opts->networks ? opts->networks : NETWORKS_FILE;
	_autofree_ struct networks *networks = malloc(sizeof(*networks));
	_autofree_ char *text = NULL;
	size_t len;

	if (opts->nspecs || !networks || (!opts->networks && access(path, R_OK)))
		return 0;
	text = input_read(path, NETWORKS_MAX, &len, err);
	if (!text || networks_parse(text, len, networks, err))
		return text ? err_wrap(err, "%s", path) : -1;
	networks_apply(networks, rails);
	return 0;
}

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
	if (rails_make(rails, local, &want, err) || name_rails(opts, rails, err))
		return -1;
	if (opts->gid_index >= 0)
		rails_force_index(rails, local, (int)opts->gid_index);
	return 0;
}

void command_no_rails(struct report *report)
{
	struct fault fault;

	gid_explain_none(&report->local, &fault);
	report_say(report, VERDICT_FAIL, "%s: %s", reason_code(fault.reason),
		   fault.note[0]);
}

/* To ping where the system's ping_group_range lets nobody, and to lock memory beyond the
 * limit. A report may be wanted in a directory that is a user's. */
void command_confine(const struct opts *opts)
{
	uint64_t keep = UINT64_C(1) << CAP_NET_RAW | UINT64_C(1) << CAP_IPC_LOCK;

	if (opts->html)
		keep |= UINT64_C(1) << CAP_DAC_OVERRIDE;
	confine_caps(keep);
	confine_calls(CONFINE_SOCKETS | CONFINE_THREADS);
}
