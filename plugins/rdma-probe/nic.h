/* nic.h - a rail's device, opened, and its GID seen to be what it was. */
#ifndef PROBE_NIC_H
#define PROBE_NIC_H

#include <infiniband/verbs.h>

#include "plugins/rdma-probe/rail.h"

/* NULL with *fault. Between looking and using, an address can go and its index be given
 * to another: so the entry is compared once more. */
struct ibv_context *nic_open(const struct rail *rail, struct fault *fault);

/* What errno means when a resource of a device cannot be had. */
enum reason nic_reason(int no);
enum reason nic_memory_reason(int no); /* memory to register */

#endif
