/* monitor_keep.c - the keeper: whom to meet next, why is it silent, an audit now and
 * then. */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/monitor.h"
#include "plugins/rdma-probe/visit.h"

#define WHY_WINDOWS  12 /* between two looks for one path's reason */
#define EXTENT_LEAST 3	/* peers, below which one bad end looks like two */

/* When the keeper last did what it does now and then. */
struct rounds {
	int64_t scanned, checked, audited; /* the first two: 0 never */
};

/* A rail that loses all of several peers is the fault itself; where it loses one of them,
 * that one is, or the path between the two. */
static void note_extent(const struct monitor *monitor, const struct target *target,
			struct fault *fault)
{
	int n = 0, down = 0;

	for (int i = 0; i < monitor->ntargets; i++)
		if (!strcmp(monitor->targets[i].rail, target->rail)) {
			n++;
			down += monitor->targets[i].state == TARGET_DOWN;
		}
	if (n < EXTENT_LEAST)
		return;
	if (down == n)
		fault_note(fault, "all %d peers of %s are lost: suspect this end", n,
			   target->rail);
	else
		fault_note(fault, "of %d peers of %s %d %s lost: suspect %s", n,
			   target->rail, down, down == 1 ? "is" : "are",
			   down == 1 ? "the other end, or the path" : "the paths");
}

void monitor_take_over(struct monitor *monitor, int peer, const struct path *path,
		       bool ladder)
{
	struct rail_state *rail;
	struct target *target;
	struct fault fault;

	if (!path->mine)
		return;
	target = monitor_target(monitor, peer, path->mine->name, false);
	rail = monitor_rail(monitor, path->mine->name, false);
	if (!target || !rail)
		return;
	if (path->labels_ok + path->labels_lost) {
		target->paths_covered = path->labels_ok;
		target->paths_failed = path->labels_lost;
	}
	if (path->result == VERDICT_OK || (ladder && target->state != TARGET_DOWN))
		return;
	rail->failures[path->fault.reason]++;
	monitor_doubt(monitor, target);
	/* The ladder sees more than an audit, and so its reason stays. */
	if (ladder || (target->state == TARGET_DOWN && !target->fault.reason))
		target->fault = path->fault;
	fault = path->fault;
	if (ladder)
		note_extent(monitor, target, &fault);
	monitor_tell(monitor, ladder ? "why" : "audit", rail->name,
		     monitor->peer_hosts[peer], &fault);
}

static void visit_peer(struct monitor *monitor, int peer, bool ladder)
{
	_autofree_ struct path_plan *plan = malloc(sizeof(*plan));
	_autovisit_ struct visit *visit = NULL;
	struct err ignored;

	if (!plan)
		return;
	pthread_mutex_lock(&monitor->lock);
	*plan = monitor->plan;
	pthread_mutex_unlock(&monitor->lock);
	plan->peer = monitor->peers.v[peer].at;
	plan->ladder = ladder;
	plan->count = 1;
	visit = visit_new(plan);
	if (!visit || visit_run(visit, monitor->signals, &ignored) || !visit->heard)
		return;
	pthread_mutex_lock(&monitor->lock);
	monitor->audits += !ladder;
	for (int i = 0; i < visit->n; i++)
		monitor_take_over(monitor, peer, &visit->paths[i], ladder);
	pthread_mutex_unlock(&monitor->lock);
}

/* Does some path to this peer stay silent although both ends are open? */
static bool wants_reason(struct monitor *monitor, int peer)
{
	int64_t now = clock_ns();
	bool found = false;

	pthread_mutex_lock(&monitor->lock);
	for (int i = 0; i < monitor->ntargets; i++) {
		struct target *target = &monitor->targets[i];

		if (target->peer != peer || target->state != TARGET_DOWN ||
		    !target->hub ||
		    (target->judged &&
		     now - target->judged < WHY_WINDOWS * monitor->opts->window))
			continue;
		target->judged = now;
		found = true;
	}
	pthread_mutex_unlock(&monitor->lock);
	return found;
}

static void keep_peer(struct monitor *monitor, int peer)
{
	bool well;

	pthread_mutex_lock(&monitor->lock);
	monitor->due[peer] = INT64_MAX;
	pthread_mutex_unlock(&monitor->lock);
	well = monitor_meet(monitor, peer);
	if (wants_reason(monitor, peer))
		visit_peer(monitor, peer, true);
	monitor_ask_others(monitor, peer);
	pthread_mutex_lock(&monitor->lock);
	if (monitor->due[peer] == INT64_MAX) /* nobody asked meanwhile */
		monitor->due[peer] =
			clock_ns() + (well ? MONITOR_REFRESH : monitor->opts->window);
	pthread_mutex_unlock(&monitor->lock);
}

/* A peer that is due; or -1, and in *when the moment at which one will be. */
static int next_due(struct monitor *monitor, int first, int64_t *when)
{
	int64_t now = clock_ns();
	int found = -1;

	pthread_mutex_lock(&monitor->lock);
	for (int i = 0; i < monitor->peers.n && found < 0; i++) {
		int peer = (first + i) % monitor->peers.n;

		if (monitor->peers.v[peer].self)
			continue;
		if (monitor->due[peer] <= now)
			found = peer;
		else if (monitor->due[peer] < *when)
			*when = monitor->due[peer];
	}
	pthread_mutex_unlock(&monitor->lock);
	return found;
}

/* Some peer; the next one in the list if that is ourselves. */
static void audit(struct monitor *monitor)
{
	uint32_t number = (uint32_t)clock_ns();
	int n = monitor->peers.n;

	(void)!getrandom(&number, sizeof(number), 0);
	for (int i = 0; i < n; i++) {
		int peer = (int)((number + (uint32_t)i) % (uint32_t)n);

		if (monitor->peers.v[peer].self)
			continue;
		visit_peer(monitor, peer, false);
		return;
	}
}

/* What comes round by itself; returns when the next of it is due. */
static int64_t do_rounds(struct monitor *monitor, struct rounds *rounds)
{
	int64_t now = clock_ns(), window = monitor->opts->window;
	bool thoroughly = !rounds->checked || now - rounds->checked >= MONITOR_REFRESH;

	if (atomic_exchange(&monitor->changed, false) || thoroughly ||
	    now - rounds->scanned >= window) {
		monitor_look_at_rails(monitor, thoroughly);
		rounds->scanned = now;
		rounds->checked = thoroughly ? now : rounds->checked;
	}
	if (monitor->peers.n && now - rounds->audited >= monitor->opts->audit) {
		audit(monitor);
		rounds->audited = now;
	}
	return rounds->audited + monitor->opts->audit < rounds->scanned + window
		       ? rounds->audited + monitor->opts->audit
		       : rounds->scanned + window;
}

static void doze(struct monitor *monitor, int64_t when)
{
	struct until until = { when, monitor->stop };
	struct err ignored;
	eventfd_t count;

	if (!wire_wait(monitor->wake, POLLIN, &until, &ignored))
		(void)eventfd_read(monitor->wake, &count);
}

void *monitor_keep(void *arg)
{
	struct monitor *monitor = arg;
	struct rounds rounds = { .audited = clock_ns() };
	int peer = 0;

	while (!monitor->ending) {
		int64_t when = do_rounds(monitor, &rounds);

		peer = monitor->peers.n ? next_due(monitor, peer, &when) : -1;
		if (peer >= 0)
			keep_peer(monitor, peer++);
		else
			doze(monitor, when);
		peer = peer < 0 ? 0 : peer;
	}
	return NULL;
}
