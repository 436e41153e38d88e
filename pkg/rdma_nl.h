/*
 * rdma_nl.h - RDMA devices over netlink (RDMA_NL_NLDEV): look, move, rename.
 *
 * Sockets are opened with nl_open(&nl, NETLINK_RDMA, err). The kernel's side is
 * drivers/infiniband/core/nldev.c. Without the rdma subsystem (module ib_core) requests
 * fail with EPROTONOSUPPORT or ECONNREFUSED: see rdma_is_absent().
 */
#ifndef PKG_RDMA_NL_H
#define PKG_RDMA_NL_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/nl.h"

#define RDMA_NAME_LEN 64 /* IB_DEVICE_NAME_MAX */

/* How RDMA devices and network namespaces go together. The mode is the machine's, and
 * can only be changed while no namespace but the first exists. */
enum rdma_mode {
	RDMA_EXCLUSIVE, /* a device is in one namespace, and can be moved */
	RDMA_SHARED,	/* every namespace sees every device */
};

struct rdma_dev {
	int index;
	char name[RDMA_NAME_LEN];
	uint64_t node_guid; /* 0 when it has none, as VFs of some NICs until configured */
};

/* Port 1: the NICs we serve have one port a function. */
struct rdma_port {
	bool active, link_up;
	int netdev_index; /* 0 when it is in another namespace, or there is none */
};

const char *rdma_mode_name(enum rdma_mode mode);

int rdma_get_mode(struct nl *nl, enum rdma_mode *ret, struct err *err);

/* Find a device of this socket's namespace by name: 1, 0 or -1. */
int rdma_find(struct nl *nl, const char *name, struct rdma_dev *ret, struct err *err);

int rdma_get_port(struct nl *nl, int index, struct rdma_port *ret, struct err *err);

/* Move it to another namespace: EOPNOTSUPP in shared mode, or when the driver cannot
 * (before Linux 5.3 none could). Its index changes. The caller must be in the namespace
 * of the device, whatever the socket is of: else ENODEV (rdma_dev_change_netns() looks
 * at current->nsproxy, seen on 7.3). */
int rdma_move(struct nl *nl, int index, int netns_fd, struct err *err);

/* EEXIST: another device has that name: in this namespace, or before some Linux between
 * 6.12 and 7.3 anywhere on the machine. */
int rdma_rename(struct nl *nl, int index, const char *name, struct err *err);

/* Did that fail because this machine has no RDMA subsystem? */
bool rdma_is_absent(const struct err *err);

#endif
