/* routes_health.h - what keeps routes between nodes that are right from doing what they
 * are for. Nothing is changed: sysctls are the administrator's. */
#ifndef SRIOV_ROUTES_HEALTH_H
#define SRIOV_ROUTES_HEALTH_H

#include "plugins/sriov/routes_notes.h"
#include "plugins/sriov/routes_plan.h"

/* Of the families that we have routes of, and the rails that our next hops are on. */
void routes_health(const struct routes_now *now, struct notes *notes);

#endif
