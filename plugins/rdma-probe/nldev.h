/*
 * nldev.h - what RDMA netlink tells about namespaces, without opening any device.
 *
 * It lists the devices of all namespaces in shared mode, as verbs do, but it names a
 * port's netdev only to the namespace that netdev is in. No other interface draws
 * that line: GID tables and sysfs show foreign netdevs by name and index, and both are
 * often the same in every pod ("net1", 3).
 */
#ifndef PROBE_NLDEV_H
#define PROBE_NLDEV_H

#include "plugins/rdma-probe/local.h"

struct nldev_port {
	char dev[DEV_LEN];
	int port;
	int ifindex; /* of its netdev in this namespace, or 0 */
};

struct nldev {
	enum netns_mode mode;
	struct nldev_port *ports;
	int nports;
};

/* Never fails as a whole: on a kernel too old nothing is known. */
void nldev_read(struct nldev *ret);
void nldev_clear(struct nldev *nldev);

/* The port's netdev here; 0 none, -1 not known. */
int nldev_ifindex(const struct nldev *nldev, const char *dev, int port);

#define _autonldev_ _cleanup_(nldev_clear)

#endif
