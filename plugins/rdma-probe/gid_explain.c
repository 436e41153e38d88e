/* gid_explain.c - why an address has no GID that carries RoCEv2. No I/O. */
#include <errno.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/gid.h"

/* The entry with this address that came nearest to being usable. */
static const struct gid *nearest(const struct local *local, int ifindex,
				 const struct ip *ip)
{
	const struct gid *best = NULL;

	for (int i = 0; i < local->ngids; i++) {
		const struct gid *gid = &local->gids[i];

		if (!ip_equal(&gid->ip, ip) ||
		    (gid->owner == GID_MINE && gid->ifindex != ifindex))
			continue;
		if (!best || gid->why > best->why)
			best = gid;
	}
	return best;
}

int gid_explain_none(const struct local *local, struct fault *fault)
{
	if (!local->nports && local->mode == NETNS_MODE_EXCLUSIVE)
		return fault_set(fault, REASON_NETNS_EXCLUSIVE, 0,
				 "no RDMA device in this namespace");
	if (!local->nports)
		return fault_set(fault, REASON_NO_DEVICE, 0, "no RDMA device at all");
	return fault_set(
		fault, REASON_NO_DEVICE, 0,
		"none of the %d RDMA ports listed belongs to an interface with an "
		"address here",
		local->nports);
}

static int no_port(const struct local *local, const char *netdev, struct fault *fault)
{
	if (!local->nports)
		return gid_explain_none(local, fault);
	return fault_set(fault, REASON_NO_DEVICE, 0,
			 "none of the %d RDMA ports listed belongs to %s", local->nports,
			 netdev);
}

static int no_provider(const struct port *port, const char *netdev, struct fault *fault)
{
	fault_set(fault, REASON_NO_DEVICE, 0, "libibverbs has no provider for %s (%s)",
		  port->dev, netdev);
	return fault_fix(fault,
			 "install the provider of the device's driver (ibverbs-providers "
			 "or the vendor's package)");
}

/* A container's node can outlive the device it was made for. */
static int node_fault(const struct port *port, const char *netdev, struct fault *fault)
{
	if (port->access == ENOENT)
		return fault_set(fault, REASON_UVERBS_MISSING, ENOENT,
				 "node %s of %s (%s)", port->uverbs, port->dev, netdev);
	if (port->access == ACCESS_NO_PROVIDER)
		return no_provider(port, netdev, fault);
	if (port->access == EACCES || port->access == EPERM)
		return fault_set(fault, REASON_UVERBS_DENIED, port->access, "open %s",
				 port->uverbs);
	fault_set(fault, REASON_NO_DEVICE, port->access, "open %s of %s (%s)",
		  port->uverbs, port->dev, netdev);
	return fault_fix(fault,
			 "the device behind that node has gone: end the programs that "
			 "still have it open, or make the container anew");
}

/* What is wrong with the port itself; 0 when nothing is. */
static int port_fault(const struct port *port, const char *netdev, struct fault *fault)
{
	if (port->access > 0)
		return node_fault(port, netdev, fault);
	if (port->infiniband)
		return fault_set(fault, REASON_LINK_LAYER_IB, 0,
				 "port %d of %s is InfiniBand", port->port, port->dev);
	if (port->opened && port->state != IBV_PORT_ACTIVE)
		return fault_set(fault, REASON_PORT_DOWN, 0, "port %d of %s (%s) is %s",
				 port->port, port->dev, netdev,
				 port_state_name(port->state));
	return 0;
}

static int entry_fault(const struct local *local, const struct gid *gid,
		       const char *netdev, struct fault *fault)
{
	const struct port *port = &local->ports[gid->port];
	char text[GID_LEN];

	gid_format(gid->raw, text);
	if (gid->owner != GID_MINE)
		return fault_set(
			fault, REASON_GID_FOREIGN, 0,
			"GID %s stands in the table of %s only, and not for %s: %s", text,
			port->dev, netdev, gid_why_text(gid->why));
	return fault_set(fault, REASON_NO_ROCEV2_GID, 0, "GID %s, index %d of %s: %s",
			 text, gid->index, port->dev, gid_why_text(gid->why));
}

int gid_explain(const struct local *local, int ifindex, const struct ip *ip,
		struct fault *fault)
{
	const struct netdev *netdev = local_netdev(local, ifindex);
	const char *name = netdev ? netdev->name : "?";
	const struct port *port = gid_port_of(local, ifindex);
	const struct gid *gid = nearest(local, ifindex, ip);
	char text[IP_LEN];

	if (port && port_fault(port, name, fault))
		return -1;
	if (port && ip_is_link_local(ip))
		return fault_set(fault, REASON_GID_LINKLOCAL_ONLY, 0,
				 "%s has only link-local addresses", name);
	if (gid)
		return entry_fault(local, gid, name, fault);
	if (!port)
		return no_port(local, name, fault);
	return fault_set(fault, REASON_NO_ROCEV2_GID, 0,
			 "port %d of %s has no GID for %s of %s", port->port, port->dev,
			 ip_format(ip, text), name);
}
