/* monitor_rails.c - a monitor's own rails: which came, which went, how are they? */
#include <string.h>

#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/judge.h"
#include "plugins/rdma-probe/monitor.h"

static void disconnect_rail(struct monitor *monitor, const char *name)
{
	for (int i = 0; i < monitor->ntargets; i++) {
		struct target *target = &monitor->targets[i];

		if (strcmp(target->rail, name))
			continue;
		target_disconnect(target);
		monitor->stale = true;
		monitor->due[target->peer] = 0;
	}
}

/* Those met while the rail was not there have no target on it that could ask for it. */
static void meet_all(struct monitor *monitor)
{
	for (int i = 0; i < monitor->peers.n; i++)
		monitor->due[i] = 0;
}

static void lose_rail(struct monitor *monitor, struct rail_state *state,
		      const struct rail *rail)
{
	static const struct fault gone = { .reason = REASON_NO_DEVICE,
					   .notes = 1,
					   .note = { "the rail has vanished" } };
	const struct fault *why = rail ? &rail->fault : &gone;

	if (!rail_usable(&state->rail) && state->rail.fault.reason == why->reason)
		return;
	state->rail.gid_index = -1;
	state->rail.fault = *why;
	state->failures[why->reason]++;
	monitor_tell(monitor, "rail_lost", state->name, NULL, why);
	for (int i = 0; i < monitor->ntargets; i++) {
		struct target *target = &monitor->targets[i];

		if (strcmp(target->rail, state->name))
			continue;
		target->fault = *why;
		monitor_set_state(monitor, target, TARGET_DOWN);
	}
}

static const struct rail *find_rail(const struct rails *rails, const char *name)
{
	for (int i = 0; i < rails->n; i++)
		if (!strcmp(rails->v[i].name, name))
			return &rails->v[i];
	return NULL;
}

/* Hubs of rails that are not what they were have to go with all that hangs on them. */
static void compare_rail(struct monitor *monitor, struct rail_state *state,
			 const struct rail *rail)
{
	struct fault fault;
	struct hub *hub;

	if (!rail || !rail_usable(rail)) {
		disconnect_rail(monitor, state->name);
		server_drop_hub(&monitor->service->server, state->name);
		lose_rail(monitor, state, rail);
		return;
	}
	hub = server_hub(&monitor->service->server, rail, &fault);
	if (!hub) {
		struct rail broken = *rail;

		broken.fault = fault;
		disconnect_rail(monitor, state->name);
		lose_rail(monitor, state, &broken);
		return;
	}
	for (int i = 0; i < monitor->ntargets; i++)
		if (!strcmp(monitor->targets[i].rail, state->name) &&
		    monitor->targets[i].hub && monitor->targets[i].hub != hub) {
			disconnect_rail(monitor, state->name);
			break;
		}
	hub_put(hub);
	if (!rail_usable(&state->rail)) {
		state->rail = *rail;
		monitor_tell(monitor, "rail_up", state->name, NULL, &rail->fault);
		disconnect_rail(monitor, state->name);
		meet_all(monitor);
	}
	state->rail = *rail;
}

static void check(struct monitor *monitor, const struct local *local,
		  const struct rails *rails)
{
	_autofree_ struct facts *facts = calloc(1, sizeof(*facts));
	struct expect nothing = { 0 };
	struct checks checks = { 0 };
	struct scene scene = { local, rails, facts, &nothing };

	if (!facts)
		return;
	facts_read(facts, rails);
	judge_host(&checks, &scene);
	for (int i = 0; i < rails->n; i++)
		judge_rail(&checks, &scene, i);
	facts_clear(facts);
	pthread_mutex_lock(&monitor->lock);
	checks_clear(&monitor->checks);
	monitor->checks = checks;
	pthread_mutex_unlock(&monitor->lock);
}

void monitor_look_at_rails(struct monitor *monitor, bool thoroughly)
{
	_autofree_ struct rails *rails = malloc(sizeof(*rails));
	_autolocal_ struct local local = { 0 };
	struct err ignored;

	if (!rails || command_scan(monitor->opts, &local, rails, &ignored))
		return;
	pthread_mutex_lock(&monitor->lock);
	for (int i = 0; i < rails->n; i++)
		(void)monitor_rail(monitor, rails->v[i].name, true);
	for (int i = 0; i < monitor->nrails; i++)
		compare_rail(monitor, &monitor->rails[i],
			     find_rail(rails, monitor->rails[i].name));
	monitor->plan.mine = *rails;
	pthread_mutex_unlock(&monitor->lock);
	if (thoroughly)
		check(monitor, &local, rails);
}
