/* result.h - what ADD answers. */
#ifndef SRIOV_RESULT_H
#define SRIOV_RESULT_H

#include "plugins/sriov/plan.h"

/* Start from what the plugins before us in a chain did (prevResult), and the DNS of the
 * configuration. */
int result_begin(const struct cni_call *call, struct cni_result *ret, struct err *err);

/* Complete what the IPAM plugin returned to what this attachment is. `link` is the
 * interface in the pod; own borrows from the call and from static storage. */
int result_describe(const struct cni_call *call, const struct plan *plan,
		    const struct link *link, struct cni_result *own, struct err *err);

/* Append it; ret then owns the document that own borrowed from. */
int result_append(struct cni_result *ret, struct cni_result *own, struct err *err);

#endif
