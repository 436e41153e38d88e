/* towards.h - which rails lead to a peer of which nothing is known but its addresses. */
#ifndef PROBE_TOWARDS_H
#define PROBE_TOWARDS_H

#include "plugins/rdma-probe/path.h"

/* Resolve the plan's peer, and make its rails of those of its addresses that are reached
 * by a rail of ours, with the name of that. May block in the resolver. */
int towards_peer(struct path_plan *plan, struct err *err);

/* Then: of our own rails, keep those. */
void towards_keep(struct path_plan *plan);

#endif
