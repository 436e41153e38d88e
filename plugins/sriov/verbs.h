/* verbs.h - the verbs of rail-sriov. */
#ifndef SRIOV_VERBS_H
#define SRIOV_VERBS_H

#include "pkg/cni_result.h"
#include "plugins/sriov/conf.h"
#include "plugins/sriov/plan.h"

int add(const struct cni_call *call, struct cni_result *ret, struct err *err);
int del(const struct cni_call *call, struct err *err);
int check(const struct cni_call *call, struct err *err);
int gc(const struct cni_call *call, struct err *err);
int status(const struct cni_call *call, struct err *err);

/* Who calls: container, interface, network, and what they were put into. */
void owner_of(const struct cni_call *call, struct owner *ret);

/* Start logging as the configuration says, each line naming the call. */
void log_call(const char *verb, const struct cni_call *call, const struct conf *conf);

/* Have the IPAM plugin of the configuration do the same; 0 when there is none. Not for
 * ADD, which works on while that runs. */
int ask_ipam(const char *verb, const struct cni_call *call, const struct conf *conf,
	     struct err *err);

#endif
