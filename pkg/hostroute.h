/*
 * hostroute.h - routes to single addresses over groups of next hops, of one protocol.
 *
 * All are in the main table, at the metric that the kernel gives a route without one; so
 * a longer look at the table does not tell more than who made a route, and that is what
 * rtm_protocol is for.
 */
#ifndef PKG_HOSTROUTE_H
#define PKG_HOSTROUTE_H

#include "pkg/ip.h"
#include "pkg/nl.h"

struct hostroute {
	struct cidr dst; /* as the kernel has it; we make none but of single addresses */
	struct ip src;	 /* preferred source */
	uint32_t nexthop;
	uint32_t table, priority;
	bool odd; /* not as we make them: table, metric, prefix or kind */
};

struct hostroutes {
	struct hostroute *list;
	int count;
};

/* The routes of a protocol, of both families and all tables, sorted by address. */
int hostroutes_get(struct nl *nl, uint8_t protocol, struct hostroutes *ret,
		   struct err *err);
void hostroutes_clear(struct hostroutes *routes);
#define _autohostroutes_ _cleanup_(hostroutes_clear)

/* The route to that address which is not odd, or NULL. */
const struct hostroute *hostroutes_find(const struct hostroutes *routes,
					const struct ip *dst);

/* Begin requests, for nl_talk() or nl_queue(). Adding fails with EEXIST when there is a
 * route to the address at this metric, whoever made it; deleting never takes away one of
 * another protocol. */
void hostroute_begin_add(struct nl *nl, uint8_t protocol, const struct hostroute *route);
void hostroute_begin_del(struct nl *nl, uint8_t protocol, const struct hostroute *route);

/* Does another protocol have a route to exactly this address, which packets to it now
 * take? 1 with that protocol, 0 or -1. */
int hostroute_foreign(struct nl *nl, const struct ip *dst, uint8_t protocol, uint8_t *ret,
		      struct err *err);

#endif
