/* route.h - static routes over one interface. */
#ifndef PKG_ROUTE_H
#define PKG_ROUTE_H

#include "pkg/ip.h"
#include "pkg/nl.h"

#define ROUTE_UNSET (-1)

/* Numbers are ROUTE_UNSET when the kernel's default shall hold. */
struct route {
	struct cidr dst;
	struct ip gw;  /* AF_UNSPEC: on link */
	struct ip src; /* preferred source; AF_UNSPEC: the kernel's choice */
	bool onlink;   /* the next hop is on this link whatever the addresses say */
	int64_t mtu, advmss, priority, table, scope;
};

/* Add a route over the interface. One that is there already, alike in all the kernel
 * tells routes apart by, is no error; another to the same prefix stays and is asked
 * first (NLM_F_APPEND). */
int route_add(struct nl *nl, int ifindex, const struct route *route, struct err *err);

/* Is there a route over this interface that has all that is set in `route`?
 * 1, 0 or -1. */
int route_exists(struct nl *nl, int ifindex, const struct route *route, struct err *err);

/* For multipath.c: begin a request about a route, all but its next hops. */
void route_begin(struct nl *nl, uint16_t type, uint16_t flags, uint8_t protocol,
		 const struct route *route);
uint32_t route_table(const struct route *route);

#endif
