/* gidtable.c - read the GID tables of a device, by verbs or, failing that, from sysfs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "plugins/rdma-probe/gidtable.h"
#include "plugins/rdma-probe/ibsys.h"

static int append(struct local *local, const struct gid *gid, struct err *err)
{
	struct gid *grown = grow(local->gids, local->ngids, sizeof(*grown));

	if (!grown)
		return err_set(err, ENOMEM, "GID table");
	local->gids = grown;
	grown[local->ngids++] = *gid;
	return 0;
}

/* An attribute of an entry; the kernel answers EINVAL for what an empty one is of. */
static bool read_attr(int dir, const char *file, int index, char *buf, size_t size)
{
	char path[48];

	snprintf(path, sizeof(path), "%s/%d", file, index);
	return ibsys_text(dir, path, buf, size);
}

static enum gid_type parse_type(const char *text)
{
	if (!strcmp(text, "RoCE v2"))
		return GID_ROCE_V2;
	return strcmp(text, "IB/RoCE v1") ? GID_IB : GID_ROCE_V1;
}

int gid_table_sysfs(struct local *local, int port, int portdir, int len, struct err *err)
{
	static const uint8_t empty[16];

	for (int i = 0; i < len; i++) {
		struct gid gid = { .port = port, .index = i, .by_name = true };
		const struct netdev *netdev = NULL;
		char text[64];

		if (!read_attr(portdir, "gids", i, text, sizeof(text)) ||
		    inet_pton(AF_INET6, text, gid.raw) != 1 ||
		    !memcmp(gid.raw, empty, sizeof(empty)))
			continue;
		if (read_attr(portdir, "gid_attrs/types", i, text, sizeof(text)))
			gid.type = parse_type(text);
		if (read_attr(portdir, "gid_attrs/ndevs", i, text, sizeof(text)))
			netdev = local_netdev_named(local, text);
		gid.ifindex = netdev ? netdev->ifindex : 0;
		if (append(local, &gid, err))
			return -1;
	}
	return 0;
}

static int table_length(struct ibv_context *ctx, int port)
{
	struct ibv_port_attr attr;

	return ibv_query_port(ctx, port, &attr) ? 0 : attr.gid_tbl_len;
}

static int fall_back(struct local *local, int first, struct ibv_context *ctx, int sys,
		     struct err *err)
{
	for (int i = first; i < local->nports; i++) {
		const struct port *port = &local->ports[i];
		int len = table_length(ctx, port->port);
		char path[128];
		_autoclose_ int dir = -1;

		snprintf(path, sizeof(path), "infiniband/%s/ports/%d", port->dev,
			 port->port);
		dir = openat(sys, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0 && gid_table_sysfs(local, i, dir, len, err))
			return -1;
	}
	return 0;
}

static int append_entry(struct local *local, int first, const struct ibv_gid_entry *entry,
			struct err *err)
{
	struct gid gid = { .index = (int)entry->gid_index,
			   .ifindex = (int)entry->ndev_ifindex,
			   .port = first + (int)entry->port_num - 1,
			   .type = entry->gid_type == IBV_GID_TYPE_ROCE_V2   ? GID_ROCE_V2
				   : entry->gid_type == IBV_GID_TYPE_ROCE_V1 ? GID_ROCE_V1
									     : GID_IB };

	memcpy(gid.raw, entry->gid.raw, sizeof(gid.raw));
	return gid.port < local->nports ? append(local, &gid, err) : 0;
}

int gid_table_read(struct local *local, int first, struct ibv_context *ctx, int sys,
		   struct err *err)
{
	_autofree_ struct ibv_gid_entry *entries = NULL;
	ssize_t n, room = 0;

	for (int i = first; i < local->nports; i++)
		room += table_length(ctx, local->ports[i].port);
	entries = calloc(room + 1, sizeof(*entries));
	if (!entries)
		return err_set(err, ENOMEM, "GID table of %zd entries", room);

	/* Before kernel 5.10 libibverbs reads sysfs itself, and gives up on the whole
	 * table for one entry it cannot read. */
	n = room ? ibv_query_gid_table(ctx, entries, room, 0) : 0;
	if (n < 0)
		return fall_back(local, first, ctx, sys, err);
	for (ssize_t i = 0; i < n; i++)
		if (append_entry(local, first, &entries[i], err))
			return -1;
	return 0;
}
