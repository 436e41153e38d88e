/*
 * routes_silent.h - next hops that have a link and do not answer: neighbours that the
 * kernel has asked for in vain.
 *
 * A carrier tells of the cable to the switch, not of what is behind it. The kernel passes
 * over a silent next hop while another one of its group answers. It does not ask it
 * again, since nothing is sent there any more, and when all are silent it uses one all
 * the same. So somebody must ask again, and take the route away when no rail answers.
 */
#ifndef SRIOV_ROUTES_SILENT_H
#define SRIOV_ROUTES_SILENT_H

#include "pkg/nexthop.h"

struct silent_hop {
	int ifindex;
	struct ip gw;
};

struct silent {
	struct silent_hop *list; /* sorted */
	int count;
};

/*
 * Who is silent now. One that was silent before, and of which the kernel does not know
 * at the moment (it is asking, or has forgotten), still is. One that the kernel is asking
 * is silent, too, unless it is a next hop of ours: that it is none may be because it was
 * silent when somebody else looked, and it is not believed to be back before it answers.
 */
int silent_get(struct nl *nl, const struct silent *before, const struct nexthops *now,
	       struct silent *ret, struct err *err);
bool silent_has(const struct silent *silent, int ifindex, const struct ip *gw);
int silent_add(struct silent *silent, int ifindex, const struct ip *gw, struct err *err);
void silent_sort(struct silent *silent);
void silent_clear(struct silent *silent);
#define _autosilent_ _cleanup_(silent_clear)

/* Begin a request: have the kernel ask for it, as if something was to be sent there. */
void silent_begin_ask(struct nl *nl, int ifindex, const struct ip *gw);

#endif
