/* gidtable.h - read the GID tables of a device, by verbs or, failing that, from sysfs. */
#ifndef PROBE_GIDTABLE_H
#define PROBE_GIDTABLE_H

#include <infiniband/verbs.h>

#include "plugins/rdma-probe/local.h"

/* Append the used entries of all ports of a device; its ports stand in local->ports
 * from `first` on. sys plays /sys/class. */
int gid_table_read(struct local *local, int first, struct ibv_context *ctx, int sys,
		   struct err *err);

/* The fallback: entries 0..len-1 of local->ports[port] below the directory of that
 * port. Empty and unreadable entries are passed over; netdevs are known by name only. */
int gid_table_sysfs(struct local *local, int port, int portdir, int len, struct err *err);

#endif
