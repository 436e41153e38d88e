/*
 * networks.h - what Multus says this pod's interfaces are: names for rails. No I/O.
 *
 * The annotation k8s.v1.cni.cncf.io/network-status, as the downward API puts it into a
 * file, knows an interface by the name of its network ("rail0"), which is the same in
 * every pod, where "net1" is whatever came first. And it knows which interfaces were
 * given an RDMA device: one that lacks it now is a broken rail, not none.
 */
#ifndef PROBE_NETWORKS_H
#define PROBE_NETWORKS_H

#include "plugins/rdma-probe/rail.h"

#define NETWORKS_FILE "/etc/podinfo/network-status"

struct networks {
	struct network {
		char name[RAIL_NAME_LEN]; /* without its namespace */
		char ifname[IFNAMSIZ];
		bool rdma;
	} v[RAIL_MAX];
	int n;
};

int networks_parse(const char *text, size_t len, struct networks *ret, struct err *err);

/* Name the rails after their networks, and add those that should be there. */
void networks_apply(const struct networks *networks, struct rails *rails);

#endif
