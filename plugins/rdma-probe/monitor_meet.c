/* monitor_meet.c - meet a peer on its control channel, and make targets of its rails. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/monitor.h"
#include "plugins/rdma-probe/neigh.h"
#include "plugins/rdma-probe/visit.h"

static uint32_t new_token(void)
{
	uint32_t value;

	return getrandom(&value, sizeof(value), 0) == sizeof(value)
		       ? value
		       : (uint32_t)clock_ns();
}

/* What meeting a peer works on; no lock is held meanwhile. */
struct meeting {
	struct monitor *monitor;
	int peer;
	struct path_plan plan;
	struct wire wire;
	const struct rail *mine, *theirs;
	struct until until;
};

static int ask_for_datagrams(struct meeting *meeting, const struct hub_prober *prober,
			     struct ud_end *ret, struct fault *fault)
{
	struct proto_request request = { .op = PROTO_OPEN_UD,
					 .prober = *prober,
					 .budget_ms =
						 (int)(meeting->plan.deadline / NS_MS) };
	_autofree_ char *line = NULL;
	const char *answer;
	struct err err;
	size_t len;
	int r;

	if (request.budget_ms > PROTO_BUDGET_MAX)
		request.budget_ms = PROTO_BUDGET_MAX;
	memcpy(request.rail, meeting->theirs->name, sizeof(request.rail));
	line = proto_make_request(&request);
	if (!line ||
	    (meeting->wire.fd < 0 &&
	     wire_connect(&meeting->wire, &meeting->plan.peer, PROTO_ANSWER_MAX,
			  &meeting->until, &err)) ||
	    wire_send(&meeting->wire, line, &meeting->until, &err) ||
	    wire_line(&meeting->wire, &meeting->until, &answer, &len, &err) <= 0)
		return fault_set(fault, REASON_PEER_ABSENT, 0, "%s did not open its end",
				 meeting->plan.peer_host);
	r = proto_read_opened_ud(answer, len, ret, fault, &err);
	if (r < 0)
		return fault_from_err(fault, REASON_PEER_ABSENT, &err);
	if (r == 0)
		fault_blame(fault, meeting->plan.peer_host);
	return r > 0 ? 0 : -1;
}

/* A target with all it needs to be sent to; -1 with its fault. */
static int connect_target(struct meeting *meeting, struct target *ret)
{
	struct monitor *monitor = meeting->monitor;
	struct hub_prober prober = { .token = new_token(),
				     .tc = meeting->plan.params.tc };
	struct fault *fault = &ret->fault;
	struct egress route;
	struct neigh neigh;

	if (egress_check(meeting->mine, &meeting->theirs->ip.ip, &route, fault) ||
	    neigh_warm(meeting->mine, &meeting->theirs->ip.ip, &route, &meeting->until,
		       &neigh, fault))
		return -1;
	ret->routed = route.gateway.family != AF_UNSPEC;
	if (!ret->routed &&
	    neigh_check_owner(&neigh, meeting->theirs, &meeting->plan.theirs, fault))
		return -1;
	ret->hub = server_hub(&monitor->service->server, meeting->mine, fault);
	if (!ret->hub)
		return -1;
	prober.end = ud_end(&ret->hub->ud);
	if (ask_for_datagrams(meeting, &prober, &ret->end, fault))
		return -1;
	ret->token = prober.token;
	ret->ah = ud_address(&ret->hub->ud, ret->end.gid, prober.tc, 0, fault);
	return ret->ah ? 0 : -1;
}

/* Put what was made into its place, or what kept it from being made. A path that works
 * stays as it is when only the control channel is gone. */
static void settle(struct meeting *meeting, struct target *made, int r)
{
	struct monitor *monitor = meeting->monitor;
	struct target *target;

	pthread_mutex_lock(&monitor->lock);
	target = monitor_target(monitor, meeting->peer, meeting->mine->name, true);
	if (!target ||
	    (r && target->state == TARGET_UP && target->hub && !target->hub->dead)) {
		pthread_mutex_unlock(&monitor->lock);
		target_disconnect(made);
		return;
	}
	target_disconnect(target);
	monitor->stale = true;
	target->met = clock_ns();
	if (r) {
		struct rail_state *rail = monitor_rail(monitor, target->rail, false);

		if (rail && target->state != TARGET_DOWN)
			rail->failures[made->fault.reason]++;
		target->fault = made->fault;
		monitor_set_state(monitor, target, TARGET_DOWN);
		pthread_mutex_unlock(&monitor->lock);
		target_disconnect(made);
		return;
	}
	if (memcmp(&target->end, &made->end, sizeof(target->end)))
		monitor_doubt(monitor, target); /* that end was never probed */
	target->hub = made->hub;
	target->ah = made->ah;
	target->end = made->end;
	target->token = made->token;
	target->routed = made->routed;
	target->window = (struct window){ 0 };
	pthread_mutex_unlock(&monitor->lock);
}

