/* monitor_judge.c - a window is over: what got lost, and which targets are up or down? */
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/monitor.h"

#define LEAST 3 /* probes in a window: so many lost in a row are a failure */

static void trust(struct monitor *monitor, struct target *target)
{
	monitor->stale |= target->doubted && target->routed;
	target->doubted = false;
	monitor_set_state(monitor, target, TARGET_UP);
}

static void judge_target(struct monitor *monitor, struct target *target)
{
	struct rail_state *rail = monitor_rail(monitor, target->rail, false);
	struct scope *scope = rail ? &rail->scopes[target->routed] : NULL;
	struct loss loss;

	if (!target->hub || !target->probed || !scope ||
	    !window_close(&target->window, LEAST, &loss) || !loss.sent)
		return;
	scope->sent += loss.sent;
	scope->lost += loss.lost;
	scope->latest.sent += loss.sent;
	scope->latest.there += loss.there > 0 ? loss.there : 0;
	scope->latest.back += loss.there >= 0 ? loss.lost - loss.there : 0;
	target->down = loss.answered ? 0 : target->down + 1;
	if (loss.answered) {
		trust(monitor, target);
		return;
	}
	if (target->state != TARGET_DOWN)
		fault_set(&target->fault, REASON_NONE, 0,
			  "none of %d datagrams was answered", loss.sent);
	monitor_set_state(monitor, target, TARGET_DOWN);
	if (target->down > 1)
		return;
	monitor->due[target->peer] = 0; /* the keeper shall find out why */
	monitor_rouse(monitor);
}

/* When a sample fails as a whole, the others have most likely failed, too. */
static void doubt_others(struct monitor *monitor, const struct rail_state *rail)
{
	const struct ring *ring = &rail->rings[SCOPE_ROUTED];

	for (int i = 0; i < ring->n; i++)
		if (monitor->targets[monitor->rings[ring->first + i]].state !=
		    TARGET_DOWN)
			return;
	for (int i = 0; ring->n && i < monitor->ntargets; i++)
		if (monitor->targets[i].routed &&
		    !strcmp(monitor->targets[i].rail, rail->name))
			monitor_doubt(monitor, &monitor->targets[i]);
}

static void find_ratio(struct scope *scope)
{
	double sent = scope->latest.sent;

	if (sent <= 0)
		return;
	scope->ratio_there = scope->latest.there / sent;
	scope->ratio_back = scope->latest.back / sent;
}

void monitor_judge(struct monitor *monitor)
{
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++)
			memset(&monitor->rails[i].scopes[k].latest, 0,
			       sizeof(monitor->rails[i].scopes[k].latest));
	for (int i = 0; i < monitor->ntargets; i++)
		judge_target(monitor, &monitor->targets[i]);
	for (int i = 0; i < monitor->nrails; i++) {
		doubt_others(monitor, &monitor->rails[i]);
		for (int k = 0; k < SCOPES; k++)
			find_ratio(&monitor->rails[i].scopes[k]);
	}
}
