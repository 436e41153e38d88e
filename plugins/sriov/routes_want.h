/*
 * routes_want.h - which routes there shall be: of what the nodes claim, what is believed.
 *
 * Pure: this node as it is and the peers as they are written down come in, the groups and
 * routes that follow from them go out, with every claim that was not believed.
 *
 * Not believed is whatever would take traffic away from where it belongs: an address of
 * this node, one in the network of a rail (next hops would be looked for behind
 * themselves), one outside the networks that nodes may be in, and one that two nodes
 * claim. Who was first cannot be known, since each of the two may have been written anew;
 * so neither has it, and its traffic takes the ordinary way.
 */
#ifndef SRIOV_ROUTES_WANT_H
#define SRIOV_ROUTES_WANT_H

#include "pkg/addr.h"
#include "pkg/link.h"
#include "plugins/sriov/routes_peers.h"
#include "plugins/sriov/routes_silent.h"

#define WITHIN_MAX 16

/* This node. */
struct own_rail {
	char name[IFNAMSIZ]; /* "" when no interface has its address */
	int ifindex;	     /* 0 when there is none */
	bool up;	     /* up, and with a carrier */
	int n;
	struct cidr nets[RAIL_ADDRESSES]; /* its addresses, with their networks */
};

struct own {
	char name[PEER_NAME];
	int n_addresses, n_rails;
	struct ip addresses[PEER_ADDRESSES]; /* ordinary ones */
	struct own_rail rails[PEER_RAILS];
	struct addrs all;		/* of all its interfaces */
	struct silent silent;		/* next hops on its rails that do not answer */
	int n_within;			/* 0: the peers' addresses may be anywhere */
	struct cidr within[WITHIN_MAX]; /* else in one of these */
};

void own_clear(struct own *own);
#define _autoown_ _cleanup_(own_clear)

enum hop_state {
	HOP_UP,
	HOP_SILENT, /* in the group all the same, if another one is up */
	HOP_DOWN_HERE,
	HOP_DOWN_THERE, /* says the peer */
	HOP_NO_RAIL,	/* in the network of none of our rails */
	HOP_REFUSED,	/* its address is not believed */
};

struct wanted_hop {
	struct ip gw;
	int rail; /* of ours, or -1 */
	enum hop_state state;
};

/* The ways to a peer, for one family. */
struct wanted_group {
	const struct peer *peer;
	int family;
	int n, n_up;
	struct wanted_hop hops[PEER_RAILS];
};

struct wanted_route {
	struct ip dst, src; /* src AF_UNSPEC: this node has no ordinary address of the
			     * family, and there is no route */
	int group;
	bool refused;
};

struct refusal {
	const struct peer *peer;
	struct ip address;
	char why[120];
};

struct wanted {
	struct wanted_group *groups;
	struct wanted_route *routes;
	struct refusal *refusals;
	int n_groups, n_routes, n_refusals;
};

/* Peers must outlive *ret. Ourselves we pass over. */
int want(const struct own *own, const struct peers *peers, struct wanted *ret,
	 struct err *err);
void wanted_clear(struct wanted *wanted);
#define _autowanted_ _cleanup_(wanted_clear)

/* Shall there be a route now? */
bool wanted_now(const struct wanted *wanted, const struct wanted_route *route);

const char *hop_state_name(enum hop_state state);

#endif
