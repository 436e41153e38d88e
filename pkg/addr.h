/* addr.h - addresses of an interface. */
#ifndef PKG_ADDR_H
#define PKG_ADDR_H

#include "pkg/ip.h"
#include "pkg/nl.h"

/* Give the interface an address; its being there already is no error. IPv4 networks
 * of more than two addresses get the broadcast address. */
int addr_add(struct nl *nl, int ifindex, const struct cidr *cidr, struct err *err);

#define ADDR_MAX 64

struct addr {
	int ifindex;
	struct cidr cidr;
	unsigned int flags; /* IFA_F_TENTATIVE, IFA_F_DADFAILED, ... */
};

/* The addresses of the interface; how many (at most ADDR_MAX), or -1. */
int addr_list(struct nl *nl, int ifindex, struct addr ret[ADDR_MAX], struct err *err);

/* The addresses of all interfaces. */
struct addrs {
	struct addr *list;
	int count;
};
int addrs_get(struct nl *nl, struct addrs *ret, struct err *err);
void addrs_clear(struct addrs *addrs);
#define _autoaddrs_ _cleanup_(addrs_clear)

/* Has the kernel finished asking whether others have the interface's IPv6 addresses?
 * 1, 0 not yet, or -1 when one of them has: err->no EADDRINUSE, naming it. */
int addr_settled(struct nl *nl, int ifindex, struct err *err);

#endif
