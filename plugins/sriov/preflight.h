/*
 * preflight.h - what would keep RoCEv2 from working well, told before anything changes.
 */
#ifndef SRIOV_PREFLIGHT_H
#define SRIOV_PREFLIGHT_H

#include "pkg/dcb.h"
#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"

/* As conf->rdma.preflight says: nothing, a warning for each finding, or an error with
 * the first. Only for VFs with an RDMA device. */
int preflight(const struct node *node, const struct conf *conf, const struct view *view,
	      struct err *err);

/* One check each, pure: a message in buf, or false when all is well. dcb is NULL when
 * the PF does not tell. */
#define PREFLIGHT_CHECKS 5
bool preflight_finding(int check, const struct conf *conf, const struct view *view,
		       const struct dcb *dcb, char *buf, size_t size);

#endif
