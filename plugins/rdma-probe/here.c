/*
 * here.c - the interfaces and addresses of this network namespace.
 *
 * libnl-3 and libnl-route-3, for the reason in nlq.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include "plugins/rdma-probe/local.h"
#include "plugins/rdma-probe/nlq.h"

#define DUMP_TRIES 5 /* a dump that raced with a change is asked for again */

static inline void cache_freep(struct nl_cache **cache)
{
	nl_cache_free(*cache);
}
#define _autocache_ _cleanup_(cache_freep)

/* The PCI function, asked by ioctl: /sys need not show this namespace's interfaces. */
static void read_pci(int fd, struct netdev *netdev)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_data = (void *)&info };
	unsigned int part[4];

	memcpy(ifr.ifr_name, netdev->name, sizeof(ifr.ifr_name));
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &ifr))
		return;
	if (sscanf(info.bus_info, "%4x:%2x:%2x.%1x", &part[0], &part[1], &part[2],
		   &part[3]) == 4)
		snprintf(netdev->pci, sizeof(netdev->pci), "%.12s", info.bus_info);
}

static int lower_of(struct rtnl_link *object)
{
	int32_t netns;

	/* An index of another namespace means nothing here. */
	if (!rtnl_link_get_link_netnsid(object, &netns))
		return 0;
	return rtnl_link_get_link(object);
}

static void netdev_fill(struct netdev *netdev, struct rtnl_link *object, int fd)
{
	const char *kind = rtnl_link_get_type(object), *name = rtnl_link_get_name(object);
	struct nl_addr *mac = rtnl_link_get_addr(object);
	unsigned int flags = rtnl_link_get_flags(object);

	*netdev = (struct netdev){
		.ifindex = rtnl_link_get_ifindex(object),
		.mtu = (int)rtnl_link_get_mtu(object),
		.lower = lower_of(object),
		.master = rtnl_link_get_master(object),
		.up = (flags & IFF_UP) && rtnl_link_get_carrier(object),
		.loopback = flags & IFF_LOOPBACK,
	};
	snprintf(netdev->name, sizeof(netdev->name), "%s", name ? name : "");
	snprintf(netdev->kind, sizeof(netdev->kind), "%s", kind ? kind : "");
	if (mac && nl_addr_get_len(mac) == 6)
		nl_addr2str(mac, netdev->mac, sizeof(netdev->mac));
	if (!*netdev->kind)
		read_pci(fd, netdev);
}

static int netdevs_read(struct local *local, struct nl_sock *sk, struct err *err)
{
	_autoclose_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_autocache_ struct nl_cache *cache = NULL;
	int r = -NLE_DUMP_INTR;

	for (int i = 0; i < DUMP_TRIES && r == -NLE_DUMP_INTR; i++)
		r = rtnl_link_alloc_cache(sk, AF_UNSPEC, &cache);
	if (r < 0)
		return err_set(err, 0, "list interfaces: %s", nl_geterror(r));
	local->netdevs = calloc(nl_cache_nitems(cache) + 1, sizeof(*local->netdevs));
	if (!local->netdevs)
		return err_set(err, ENOMEM, "list interfaces");
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o))
		netdev_fill(&local->netdevs[local->nnetdevs++], (struct rtnl_link *)o,
			    fd);
	return 0;
}

static bool addr_fill(struct address *addr, struct rtnl_addr *object)
{
	struct nl_addr *ip = rtnl_addr_get_local(object);
	int family = rtnl_addr_get_family(object);

	if (!ip || (family != AF_INET && family != AF_INET6) ||
	    (int)nl_addr_get_len(ip) != ip_bytes(family))
		return false;
	*addr = (struct address){ .ifindex = rtnl_addr_get_ifindex(object),
				  .ip = { .ip.family = family,
					  .prefix = rtnl_addr_get_prefixlen(object) } };
	memcpy(addr->ip.ip.b, nl_addr_get_binary_addr(ip), ip_bytes(family));
	return true;
}

static int addrs_read(struct local *local, struct nl_sock *sk, struct err *err)
{
	_autocache_ struct nl_cache *cache = NULL;
	int r = -NLE_DUMP_INTR;

	for (int i = 0; i < DUMP_TRIES && r == -NLE_DUMP_INTR; i++)
		r = rtnl_addr_alloc_cache(sk, &cache);
	if (r < 0)
		return err_set(err, 0, "list addresses: %s", nl_geterror(r));
	local->addrs = calloc(nl_cache_nitems(cache) + 1, sizeof(*local->addrs));
	if (!local->addrs)
		return err_set(err, ENOMEM, "list addresses");
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o))
		if (addr_fill(&local->addrs[local->naddrs], (struct rtnl_addr *)o))
			local->naddrs++;
	return 0;
}

int here_read(struct local *local, struct err *err)
{
	_autonlq_ struct nl_sock *sk = nlq_open(NETLINK_ROUTE, err);

	if (!sk || netdevs_read(local, sk, err) || addrs_read(local, sk, err))
		return -1;
	return 0;
}
