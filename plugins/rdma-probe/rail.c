/* rail.c - the rails of this namespace. No I/O. */
#include <stdio.h>
#include <string.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/rail.h"

bool rail_spec_parse(const char *text, struct rail_spec *ret)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : 0;

	if (!len || !equals[1] || len >= sizeof(ret->name))
		return false;
	memcpy(ret->name, text, len);
	ret->name[len] = '\0';
	ret->value = equals + 1;
	return true;
}

static void fill_port(struct rail *rail, const struct port *port)
{
	snprintf(rail->dev, sizeof(rail->dev), "%s", port->dev);
	snprintf(rail->uverbs, sizeof(rail->uverbs), "%s", port->uverbs);
	rail->port = port->port;
	rail->active_mtu = port->active_mtu;
	rail->state = port->state;
	rail->gbps = port->gbps;
	rail->numa = port->numa;
}

static void fill_link(struct rail *rail, const struct netdev *netdev)
{
	snprintf(rail->netdev, sizeof(rail->netdev), "%s", netdev->name);
	snprintf(rail->mac, sizeof(rail->mac), "%s", netdev->mac);
	rail->ifindex = netdev->ifindex;
	rail->netdev_mtu = netdev->mtu;
}

static bool try_addr(struct rail *rail, const struct local *local, const struct cidr *ip)
{
	int entry = gid_find(local, rail->ifindex, &ip->ip);

	if (entry < 0)
		return false;
	rail->ip = *ip;
	rail->gid_index = local->gids[entry].index;
	memcpy(rail->gid, local->gids[entry].raw, sizeof(rail->gid));
	fill_port(rail, &local->ports[local->gids[entry].port]);
	return true;
}

/* Which addresses a rail may use, the better ones first. */
static int rank(const struct address *addr, const struct rail_want *want,
		const struct cidr *only)
{
	const struct ip *ip = &addr->ip.ip;

	if (only && !cidr_contains(only, ip))
		return 0;
	if (want->family && ip->family != want->family)
		return 0;
	if (ip_is_link_local(ip))
		return 1; /* never carries a rail, but says why there is none */
	return ip->family == AF_INET ? 3 : 2;
}

/* Choose the address and with it the GID; without one, say why for the best address. */
static void choose(struct rail *rail, const struct local *local,
		   const struct rail_want *want, const struct cidr *only)
{
	const struct port *port = gid_port_of(local, rail->ifindex);
	const struct cidr *best = NULL;

	for (int wanted = 3; wanted > 0; wanted--)
		for (int i = 0; i < local->naddrs; i++) {
			const struct address *addr = &local->addrs[i];

			if (addr->ifindex != rail->ifindex ||
			    rank(addr, want, only) != wanted)
				continue;
			if (try_addr(rail, local, &addr->ip))
				return;
			if (!best)
				best = &addr->ip;
		}
	if (port)
		fill_port(rail, port);
	if (best) {
		rail->ip = *best;
		gid_explain(local, rail->ifindex, &best->ip, &rail->fault);
		return;
	}
	fault_set(&rail->fault, REASON_NO_ROCEV2_GID, 0, "%s has no address%s",
		  rail->netdev, want->family ? " of that family" : "");
}

static struct rail *add(struct rails *ret, const char *name, struct err *err)
{
	struct rail *rail = &ret->v[ret->n];

	if (ret->n == RAIL_MAX) {
		err_set(err, 0, "more than %d rails: name those to test with --rail",
			RAIL_MAX);
		return NULL;
	}
	*rail = (struct rail){ .gid_index = -1, .numa = -1 };
	snprintf(rail->name, sizeof(rail->name), "%s", name);
	ret->n++;
	return rail;
}

/* By default: what has RDMA and an address that can leave the link. */
static bool is_rail(const struct local *local, const struct netdev *netdev,
		    const struct rail_want *want)
{
	if (netdev->loopback || !gid_port_of(local, netdev->ifindex))
		return false;
	for (int i = 0; i < local->naddrs; i++)
		if (local->addrs[i].ifindex == netdev->ifindex &&
		    rank(&local->addrs[i], want, NULL) > 1)
			return true;
	return false;
}

static int add_default(struct rails *ret, const struct local *local,
		       const struct rail_want *want, struct err *err)
{
	for (int i = 0; i < local->nnetdevs; i++) {
		const struct netdev *netdev = &local->netdevs[i];
		struct rail *rail;

		if (!is_rail(local, netdev, want))
			continue;
		rail = add(ret, netdev->name, err);
		if (!rail)
			return -1;
		fill_link(rail, netdev);
		choose(rail, local, want, NULL);
	}
	return 0;
}

static const struct netdev *holder(const struct local *local, const struct cidr *net)
{
	for (int i = 0; i < local->naddrs; i++)
		if (cidr_contains(net, &local->addrs[i].ip.ip))
			return local_netdev(local, local->addrs[i].ifindex);
	return NULL;
}

/* The netdev a --rail value means, or NULL; *net is set if it names addresses. */
static const struct netdev *resolve(const struct local *local, const char *value,
				    struct cidr *net)
{
	const struct netdev *netdev;

	net->ip.family = AF_UNSPEC;
	if (cidr_parse_or_host(value, net))
		return holder(local, net);
	netdev = local_netdev_named(local, value);
	for (int i = 0; !netdev && i < local->nports; i++)
		if (!strcmp(local->ports[i].dev, value))
			netdev = local_netdev(local, local->ports[i].ifindex);
	return netdev;
}

static int add_named(struct rails *ret, const struct local *local,
		     const struct rail_spec *spec, const struct rail_want *want,
		     struct err *err)
{
	struct rail *rail = add(ret, spec->name, err);
	const struct netdev *netdev;
	struct cidr net;

	if (!rail)
		return -1;
	netdev = resolve(local, spec->value, &net);
	if (!netdev) {
		fault_set(&rail->fault, REASON_NO_DEVICE, 0,
			  "no interface, address or RDMA device %s in this namespace",
			  spec->value);
		return 0;
	}
	fill_link(rail, netdev);
	choose(rail, local, want, net.ip.family ? &net : NULL);
	return 0;
}

static enum gid_why why_not(const struct local *local, const struct rails *rails,
			    const struct gid *gid)
{
	enum gid_why why = WHY_NO_RAIL;

	for (int i = 0; i < rails->n; i++) {
		const struct rail *rail = &rails->v[i];

		if (!rail_usable(rail) || rail->ifindex != gid->ifindex)
			continue;
		if (!ip_equal(&rail->ip.ip, &gid->ip)) {
			why = WHY_OTHER_ADDRESS;
			continue;
		}
		if (rail->gid_index == gid->index &&
		    !strcmp(rail->dev, local->ports[gid->port].dev) &&
		    rail->port == local->ports[gid->port].port)
			return WHY_CHOSEN;
		why = WHY_OTHER_DEVICE;
	}
	return why;
}

int rails_make(struct rails *ret, struct local *local, const struct rail_want *want,
	       struct err *err)
{
	ret->n = 0;
	for (int i = 0; i < want->nspecs; i++)
		if (add_named(ret, local, &want->specs[i], want, err))
			return -1;
	if (!want->nspecs && add_default(ret, local, want, err))
		return -1;
	for (int i = 0; i < local->ngids; i++)
		if (local->gids[i].usable)
			local->gids[i].why = why_not(local, ret, &local->gids[i]);
	return 0;
}
