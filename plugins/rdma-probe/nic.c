/* nic.c - a rail's device, opened, and its GID seen to be what it was. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "plugins/rdma-probe/nic.h"

enum reason nic_reason(int no)
{
	switch (no) {
	case ENOENT:
		return REASON_UVERBS_MISSING;
	case EACCES:
	case EPERM:
		return REASON_UVERBS_DENIED;
	case ENOMEM:
		return REASON_MEMLOCK;
	case EAGAIN:
		return REASON_RDMA_CGROUP;
	default:
		return REASON_NONE;
	}
}

enum reason nic_memory_reason(int no)
{
	return no == EPERM ? REASON_MEMLOCK : nic_reason(no); /* a limit of 0 */
}

static struct ibv_context *open_device(const struct rail *rail, struct fault *fault)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *ctx = NULL;
	bool found = false;
	int no = 0;

	for (int i = 0; list && list[i] && !ctx; i++) {
		if (strcmp(list[i]->name, rail->dev))
			continue;
		found = true;
		ctx = ibv_open_device(list[i]);
		no = errno;
		/* It tells ENOENT of a node that it may not open. */
		if (!ctx && *rail->uverbs && access(rail->uverbs, R_OK | W_OK))
			no = errno;
	}
	if (list)
		ibv_free_device_list(list);
	if (!found)
		fault_set(fault, REASON_NO_DEVICE, 0, "device %s has vanished",
			  rail->dev);
	else if (!ctx)
		fault_set(fault, nic_reason(no), no, "open device %s", rail->dev);
	return ctx;
}

static int verify_gid(struct ibv_context *ctx, const struct rail *rail,
		      struct fault *fault)
{
	struct ibv_gid_entry entry;
	char text[GID_LEN];
	int no = ibv_query_gid_ex(ctx, rail->port, rail->gid_index, &entry, 0);

	if (no)
		return fault_set(fault, REASON_NO_ROCEV2_GID, no,
				 "GID %s, index %d of %s, has gone",
				 gid_format(rail->gid, text), rail->gid_index, rail->dev);
	if (memcmp(entry.gid.raw, rail->gid, sizeof(rail->gid)) ||
	    entry.gid_type != IBV_GID_TYPE_ROCE_V2 ||
	    (int)entry.ndev_ifindex != rail->ifindex)
		return fault_set(fault, REASON_NO_ROCEV2_GID, 0,
				 "index %d of %s no longer is GID %s of %s",
				 rail->gid_index, rail->dev, gid_format(rail->gid, text),
				 rail->netdev);
	return 0;
}

struct ibv_context *nic_open(const struct rail *rail, struct fault *fault)
{
	struct ibv_context *ctx = open_device(rail, fault);

	if (!ctx || !verify_gid(ctx, rail, fault))
		return ctx;
	(void)ibv_close_device(ctx);
	return NULL;
}
