/* hub.c - where a rail's datagrams arrive: probes are answered, answers handed on. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "pkg/grow.h"
#include "plugins/rdma-probe/hub.h"
#include "plugins/rdma-probe/neigh.h"

#define STACK_SIZE (256 << 10)

/* Called with the lock held. */
static struct hub_peer *find(struct hub *hub, uint32_t token)
{
	for (int i = 0; i < hub->npeers; i++)
		if (hub->peers[i].who.token == token)
			return &hub->peers[i];
	return NULL;
}

/* Make a probe its answer; false for one of somebody who was not admitted. Called with
 * the lock held. */
static bool answer(struct hub *hub, const struct ud_arrival *probe, int64_t now,
		   struct ud_shot *ret)
{
	struct hub_peer *peer = find(hub, probe->msg.token);
	struct ud_msg msg = probe->msg;

	if (!peer || memcmp(peer->who.end.gid, probe->from.gid, sizeof(probe->from.gid)))
		return false;
	msg.type = UD_ANSWER;
	msg.arrived = ++peer->arrived;
	msg.tos = probe->from.tos;
	msg.ttl = probe->from.ttl;
	peer->heard = now;
	*ret = (struct ud_shot){
		.ah = peer->ah, .end = &peer->who.end, .msg = msg, .since = now
	};
	return true;
}

static void answer_all(struct hub *hub, const struct ud_arrival *arrivals, int n,
		       int64_t now)
{
	struct ud_shot shots[UD_BURST];
	int answers = 0;

	pthread_mutex_lock(&hub->lock);
	for (int i = 0; i < n; i++)
		if (arrivals[i].msg.type == UD_PROBE)
			answers += answer(hub, &arrivals[i], now, &shots[answers]);
	/* One that cannot be sent now is one that got lost. */
	if (answers)
		(void)ud_send_burst(&hub->ud, shots, answers);
	pthread_mutex_unlock(&hub->lock);
}

/* Up to a burst of what has come; how much that was, or -1 when the queue pair is broken.
 * No lock is held while answers are handed on: who takes them may hold locks of his own.
 */
static int take_burst(struct hub *hub)
{
	struct ud_arrival arrivals[UD_BURST];
	struct fault fault;
	int n = ud_receive(&hub->ud, arrivals, UD_BURST, &fault);
	int64_t now;

	if (n <= 0)
		return n;
	now = clock_ns();
	answer_all(hub, arrivals, n, now);
	if (hub->owner.on_answers)
		hub->owner.on_answers(hub->owner.arg, arrivals, n, now);
	return n;
}

/* Everything that has come. */
static int drain(struct hub *hub)
{
	int n;

	do {
		n = take_burst(hub);
		hub->came |= n > 0;
	} while (n == UD_BURST);
	return n < 0 ? -1 : 0;
}

/* A small ring could overflow within a tick. */
static bool may_wait(const struct hub *hub)
{
	return hub->ud.depth >= UD_DEPTH / 4;
}

/* Armed first, then drained: what comes in between wakes us. */
static int arm_and_drain(struct hub *hub)
{
	enum hub_armed wanted = hub->busy ? HUB_PROMPT : HUB_ANY;

	if (hub->armed != wanted && ud_arm(&hub->ud, hub->busy))
		return -1;
	hub->armed = wanted;
	return drain(hub);
}

static void tell_owner(const struct hub *hub)
{
	if (hub->owner.on_event)
		hub->owner.on_event(hub->owner.arg);
}

/* The owner looks at the rail, whatever it was that happened. False once the device has
 * gone for good. */
static bool take_event(struct hub *hub)
{
	struct ibv_async_event event;
	bool fatal;

	if (ibv_get_async_event(hub->ud.ctx, &event))
		return false;
	fatal = event.event_type == IBV_EVENT_DEVICE_FATAL ||
		event.event_type == IBV_EVENT_QP_FATAL;
	ibv_ack_async_event(&event);
	if (!fatal)
		tell_owner(hub);
	return !fatal;
}

static void take_wakeup(struct hub *hub)
{
	ud_ack_event(&hub->ud);
	hub->armed = HUB_UNARMED;
	hub->busy = may_wait(hub);
}

/* A tick without anything: from now on, whatever comes wakes us again. */
static void end_tick(struct hub *hub)
{
	hub->busy = hub->came;
	hub->came = false;
}

/* Until something comes, a tick is over, or the device has something to say; false at the
 * end of it all. */
static bool sleep_until_next(struct hub *hub)
{
	static const struct timespec tick = { HUB_TICK / NS_S, HUB_TICK % NS_S };
	struct pollfd fds[] = { { .fd = hub->ud.channel->fd, .events = POLLIN },
				{ .fd = hub->ud.ctx->async_fd, .events = POLLIN },
				{ .fd = hub->stop, .events = POLLIN } };
	int n = ppoll(fds, ARRAY_SIZE(fds), hub->busy ? &tick : NULL, NULL);

	if (n < 0)
		return errno == EINTR;
	hub->ended = fds[2].revents;
	if (hub->ended || (fds[1].revents && !take_event(hub)))
		return false;
	if (fds[0].revents)
		take_wakeup(hub);
	if (n == 0)
		end_tick(hub);
	return true;
}

