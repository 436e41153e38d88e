/*
 * neigh.h - make sure a peer's neighbour entry is there before a QP needs it.
 *
 * A queue pair that goes to RTR with a cold neighbour waits a whole second in the
 * kernel, even if the answer comes at once. So a datagram to the discard port starts
 * resolution first, and the entry is watched until it is usable.
 */
#ifndef PROBE_NEIGH_H
#define PROBE_NEIGH_H

#include "plugins/rdma-probe/egress.h"
#include "plugins/rdma-probe/wire.h"

struct neigh {
	int state; /* NUD_REACHABLE, ... */
	char mac[MAC_LEN];
};

/* 0, or a positive errno; ENOENT when there is no entry. */
int neigh_get(int ifindex, const struct ip *ip, struct neigh *ret);

const char *neigh_state_name(int state);

/* Resolve the next hop from a rail to dst along route. */
int neigh_warm(const struct rail *rail, const struct ip *dst, const struct egress *route,
	       const struct until *until, struct neigh *ret, struct fault *fault);

/* ARP flux: a rail of the peer answered for the address of another one of its rails.
 * Only told where dst is on the link, since a router answers with its own. */
int neigh_check_owner(const struct neigh *neigh, const struct rail *peer,
		      const struct rails *theirs, struct fault *fault);

#endif
