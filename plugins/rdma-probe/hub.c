/* hub.c - where a rail's datagrams arrive: probes are answered, answers handed on. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
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

static void answer(struct hub *hub, struct ud_msg *msg, const struct ud_from *from,
		   int64_t now)
{
	struct hub_peer *peer;

	pthread_mutex_lock(&hub->lock);
	peer = find(hub, msg->token);
	if (peer && !memcmp(peer->who.end.gid, from->gid, sizeof(from->gid))) {
		msg->type = UD_ANSWER;
		msg->arrived = ++peer->arrived;
		msg->tos = from->tos;
		msg->ttl = from->ttl;
		msg->held_us = (uint32_t)((clock_ns() - now) / NS_US);
		peer->heard = now;
		/* One that cannot be sent now is one that got lost. */
		(void)ud_send(&hub->ud, peer->ah, peer->who.end.qpn, peer->who.end.qkey,
			      msg);
	}
	pthread_mutex_unlock(&hub->lock);
}

/* Everything that has come; -1 when the queue pair is broken. */
static int drain(struct hub *hub)
{
	int64_t now = clock_ns(), sender;
	struct fault fault;
	struct ud_from from;
	struct ud_msg msg;

	while ((sender = ud_receive(&hub->ud, &msg, &from, &fault)) > 0) {
		if (msg.type == UD_PROBE)
			answer(hub, &msg, &from, now);
		else if (hub->on_answer)
			hub->on_answer(hub->arg, &msg, now);
	}
	return (int)sender;
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
	const struct until forever = { INT64_MAX, hub->stop };
	struct err err;

	/* Armed first, then drained: what comes in between wakes us. */
	while (!ud_arm(&hub->ud) && !drain(hub)) {
		if (wire_wait(hub->ud.channel->fd, POLLIN, &forever, &err))
			break;
		ud_ack_event(&hub->ud);
	}
	hub->dead = true;
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

struct hub *hub_new(const struct rail *rail, int depth, hub_answer on_answer, void *arg,
		    struct fault *fault)
{
	_autofree_ struct hub *hub = calloc(1, sizeof(*hub));

	if (!hub) {
		fault_set(fault, REASON_NONE, ENOMEM, "datagrams");
		return NULL;
	}
	hub->rail = *rail;
	hub->on_answer = on_answer;
	hub->arg = arg;
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
		grown = realloc(hub->peers, (hub->npeers + 1) * sizeof(*grown));
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
