/*
 * fake_local.h - a network namespace and its RDMA devices from a few lines.
 *
 *	struct fake fake = { 0 };
 *
 *	fake_link(&fake, 3, "net1", "");
 *	fake_addr(&fake, 3, "192.168.1.11/24");
 *	fake_port(&fake, "mlx5_4", 3);
 *	fake_gid(&fake, "mlx5_4", 5, GID_ROCE_V2, "::ffff:192.168.1.11", 3);
 *	gids_judge(fake_local(&fake));
 */
#ifndef TESTS_FAKE_LOCAL_H
#define TESTS_FAKE_LOCAL_H

#include <stdio.h>
#include <string.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/local.h"

struct fake {
	struct netdev netdevs[16];
	struct address addrs[32];
	struct port ports[16];
	struct gid gids[64];
	struct local local;
};

static inline struct local *fake_local(struct fake *fake)
{
	fake->local.netdevs = fake->netdevs;
	fake->local.addrs = fake->addrs;
	fake->local.ports = fake->ports;
	fake->local.gids = fake->gids;
	return &fake->local;
}

static inline struct netdev *fake_link(struct fake *fake, int ifindex, const char *name,
				       const char *kind)
{
	struct netdev *link = &fake->netdevs[fake->local.nnetdevs++];

	*link = (struct netdev){ .ifindex = ifindex, .mtu = 9000, .up = true };
	snprintf(link->name, sizeof(link->name), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	snprintf(link->mac, sizeof(link->mac), "02:00:00:00:00:%02x", ifindex);
	return link;
}

static inline void fake_addr(struct fake *fake, int ifindex, const char *cidr)
{
	struct address *addr = &fake->addrs[fake->local.naddrs++];

	addr->ifindex = ifindex;
	if (!cidr_parse(cidr, &addr->ip))
		abort();
}

static inline struct port *fake_port(struct fake *fake, const char *dev, int ifindex)
{
	struct port *port = &fake->ports[fake->local.nports++];

	*port = (struct port){ .port = 1,
			       .opened = true,
			       .state = IBV_PORT_ACTIVE,
			       .ethernet = true,
			       .active_mtu = 4096,
			       .numa = -1,
			       .ifindex = ifindex };
	snprintf(port->dev, sizeof(port->dev), "%s", dev);
	snprintf(port->uverbs, sizeof(port->uverbs), "/dev/infiniband/uverbs%d",
		 fake->local.nports - 1);
	return port;
}

static inline struct gid *fake_gid(struct fake *fake, const char *dev, int index,
				   enum gid_type type, const char *text, int ifindex)
{
	struct gid *gid = &fake->gids[fake->local.ngids++];

	*gid = (struct gid){ .index = index, .type = type, .ifindex = ifindex };
	if (inet_pton(AF_INET6, text, gid->raw) != 1)
		abort();
	while (gid->port < fake->local.nports &&
	       strcmp(fake->ports[gid->port].dev, dev) != 0)
		gid->port++;
	if (gid->port == fake->local.nports)
		abort();
	return gid;
}

#endif
