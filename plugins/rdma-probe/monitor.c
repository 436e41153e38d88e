/* monitor.c - the beat: send a few datagrams to the next targets, and count answers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "pkg/grow.h"
#include "plugins/rdma-probe/monitor.h"
#include "plugins/rdma-probe/wire.h"

#define BEAT_NS (100 * NS_MS)

struct rail_state *monitor_rail(struct monitor *monitor, const char *name, bool make)
{
	struct rail_state *state;

	for (int i = 0; i < monitor->nrails; i++)
		if (!strcmp(monitor->rails[i].name, name))
			return &monitor->rails[i];
	if (!make || monitor->nrails == RAIL_MAX)
		return NULL;
	state = &monitor->rails[monitor->nrails++];
	*state = (struct rail_state){ .rail = { .gid_index = -1 } };
	snprintf(state->name, sizeof(state->name), "%s", name);
	snprintf(state->rail.name, sizeof(state->rail.name), "%s", name);
	sample_init(&state->sample, monitor->host, name, time(NULL), clock_ns());
	return state;
}

struct target *monitor_target(struct monitor *monitor, int peer, const char *rail,
			      bool make)
{
	struct target *grown;

	for (int i = 0; i < monitor->ntargets; i++)
		if (monitor->targets[i].peer == peer &&
		    !strcmp(monitor->targets[i].rail, rail))
			return &monitor->targets[i];
	if (!make)
		return NULL;
	grown = grow(monitor->targets, monitor->ntargets, sizeof(*grown));
	if (!grown)
		return NULL;
	monitor->targets = grown;
	grown = &monitor->targets[monitor->ntargets++];
	*grown = (struct target){ .peer = peer, .doubted = true };
	snprintf(grown->rail, sizeof(grown->rail), "%s", rail);
	return grown;
}

void target_disconnect(struct target *target)
{
	if (target->ah)
		(void)ibv_destroy_ah(target->ah);
	target->ah = NULL;
	hub_put(target->hub);
	target->hub = NULL;
}

void monitor_doubt(struct monitor *monitor, struct target *target)
{
	monitor->stale |= !target->doubted && target->routed;
	target->doubted = true;
}

void monitor_set_state(struct monitor *monitor, struct target *target,
		       enum target_state state)
{
	bool changed = target->state != state;

	target->state = state;
	if (state == TARGET_UP)
		target->fault = (struct fault){ 0 };
	if (state == TARGET_DOWN)
		monitor_doubt(monitor, target);
	if (!changed)
		return;
	target->lost = clock_ns();
	target->asked = false;
	monitor_tell(monitor, state == TARGET_UP ? "up" : "down", target->rail,
		     monitor->peer_hosts[target->peer], &target->fault);
}

/* Only prompt ones tell a round trip: the others lay about until somebody looked. */
static void count_answer(struct monitor *monitor, const struct ud_msg *msg, int64_t now)
{
	struct target *target = monitor_find(monitor, msg->token);
	struct rail_state *rail;

	if (!target)
		return;
	window_answer(&target->window, msg->sequence, msg->arrived);
	target->success = time(NULL);
	target->heard = now;
	rail = msg->prompt ? monitor_rail(monitor, target->rail, false) : NULL;
	if (rail)
		hist_add(&rail->scopes[target->routed].rtt, now - msg->sent - msg->held);
}

void monitor_answers(void *arg, const struct ud_arrival *arrivals, int n, int64_t now)
{
	struct monitor *monitor = arg;

	pthread_mutex_lock(&monitor->lock);
	for (int i = 0; i < n; i++)
		if (arrivals[i].msg.type == UD_ANSWER)
			count_answer(monitor, &arrivals[i].msg, now);
	pthread_mutex_unlock(&monitor->lock);
}

void monitor_rouse(struct monitor *monitor)
{
	eventfd_write(monitor->wake, 1);
}

void monitor_event(void *arg)
{
	struct monitor *monitor = arg;

	server_event(&monitor->service->server);
	monitor->changed = true;
	monitor_rouse(monitor);
}

/* How many probes of each ring of this rail are due. */
static void count_due(const struct monitor *monitor, struct rail_state *rail,
		      double seconds, int ret[SCOPES])
{
	const double want[SCOPES] = {
		[SCOPE_LINK] = rail->rings[SCOPE_LINK].n * (double)monitor->opts->rate,
		[SCOPE_ROUTED] =
			rail->rings[SCOPE_ROUTED].n * (double)monitor->opts->far_rate,
	};
	double rate[SCOPES];

	sample_share((double)monitor->opts->rail_rate, want, rate);
	for (int k = 0; k < SCOPES; k++) {
		double *credit = &rail->rings[k].credit;

		*credit += rate[k] * seconds;
		if (*credit > UD_BURST)
			*credit = UD_BURST;
		ret[k] = (int)*credit;
	}
}

static struct ud_shot make_shot(struct target *target, bool prompt)
{
	return (struct ud_shot){ .ah = target->ah,
				 .end = &target->end,
				 .msg = { .type = UD_PROBE,
					  .token = target->token,
					  .sequence = window_send(&target->window),
					  .prompt = prompt } };
}

/* The next probes of this ring, as many as are due since the last beat. */
static void send_burst(struct monitor *monitor, struct ring *ring, int due)
{
	struct ud_shot shots[UD_BURST];
	struct hub *hub = NULL;
	int n = 0;

	if (!ring->n)
		return;
	for (int looked = 0; n < due && looked < 2 * due; looked++) {
		int i = monitor->rings[ring->first + ring->next];
		struct target *target = &monitor->targets[i];

		ring->next = (ring->next + 1) % ring->n;
		/* One call is for one queue pair. */
		if (!target->hub || (hub && target->hub != hub))
			continue;
		hub = target->hub;
		shots[n] = make_shot(target, n == 0);
		n++;
	}
	ring->credit -= n;
	monitor->probes += n;
	if (n)
		(void)ud_send_burst(&hub->ud, shots, n);
}

static void send_all(struct monitor *monitor, struct rail_state *rail, double seconds)
{
	int due[SCOPES];

	count_due(monitor, rail, seconds, due);
	for (int k = 0; k < SCOPES; k++)
		send_burst(monitor, &rail->rings[k], due[k]);
}

static void beat(struct monitor *monitor, int64_t now, int64_t last)
{
	monitor_index(monitor, now);
	for (int i = 0; i < monitor->nrails; i++)
		send_all(monitor, &monitor->rails[i], (double)(now - last) / NS_S);
	monitor->beat_at = now;
}

int monitor_beat(struct monitor *monitor, struct err *err)
{
	int64_t last = clock_ns(), judged = last;

	for (;;) {
		struct until next = { last + BEAT_NS, monitor->signals };
		int64_t now;

		if (wire_wait(-1, 0, &next, err) && err->no == ECANCELED)
			return 0;
		now = clock_ns();
		pthread_mutex_lock(&monitor->lock);
		beat(monitor, now, last);
		if (now - judged >= monitor->opts->window) {
			monitor_judge(monitor);
			judged = now;
		}
		pthread_mutex_unlock(&monitor->lock);
		last = now;
	}
}
