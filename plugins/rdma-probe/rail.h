/*
 * rail.h - the rails of this namespace, and how they pair with those of a peer. No I/O.
 *
 *	struct rails mine;
 *
 *	gids_judge(&local);
 *	if (rails_make(&mine, &local, &want, err))
 *		return -1;
 *
 * A rail is a netdev with an address, and the device, port and GID that carry RoCEv2
 * for it. One that should work and does not is a rail too, with a fault: a rail that
 * silently disappeared would turn a broken node green.
 */
#ifndef PROBE_RAIL_H
#define PROBE_RAIL_H

#include "plugins/rdma-probe/fault.h"
#include "plugins/rdma-probe/gid.h"
#include "plugins/rdma-probe/local.h"

#define RAIL_MAX      32
#define RAIL_NAME_LEN 32

struct rail {
	char name[RAIL_NAME_LEN];
	char netdev[IFNAMSIZ], mac[MAC_LEN]; /* "" unknown, here and below */
	int ifindex;			     /* 0 unknown */
	struct cidr ip;			     /* family AF_UNSPEC if there is none */
	char dev[DEV_LEN], uverbs[48];
	int port; /* 0 unknown */
	uint8_t gid[16];
	int gid_index; /* -1: no GID, and so no RoCEv2 */
	int netdev_mtu, active_mtu, state;
	double gbps;
	int numa;	    /* -1 unknown */
	struct fault fault; /* only when gid_index < 0 */
};

struct rails {
	struct rail v[RAIL_MAX];
	int n;
};

/* What was asked for with --rail NAME=VALUE: a netdev, an address, a subnet or an RDMA
 * device. */
struct rail_spec {
	char name[RAIL_NAME_LEN];
	const char *value;
};

struct rail_want {
	const struct rail_spec
		*specs; /* none: every netdev that has RDMA and an address */
	int nspecs;
	int family; /* AF_INET, AF_INET6, or 0 for IPv4 before IPv6 */
};

/* Also marks, in local, the GIDs that were chosen and why the others were not. */
int rails_make(struct rails *ret, struct local *local, const struct rail_want *want,
	       struct err *err);

/* Make every rail use this GID index, or say why it cannot. */
void rails_force_index(struct rails *rails, const struct local *local, int index);

static inline bool rail_usable(const struct rail *rail)
{
	return rail->gid_index >= 0;
}

/* "NAME=VALUE"; false if it is not that. */
bool rail_spec_parse(const char *text, struct rail_spec *ret);

/* Two rails that belong together; -1 stands for "no rail on that side". */
struct rail_pair {
	int mine, theirs;
};

/* Pair by subnet, then by name: RDMA device names mean nothing to another node. Every
 * rail of both sides is in exactly one pair. Returns how many; ret has room for
 * 2 * RAIL_MAX. */
int rails_pair(const struct rails *mine, const struct rails *theirs,
	       struct rail_pair *ret);

#endif
