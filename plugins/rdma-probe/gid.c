/* gid.c - whose GID is this, and which one carries RoCEv2 for an address. No I/O. */
#include <string.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/gid.h"

static const uint8_t v4_mapped[12] = { [10] = 0xff, [11] = 0xff };

void gid_from_ip(const struct ip *ip, uint8_t ret[16])
{
	if (ip->family != AF_INET) {
		memcpy(ret, ip->b, 16);
		return;
	}
	memcpy(ret, v4_mapped, sizeof(v4_mapped));
	memcpy(ret + 12, ip->b, 4);
}

struct ip gid_to_ip(const uint8_t raw[16])
{
	struct ip ip = { .family = AF_INET6 };

	if (memcmp(raw, v4_mapped, sizeof(v4_mapped))) {
		memcpy(ip.b, raw, 16);
		return ip;
	}
	ip.family = AF_INET;
	memcpy(ip.b, raw + 12, 4);
	return ip;
}

char *gid_format(const uint8_t raw[16], char buf[GID_LEN])
{
	struct ip ip = { .family = AF_INET6 };

	memcpy(ip.b, raw, 16);
	return ip_format(&ip, buf);
}

const char *gid_type_name(enum gid_type type)
{
	static const char *const names[] = { "ib", "rocev1", "rocev2" };

	return names[type];
}

const char *gid_owner_name(enum gid_owner owner)
{
	static const char *const names[] = { "none", "mine", "foreign-netns" };

	return names[owner];
}

const char *gid_why_text(enum gid_why why)
{
	static const char *const texts[] = {
		[WHY_CHOSEN] = "",
		[WHY_NO_NETDEV] = "no netdev",
		[WHY_FOREIGN] = "netdev of another namespace",
		[WHY_UNPROVEN] = "the kernel does not tell whose netdev it is",
		[WHY_NOT_ROCE] = "not RoCE",
		[WHY_ROCE_V1] = "RoCE v1",
		[WHY_LINK_LOCAL] = "link-local",
		[WHY_NO_ADDRESS] = "the netdev has no such address",
		[WHY_PORT] = "port not active",
		[WHY_INDEX] = "index above 255",
		[WHY_OTHER_DEVICE] = "another device fits the netdev better",
		[WHY_OTHER_ADDRESS] = "the rail uses another address",
		[WHY_NO_RAIL] = "no rail asks for it",
	};

	return texts[why];
}

static const char *const states[] = { "unknown", "DOWN",   "INIT",
				      "ARMED",	 "ACTIVE", "ACTIVE_DEFER" };

const char *port_state_name(int state)
{
	return state >= 0 && state < (int)ARRAY_SIZE(states) ? states[state] : states[0];
}

int port_state_parse(const char *name)
{
	for (size_t i = 1; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i], name))
			return (int)i;
	return 0;
}

static bool has_addr(const struct local *local, int ifindex, const struct ip *ip)
{
	for (int i = 0; i < local->naddrs; i++)
		if (local->addrs[i].ifindex == ifindex &&
		    ip_equal(&local->addrs[i].ip.ip, ip))
			return true;
	return false;
}

/* VLAN or macvlan on the port's netdev, or the bond that it belongs to. */
static bool stands_on(const struct local *local, const struct netdev *netdev, int ifindex)
{
	const struct netdev *lower = local_netdev(local, ifindex);

	return netdev->lower == ifindex || (lower && lower->master == netdev->ifindex);
}

static bool same_function(const struct port *port, const struct netdev *netdev)
{
	return *port->pci && !strcmp(port->pci, netdev->pci);
}

/* The verdict on an entry that has a netdev: WHY_CHOSEN stands for "mine". */
static enum gid_why judge_owner(const struct local *local, const struct gid *gid)
{
	const struct port *port = &local->ports[gid->port];
	const struct netdev *netdev = local_netdev(local, gid->ifindex);

	if (!netdev)
		return WHY_FOREIGN;
	if (port->ifindex == gid->ifindex)
		return WHY_CHOSEN;
	if (port->ifindex > 0)
		return stands_on(local, netdev, port->ifindex) ? WHY_CHOSEN : WHY_FOREIGN;

	/* What is left is evidence, and an address that is ours is part of all of it. */
	if (!has_addr(local, gid->ifindex, &gid->ip))
		return WHY_FOREIGN;
	if (same_function(port, netdev))
		return WHY_CHOSEN;
	if (netdev_is_stacked(netdev) && !netdev->lower && !gid->by_name)
		return WHY_CHOSEN; /* its port's netdev is where the macvlan came from */
	return port->ifindex == 0 ? WHY_FOREIGN : WHY_UNPROVEN;
}

/* The first rule the entry breaks, whoever owns it. */
static enum gid_why judge_use(const struct local *local, const struct gid *gid)
{
	if (gid->type != GID_ROCE_V2)
		return gid->type == GID_ROCE_V1 ? WHY_ROCE_V1 : WHY_NOT_ROCE;
	if (ip_is_link_local(&gid->ip))
		return WHY_LINK_LOCAL;
	if (!has_addr(local, gid->ifindex, &gid->ip))
		return WHY_NO_ADDRESS;
	if (local->ports[gid->port].state != IBV_PORT_ACTIVE)
		return WHY_PORT;
	if (gid->index > GID_INDEX_MAX)
		return WHY_INDEX;
	return WHY_CHOSEN;
}

void gids_judge(struct local *local)
{
	for (int i = 0; i < local->ngids; i++) {
		struct gid *gid = &local->gids[i];

		gid->ip = gid_to_ip(gid->raw);
		gid->owner = GID_NOBODY;
		gid->usable = false;
		gid->why = WHY_NO_NETDEV;
		if (!gid->ifindex)
			continue;
		gid->why = judge_owner(local, gid);
		gid->owner = gid->why == WHY_CHOSEN ? GID_MINE : GID_FOREIGN;
		if (gid->owner == GID_MINE)
			gid->why = judge_use(local, gid);
		gid->usable = gid->why == WHY_CHOSEN;
		if (gid->usable)
			gid->why = WHY_NO_RAIL; /* until one does */
	}
}

/* How well a usable entry's device fits the netdev; a bond or macvlan may have several.
 */
static int fit(const struct local *local, const struct gid *gid,
	       const struct netdev *netdev)
{
	const struct port *port = &local->ports[gid->port];

	if (port->ifindex == gid->ifindex)
		return 3;
	return netdev && same_function(port, netdev) ? 2 : 1;
}

int gid_find(const struct local *local, int ifindex, const struct ip *ip)
{
	const struct netdev *netdev = local_netdev(local, ifindex);
	int best = -1, best_fit = 0;

	for (int i = 0; i < local->ngids; i++) {
		const struct gid *gid = &local->gids[i];

		if (!gid->usable || gid->ifindex != ifindex || !ip_equal(&gid->ip, ip))
			continue;
		if (fit(local, gid, netdev) > best_fit) {
			best = i;
			best_fit = fit(local, gid, netdev);
		}
	}
	return best;
}

const struct port *gid_port_of(const struct local *local, int ifindex)
{
	for (int i = 0; i < local->nports; i++)
		if (local->ports[i].ifindex == ifindex)
			return &local->ports[i];
	for (int i = 0; i < local->ngids; i++)
		if (local->gids[i].owner == GID_MINE && local->gids[i].ifindex == ifindex)
			return &local->ports[local->gids[i].port];
	return NULL;
}
