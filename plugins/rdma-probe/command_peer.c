/* command_peer.c - what commands that test one peer on all rails do. */
#include <errno.h>
#include <string.h>

#include "plugins/rdma-probe/command.h"

static void sum_up(struct report *report)
{
	const struct summary *s = &report->summary;
	char unknown[32] = "";

	if (s->unknown)
		snprintf(unknown, sizeof(unknown), ", %d unknown", s->unknown);
	report_say(report, report_worst(report), "%d of %d rails to %s work%s", s->ok,
		   s->pairs, report->peer, unknown);
}

static void conclude(struct report *report)
{
	const struct visit *visit = report->visit;

	if (*visit->host)
		memcpy(report->peer, visit->host, sizeof(report->peer));
	report_count(report);
	if (visit->n)
		sum_up(report);
	else if (*visit->plan.peer.rail && report->rails.n)
		report_say(report, VERDICT_UNKNOWN, "no rail is called %s",
			   visit->plan.peer.rail);
	else
		command_no_rails(report);
}

/* What to ask the peer for: as asked of us, or IPv6 when we have nothing else. */
static int family_of(const struct opts *opts, const struct rails *rails)
{
	if (opts->family || !rails->n)
		return (int)opts->family;
	for (int i = 0; i < rails->n; i++)
		if (rails->v[i].ip.ip.family != AF_INET6)
			return AF_UNSPEC;
	return AF_INET6;
}

void command_plan(struct path_plan *ret, const struct opts *opts,
		  const struct report *report)
{
	*ret = (struct path_plan){ .peer = opts->peer,
				   .local = &report->local,
				   .mine = report->rails,
				   .family = family_of(opts, &report->rails),
				   .params = { .flow_label = (int)opts->flow_label,
					       .tc = (int)opts->tc,
					       .timeout = (int)opts->timeout,
					       .retry = (int)opts->retry },
				   .op = opts->cm   ? PATH_CM
					 : opts->ud ? PATH_UD
						    : PATH_RC,
				   .bw = opts->command == CMD_BW,
				   .size = opts->size,
				   .duration = opts->duration,
				   .min_gbps = opts->min_gbps,
				   .cross = opts->mode == MESH_CROSS,
				   .mtu = (int)opts->mtu,
				   .sizes = opts->sizes,
				   .paths = (int)opts->paths,
				   .count = opts->count,
				   .interval = opts->interval,
				   .deadline = opts->deadline };
	memcpy(ret->host, report->host, sizeof(ret->host));
}

int command_ask_peer(const struct opts *opts, bool ladder, int signals,
		     struct report *report, struct err *err)
{
	_autofree_ struct path_plan *plan = calloc(1, sizeof(*plan));

	snprintf(report->peer, sizeof(report->peer), "%s", opts->peer.host);
	if (!plan)
		return err_set(err, ENOMEM, "plan the paths");
	if (command_scan(opts, &report->local, &report->rails, err))
		return -1;
	command_plan(plan, opts, report);
	plan->ladder = plan->cm = ladder;
	report->visit = visit_new(plan);
	if (!report->visit)
		return err_set(err, ENOMEM, "plan the paths");
	command_confine(opts);
	if (visit_run(report->visit, signals, err))
		return -1;
	conclude(report);
	return 0;
}