/* What works is left alone for a while, and what is silent gets the time to be heard, but
 * has to be looked at again soon: its peer may have another queue pair by now. */
static bool is_due(struct meeting *meeting, bool *well)
{
	struct monitor *monitor = meeting->monitor;
	const struct target *target;
	int64_t rest;
	bool due = true;

	pthread_mutex_lock(&monitor->lock);
	target = monitor_target(monitor, meeting->peer, meeting->mine->name, false);
	if (target && target->hub && !target->hub->dead) {
		rest = target->state == TARGET_UP ? MONITOR_REFRESH
						  : 4 * monitor->opts->window;
		due = clock_ns() - target->met > rest;
		*well = *well && target->state != TARGET_DOWN;
	}
	pthread_mutex_unlock(&monitor->lock);
	return due;
}

static bool meet_rails(struct meeting *meeting)
{
	struct path_plan *plan = &meeting->plan;
	struct rail_pair pairs[2 * RAIL_MAX];
	int n = rails_pair(&plan->mine, &plan->theirs, pairs);
	bool well = true;

	for (int i = 0; i < n; i++) {
		struct target made = { 0 };
		int r = -1;

		if (pairs[i].mine < 0)
			continue;
		meeting->mine = &plan->mine.v[pairs[i].mine];
		if (!rail_usable(meeting->mine) || !is_due(meeting, &well))
			continue; /* the rail's own fault is told, or nothing is new */
		meeting->theirs =
			pairs[i].theirs < 0 ? NULL : &plan->theirs.v[pairs[i].theirs];
		meeting->until = (struct until){ clock_ns() + plan->deadline, -1 };
		if (!meeting->theirs)
			fault_set(&made.fault, REASON_NO_ROCEV2_GID, 0,
				  "%s has no such rail", plan->peer_host);
		else if (!rail_usable(meeting->theirs)) {
			made.fault = meeting->theirs->fault;
			fault_blame(&made.fault, plan->peer_host);
		} else {
			r = connect_target(meeting, &made);
		}
		settle(meeting, &made, r);
		well = well && !r;
	}
	return well;
}

static bool nobody_there(struct meeting *meeting, const struct err *err)
{
	const struct rails *mine = &meeting->plan.mine;

	for (int i = 0; i < mine->n; i++) {
		struct target made = { 0 };

		if (!rail_usable(&mine->v[i]))
			continue;
		meeting->mine = &mine->v[i];
		fault_from_err(&made.fault, REASON_PEER_ABSENT, err);
		settle(meeting, &made, -1);
	}
	return false;
}

bool monitor_meet(struct monitor *monitor, int peer)
{
	_autofree_ struct meeting *meeting = calloc(1, sizeof(*meeting));
	struct err err;
	bool well;

	if (!meeting)
		return false;
	meeting->monitor = monitor;
	meeting->peer = peer;
	meeting->wire = (struct wire)WIRE_NONE;
	pthread_mutex_lock(&monitor->lock);
	meeting->plan = monitor->plan;
	pthread_mutex_unlock(&monitor->lock);
	meeting->plan.peer = monitor->peers.v[peer].at;
	meeting->plan.stop = -1;
	snprintf(meeting->plan.peer_host, PROTO_HOST_LEN, "%.63s",
		 meeting->plan.peer.host);
	if (visit_greet(&meeting->plan, &err))
		return nobody_there(meeting, &err);
	pthread_mutex_lock(&monitor->lock);
	memcpy(monitor->peer_hosts[peer], meeting->plan.peer_host, PROTO_HOST_LEN);
	pthread_mutex_unlock(&monitor->lock);
	well = meet_rails(meeting);
	wire_close(&meeting->wire);
	return well;
}
