/*
 * routes_plan.h - what is and what shall be, and the changes that lead from one to the
 * other.
 *
 * Pure. Only objects of ROUTES_PROTOCOL are ever changed. Next hops and groups are known
 * again by what they are, so that a second plan finds nothing to do; new ones get ids of
 * a range of our own, made from the names of peer and rail, past those that are taken.
 *
 * The changes are in an order in which no packet is lost: what is needed is made first,
 * a group is replaced at once and with it all its routes, and what nobody uses any more
 * goes last. A route that must change goes and comes back: between the two, packets take
 * the ordinary way.
 */
#ifndef SRIOV_ROUTES_PLAN_H
#define SRIOV_ROUTES_PLAN_H

#include "pkg/hostroute.h"
#include "pkg/nexthop.h"
#include "plugins/sriov/routes_want.h"

/* Of our routes and next hops (rtm_protocol, nh_protocol), and no other one's: numbers
 * from 192 up to 254 are free for everybody, and iproute2's rt_protos names none of 211.
 * Another one than RAIL_PROTOCOL, which marks what pods have. */
#define ROUTES_PROTOCOL 211

/* Ids of next hops: 24 bits in the space that starts with the protocol's number. */
#define ROUTES_ID_FIRST 0xd3000000u
#define ROUTES_ID_COUNT 0x01000000u

enum change_kind {
	ADD_HOP,
	ADD_GROUP,
	SET_GROUP, /* to other members */
	DEL_ROUTE,
	ADD_ROUTE,
	DEL_GROUP,
	DEL_HOP,
};

struct change {
	enum change_kind kind;
	struct nexthop nexthop; /* of hops and groups */
	struct hostroute route; /* of routes */
	const char *peer;	/* "" when it is no peer's any more */
};

struct changes {
	struct change *list;
	int count;
};

struct routes_now {
	struct nexthops nexthops; /* of everybody */
	struct hostroutes routes; /* ours */
};

int routes_plan(const struct own *own, const struct wanted *wanted,
		const struct routes_now *now, struct changes *ret, struct err *err);
void changes_clear(struct changes *changes);
#define _autochanges_ _cleanup_(changes_clear)

#endif
