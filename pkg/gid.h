/*
 * gid.h - RoCEv2 GIDs as sysfs shows them.
 *
 * The kernel fills the GID table of a port by itself, some time after its network
 * device has got an address (gid_cache_wq in drivers/infiniband/core/roce_gid_mgmt.c).
 * Whoever opens a connection names a GID by its index, which no rule predicts.
 */
#ifndef PKG_GID_H
#define PKG_GID_H

#include "pkg/ip.h"
#include "pkg/rdma_nl.h"

/* Verbs hold the index in a byte (ibv_global_route.sgid_index). */
#define GID_MAX 256

/* The index of the RoCEv2 GID of an address on port 1 of a device, in the sysfs that
 * shows the device; the GID must belong to the network device of that name. -1: it is
 * not there (yet). */
int gid_find(int sys, const char *rdma, const struct ip *ip, const char *netdev);

/* The RDMA device of a PCI or auxiliary function, and its uverbs device ("uverbs3");
 * "" when it has none. */
void sysfs_rdma(int sys, const char *device, char ret[RDMA_NAME_LEN]);
void sysfs_uverbs(int sys, const char *device, char ret[32]);

#endif
