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
	struct cidr cidr;
	unsigned int flags; /* IFA_F_TENTATIVE, IFA_F_DADFAILED, ... */
};

/* The addresses of the interface; how many (at most ADDR_MAX), or -1. */
int addr_list(struct nl *nl, int ifindex, struct addr ret[ADDR_MAX], struct err *err);

#endif
