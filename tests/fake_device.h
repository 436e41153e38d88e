/*
 * fake_device.h - one RDMA device that libibverbs lists, and the rail on it.
 *
 *	verbs.context.ops.post_send = post_send;	what the device shall do
 *	rc_open(&rc, &rail, RC_RESPONDER, &fault);
 *
 * The test has its own __wrap_ibv_open_device(), which gives &verbs.context or an error.
 */
#ifndef TESTS_FAKE_DEVICE_H
#define TESTS_FAKE_DEVICE_H

#include <string.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/rail.h"

static struct ibv_device device = { .name = "mlx5_4" };
static struct verbs_context verbs;
static struct rail rail = { .name = "net1",
			    .netdev = "net1",
			    .ifindex = 3,
			    .dev = "mlx5_4",
			    .port = 1,
			    .gid_index = 7,
			    .active_mtu = 4096 };

struct ibv_device **__wrap_ibv_get_device_list(int *n)
{
	static struct ibv_device *list[] = { &device, NULL };

	if (n)
		*n = 1;
	return list;
}

void __wrap_ibv_free_device_list(struct ibv_device **list)
{
	(void)list;
}

/* The GID that the rail has, as the device has it. */
static inline struct ibv_gid_entry fake_gid_entry(void)
{
	struct ibv_gid_entry entry = { .gid_type = IBV_GID_TYPE_ROCE_V2,
				       .ndev_ifindex = (uint32_t)rail.ifindex };

	memcpy(entry.gid.raw, rail.gid, sizeof(entry.gid.raw));
	return entry;
}

#endif
