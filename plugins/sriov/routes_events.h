/* routes_events.h - what changes in the kernel that matters to routes between nodes. */
#ifndef SRIOV_ROUTES_EVENTS_H
#define SRIOV_ROUTES_EVENTS_H

#include "plugins/sriov/routes_want.h"

/* A socket that becomes readable when links, addresses or neighbours change; -1. */
int events_open(struct err *err);

/* Take what is there: was anything of it about our rails, their neighbours or this node's
 * addresses, as they were in the last round? Without one everything matters. */
bool events_read(int fd, const struct own *own);

#endif
