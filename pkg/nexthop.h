/*
 * nexthop.h - next hop objects of the kernel (Linux 5.3): next hops, and groups of them.
 *
 * A route that names a group by its id sends each flow over one of the group's next hops.
 * Replacing the group moves all its routes at once, without a moment in which one of them
 * leads nowhere.
 *
 * What the kernel does by itself (nexthop_netdev_event() and nexthop_select_path() in
 * net/ipv4/nexthop.c, seen on 6.1 and 6.18): an interface that goes down or loses its
 * carrier loses its next hops, they leave their groups, an empty group goes and with it
 * the routes that named it. Nothing brings them back. And a group passes over next hops
 * whose neighbour does not answer, while another one does.
 */
#ifndef PKG_NEXTHOP_H
#define PKG_NEXTHOP_H

#include "pkg/ip.h"
#include "pkg/nl.h"

#define NEXTHOP_MEMBERS 16 /* of a group */

struct nexthop {
	uint32_t id;
	uint8_t protocol;
	bool odd; /* there is more to it than the fields below tell: nothing we make */
	/* either a next hop: */
	struct ip gw;
	int ifindex;
	/* or a group of equals, n > 0: ids, ascending */
	int n;
	uint32_t members[NEXTHOP_MEMBERS];
};

struct nexthops {
	struct nexthop *list;
	int count;
};

/* All there are, whoever made them, sorted by id. */
int nexthops_get(struct nl *nl, struct nexthops *ret, struct err *err);
const struct nexthop *nexthops_find(const struct nexthops *nexthops, uint32_t id);
void nexthops_clear(struct nexthops *nexthops);
#define _autonexthops_ _cleanup_(nexthops_clear)

/* Begin requests, for nl_talk() or nl_queue(). One that adds fails when the id is taken;
 * one that replaces wants a group. */
void nexthop_begin_add(struct nl *nl, const struct nexthop *nexthop);
void nexthop_begin_replace(struct nl *nl, const struct nexthop *group);
void nexthop_begin_del(struct nl *nl, uint32_t id);

#endif
