/*
 * rdma.h - the RDMA device that belongs to the VF.
 *
 * In exclusive mode it moves with the VF; in shared mode every namespace sees it, and
 * what matters is that its port is on the VF's interface. In both, ADD waits until the
 * RoCEv2 GID of every address is there.
 */
#ifndef SRIOV_RDMA_H
#define SRIOV_RDMA_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"

/* Look at it; view->rdma stays empty when the VF has none or conf wants none. */
int rdma_view(const struct node *node, const struct conf *conf, struct view *view,
	      struct err *err);

/* Carry out the plan after the interface has its addresses: move and name it, set ToS,
 * wait for the GIDs. `link` is the interface in the pod. gids (room for n_ips) gets the
 * GID's index of each address, -1 where there is none. */
int rdma_attach(const struct node *node, const struct pod *pod, const struct plan *plan,
		const struct conf *conf, const struct link *link,
		const struct cni_result *result, int *gids, struct err *err);

/* Before the interface leaves the pod: take the device out of it. pod is NULL when its
 * namespace has ended, which gave the device back. */
int rdma_leave(const struct node *node, const struct pod *pod, const struct plan *plan,
	       struct err *err);

/* On the node again: its name, its ToS. A device that has gone is no error. */
int rdma_restore(const struct node *node, const struct plan *plan, struct err *err);

/* Is it where ADD put it, with its GIDs? CNI_CHECK_FAILED says what differs. */
int rdma_check(const struct node *node, const struct pod *pod, const struct plan *plan,
	       const struct link *link, const struct cni_result *result, struct err *err);

#endif
