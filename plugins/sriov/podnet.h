/* podnet.h - the VF's interface in the pod: up, addresses, routes. */
#ifndef SRIOV_PODNET_H
#define SRIOV_PODNET_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"

/* Complete the result with the routes of the configuration, and with the next hop that
 * a route without one gets: the first gateway of its family. Pure. */
int podnet_plan_routes(const struct conf *conf, struct cni_result *result,
		       struct err *err);

/* Bring it up, with all that the result says. */
int podnet_configure(const struct pod *pod, const struct plan *plan,
		     const struct conf *conf, const struct link *link,
		     const struct cni_result *result, struct err *err);

/* Does it still have all that? -1 with CNI_CHECK_FAILED names the first that differs. */
int podnet_check(const struct pod *pod, const struct plan *plan, const struct conf *conf,
		 const struct link *link, const struct cni_result *result,
		 struct err *err);

#endif
