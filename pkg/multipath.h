/*
 * multipath.h - one route that several interfaces share, a next hop each.
 *
 * Only routes of RAIL_PROTOCOL are shared. Reading the route and writing it back with
 * one next hop more or less are two requests: the caller holds a lock on the namespace.
 */
#ifndef PKG_MULTIPATH_H
#define PKG_MULTIPATH_H

#include "pkg/route.h"

/* Add our next hop, making the route if it is not there. A route to the same prefix
 * that is not ours is refused with EEXIST. */
int multipath_join(struct nl *nl, int ifindex, const struct route *route, int weight,
		   struct err *err);

/* Take our next hop away, and the route with the last one. No route, or none of our
 * next hops in it, is no error. */
int multipath_leave(struct nl *nl, int ifindex, const struct route *route,
		    struct err *err);

/* Is our next hop in it? 1, 0 or -1. */
int multipath_has(struct nl *nl, int ifindex, const struct route *route, struct err *err);

#endif
