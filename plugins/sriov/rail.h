/*
 * rail.h - what makes several interfaces of one pod a set of rails: answers leave by
 * the rail they came in on (source routing), and some routes are shared by all rails
 * (multipath).
 *
 * This is the part of an attachment that does not go by itself when the interface
 * leaves the pod: rules stay, and a shared route would go whole, next hops of the other
 * rails included (fib_sync_down_dev() in net/ipv4/fib_semantics.c).
 */
#ifndef SRIOV_RAIL_H
#define SRIOV_RAIL_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"

/* A routing table of the pod that nobody uses, for source routing; from 100 up. */
int rail_free_table(const struct pod *pod, uint32_t *ret, struct err *err);

/* Fill the plan's table with the rail's routes, and have packets from its addresses
 * look there. */
int rail_source_routing(const struct pod *pod, const struct plan *plan,
			const struct link *link, const struct cni_result *result,
			struct err *err);

/* Join a shared route with our next hop; -1 with *err. */
int rail_join(const struct pod *pod, const struct link *link, const struct route *route,
	      int weight, struct err *err);

/* Before the interface leaves: take our rules and our next hops away. */
int rail_leave(const struct pod *pod, const struct plan *plan, const struct link *link,
	       struct err *err);

/* Is all of that still there? -1 with CNI_CHECK_FAILED says what is not. */
int rail_check(const struct pod *pod, const struct plan *plan,
	       const struct cni_result *result, struct err *err);

#endif