static void let_go(struct hub *hub)
{
	if (--hub->parts)
		return;
	for (int i = 0; i < hub->npeers; i++)
		(void)ibv_destroy_ah(hub->peers[i].ah);
	ud_close(&hub->ud);
	close(hub->stop);
	free(hub->peers);
	free(hub);
}

static void *run(void *arg)
{
	struct hub *hub = arg;

	while (!arm_and_drain(hub) && sleep_until_next(hub))
		;
	hub->dead = true;
	if (!hub->ended)
		tell_owner(hub);
	let_go(hub);
	return NULL;
}

static int start(struct hub *hub, struct fault *fault)
{
	pthread_attr_t attr;
	pthread_t thread;
	int no;

	hub->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (hub->stop < 0)
		return fault_set(fault, REASON_NONE, errno, "eventfd");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	no = pthread_create(&thread, &attr, run, hub);
	pthread_attr_destroy(&attr);
	if (no) {
		close(hub->stop);
		return fault_set(fault, REASON_NONE, no, "start a thread");
	}
	return 0;
}

struct hub *hub_new(const struct rail *rail, int depth, const struct hub_owner *owner,
		    struct fault *fault)
{
	_autofree_ struct hub *hub = calloc(1, sizeof(*hub));

	if (!hub) {
		fault_set(fault, REASON_NONE, ENOMEM, "datagrams");
		return NULL;
	}
	hub->rail = *rail;
	hub->owner = *owner;
	hub->users = 1;
	hub->parts = 2;
	pthread_mutex_init(&hub->lock, NULL);
	if (ud_open(&hub->ud, &hub->rail, depth, fault))
		return NULL;
	if (start(hub, fault)) {
		ud_close(&hub->ud);
		return NULL;
	}
	return take_ptr(hub);
}

struct hub *hub_get(struct hub *hub)
{
	hub->users++;
	return hub;
}

void hub_put(struct hub *hub)
{
	if (!hub || --hub->users)
		return;
	eventfd_write(hub->stop, 1);
	let_go(hub);
}

/* A place for one more, called with the lock held: the one silent for longest goes. */
static struct hub_peer *place(struct hub *hub)
{
	struct hub_peer *oldest = hub->peers, *grown;

	if (hub->npeers < HUB_PEERS) {
		grown = grow(hub->peers, hub->npeers, sizeof(*grown));
		if (!grown)
			return NULL;
		hub->peers = grown;
		grown[hub->npeers].ah = NULL;
		return &grown[hub->npeers++];
	}
	for (int i = 1; i < hub->npeers; i++)
		if (hub->peers[i].heard < oldest->heard)
			oldest = &hub->peers[i];
	(void)ibv_destroy_ah(oldest->ah);
	return oldest;
}

static int enter(struct hub *hub, const struct hub_peer *peer, struct fault *fault)
{
	struct hub_peer *slot;
	uint32_t arrived = 0;

	pthread_mutex_lock(&hub->lock);
	slot = find(hub, peer->who.token);
	if (slot) {
		arrived = slot->arrived;
		(void)ibv_destroy_ah(slot->ah);
	} else {
		slot = place(hub);
	}
	if (slot) {
		*slot = *peer;
		slot->arrived = arrived;
	}
	pthread_mutex_unlock(&hub->lock);
	return slot ? 0 : fault_set(fault, REASON_NONE, ENOMEM, "one more peer");
}

int hub_admit(struct hub *hub, const struct hub_prober *who, const struct until *until,
	      struct fault *fault)
{
	struct hub_peer peer = { .who = *who, .heard = clock_ns() };
	struct ip ip = gid_to_ip(who->end.gid);
	struct egress route;
	struct neigh neigh;

	if (egress_check(&hub->rail, &ip, &route, fault) ||
	    neigh_warm(&hub->rail, &ip, &route, until, &neigh, fault))
		return -1;
	peer.ah = ud_address(&hub->ud, who->end.gid, who->tc, 0, fault);
	if (!peer.ah)
		return -1;
	if (!enter(hub, &peer, fault))
		return 0;
	(void)ibv_destroy_ah(peer.ah);
	return -1;
}

bool hub_arrived(struct hub *hub, uint32_t token, uint32_t *ret)
{
	const struct hub_peer *peer;

	pthread_mutex_lock(&hub->lock);
	peer = find(hub, token);
	if (peer)
		*ret = peer->arrived;
	pthread_mutex_unlock(&hub->lock);
	return peer != NULL;
}

bool hub_fits(const struct hub *hub, const struct rail *rail)
{
	return !hub->dead && rail_usable(rail) && hub->rail.ifindex == rail->ifindex &&
	       hub->rail.port == rail->port && hub->rail.gid_index == rail->gid_index &&
	       !strcmp(hub->rail.dev, rail->dev) &&
	       !memcmp(hub->rail.gid, rail->gid, sizeof(rail->gid));
}
