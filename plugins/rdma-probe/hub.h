/*
 * hub.h - where a rail's datagrams arrive: probes are answered, answers handed on.
 *
 *	hub = hub_new(&rail, depth, &owner, &fault);
 *	hub_admit(hub, &prober, until, &fault);	    // who will probe us
 *	hub_arrived(hub, prober.token, &count);
 *	hub_put(hub);
 *
 * A thread of its own for each rail, which sleeps until something comes. While things
 * come, only what is prompt wakes it at once; the rest it takes and answers every
 * HUB_TICK, all by one call, since waking is what costs most. Only senders that were
 * admitted are answered, so that nobody can make us send to others, and their address
 * handles exist before the first probe needs them. What the device says of itself is
 * handed on; one that goes away ends the thread: `dead` then, and who owns it opens
 * another one.
 */
#ifndef PROBE_HUB_H
#define PROBE_HUB_H

#include <stdatomic.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/ud.h"
#include "plugins/rdma-probe/wire.h"

#define HUB_PEERS 4096
#define HUB_TICK  (100 * NS_MS)

/* Who probes, and how to answer. */
struct hub_prober {
	uint32_t token; /* random: tells one prober, and one run of it, from another */
	struct ud_end end;
	int tc;
};

struct hub_peer {
	struct hub_prober who;
	struct ibv_ah *ah;
	uint32_t arrived;
	int64_t heard; /* last, or admitted: the one silent for longest makes room */
};

/* Who wants to know what comes, from the hub's thread; either may be NULL. */
struct hub_owner {
	void (*on_answers)(void *arg, const struct ud_arrival *arrivals, int n,
			   int64_t now); /* probes are among them */
	void (*on_event)(void *arg);	 /* the port or its GIDs changed, or it is dead */
	void *arg;
};

struct hub {
	struct rail rail;
	struct ud ud;
	struct hub_owner owner;
	int stop;
	bool busy, came; /* of the thread: something comes; since the last tick */
	bool ended;	 /* nobody wants it any more */
	enum hub_armed { HUB_UNARMED, HUB_ANY, HUB_PROMPT } armed;
	_Atomic bool dead;
	_Atomic int users,
		parts;	      /* who holds it; who has not let go: they, and the thread */
	pthread_mutex_t lock; /* of what follows */
	struct hub_peer *peers;
	int npeers;
};

/* NULL with *fault; the caller is its first user. The last one to put it ends it,
 * without waiting: the thread may be with the owner. */
struct hub *hub_new(const struct rail *rail, int depth, const struct hub_owner *owner,
		    struct fault *fault);
struct hub *hub_get(struct hub *hub);
void hub_put(struct hub *hub); /* NULL is fine */

/* Looks at the way back and warms the neighbour. Again: for a peer that moved. */
int hub_admit(struct hub *hub, const struct hub_prober *who, const struct until *until,
	      struct fault *fault);

/* How many probes of that token came; false for one unknown. */
bool hub_arrived(struct hub *hub, uint32_t token, uint32_t *ret);

/* Is it still what this rail needs? */
bool hub_fits(const struct hub *hub, const struct rail *rail);

static inline void hub_putp(struct hub **hub)
{
	hub_put(*hub);
}
#define _autohub_ _cleanup_(hub_putp)

#endif
