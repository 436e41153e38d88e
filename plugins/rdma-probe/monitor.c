/* monitor.c - the beat: send a few datagrams to the next targets, and count losses. */
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
#define LEAST	3 /* probes in a window: so many lost in a row are a failure */

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
	*grown = (struct target){ .peer = peer };
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

void monitor_set_state(struct monitor *monitor, struct target *target,
		       enum target_state state)
{
	bool changed = target->state != state;

	target->state = state;
	if (state == TARGET_UP)
		target->fault = (struct fault){ 0 };
	if (!changed)
		return;
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

/* How many probes of this rail are due. */
static int count_due(struct monitor *monitor, struct rail_state *rail, double seconds)
{
	double rate = (double)rail->ntargets * (double)monitor->opts->rate;

	if (rate > (double)monitor->opts->rail_rate)
		rate = (double)monitor->opts->rail_rate;
	rail->credit += rate * seconds;
	if (rail->credit > UD_BURST)
		rail->credit = UD_BURST;
	return (int)rail->credit;
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

/* The next probes of this rail, as many as are due since the last beat. */
static void send_burst(struct monitor *monitor, struct rail_state *rail, double seconds)
{
	struct ud_shot shots[UD_BURST];
	int due = count_due(monitor, rail, seconds), n = 0;
	struct hub *hub = NULL;

	if (!rail->ntargets)
		return;
	for (int looked = 0; n < due && looked < 2 * due; looked++) {
		int i = monitor->by_rail[rail->first + rail->next];
		struct target *target = &monitor->targets[i];

		rail->next = (rail->next + 1) % rail->ntargets;
		/* One call is for one queue pair. */
		if (!target->hub || (hub && target->hub != hub))
			continue;
		hub = target->hub;
		shots[n] = make_shot(target, n == 0);
		n++;
	}
	rail->credit -= n;
	monitor->probes += n;
	if (n)
		(void)ud_send_burst(&hub->ud, shots, n);
}

static void judge_target(struct monitor *monitor, struct target *target)
{
	struct rail_state *rail = monitor_rail(monitor, target->rail, false);
	struct scope *scope = rail ? &rail->scopes[target->routed] : NULL;
	struct loss loss;

	if (!target->hub || !scope || !window_close(&target->window, LEAST, &loss) ||
	    !loss.sent)
		return;
	scope->sent += loss.sent;
	scope->lost += loss.lost;
	scope->lost_there += loss.there > 0 ? loss.there : 0;
	scope->lost_back += loss.there >= 0 ? loss.lost - loss.there : 0;
	target->down = loss.answered ? 0 : target->down + 1;
	if (loss.answered) {
		monitor_set_state(monitor, target, TARGET_UP);
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

static void judge(struct monitor *monitor)
{
	struct scope old[RAIL_MAX][SCOPES];

	for (int i = 0; i < monitor->nrails; i++)
		memcpy(old[i], monitor->rails[i].scopes, sizeof(old[i]));
	for (int i = 0; i < monitor->ntargets; i++)
		judge_target(monitor, &monitor->targets[i]);
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++) {
			struct scope *scope = &monitor->rails[i].scopes[k];
			double sent = (double)(scope->sent - old[i][k].sent);

			if (!scope->sent || sent <= 0)
				continue;
			scope->ratio_there =
				(double)(scope->lost_there - old[i][k].lost_there) / sent;
			scope->ratio_back =
				(double)(scope->lost_back - old[i][k].lost_back) / sent;
		}
}

static void beat(struct monitor *monitor, int64_t now, int64_t last)
{
	monitor_index(monitor);
	for (int i = 0; i < monitor->nrails; i++)
		send_burst(monitor, &monitor->rails[i], (double)(now - last) / NS_S);
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
			judge(monitor);
			judged = now;
		}
		pthread_mutex_unlock(&monitor->lock);
		last = now;
	}
}
