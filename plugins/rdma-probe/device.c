/* device.c - the RDMA devices verbs list, their ports and their GID tables. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "plugins/rdma-probe/gidtable.h"
#include "plugins/rdma-probe/ibsys.h"
#include "plugins/rdma-probe/nldev.h"

static inline void close_devicep(struct ibv_context **ctx)
{
	if (*ctx)
		(void)ibv_close_device(*ctx);
}
#define _autodevice_ _cleanup_(close_devicep)

/* Gb/s of one lane; the kernel counts in InfiniBand's generations. */
static double lane_speed(int active_speed)
{
	switch (active_speed) {
	case 1:
		return 2.5;
	case 2:
		return 5;
	case 4:
	case 8:
		return 10;
	case 16:
		return 14;
	case 32:
		return 25;
	case 64:
		return 50;
	case 128:
		return 100;
	default:
		return 0;
	}
}

static int lanes(int active_width)
{
	switch (active_width) {
	case 1:
		return 1;
	case 2:
		return 4;
	case 4:
		return 8;
	case 8:
		return 12;
	case 16:
		return 2;
	default:
		return 0;
	}
}

static int node_access(const char *node)
{
	_autoclose_ int fd = *node ? open(node, O_RDWR | O_CLOEXEC) : -1;

	return fd >= 0 ? 0 : *node ? errno : ENOENT;
}

static int append(struct local *local, const struct port *port, struct err *err)
{
	struct port *grown = grow(local->ports, local->nports, sizeof(*grown));

	if (!grown)
		return err_set(err, ENOMEM, "list devices");
	local->ports = grown;
	grown[local->nports++] = *port;
	return 0;
}

static int add_port(struct local *local, const char *dev, int number,
		    const struct nldev *nldev, int sys, struct err *err)
{
	struct port port = { .port = number,
			     .access = -1,
			     .ifindex = nldev_ifindex(nldev, dev, number) };

	snprintf(port.dev, sizeof(port.dev), "%s", dev);
	ibsys_describe(sys, &port);
	return append(local, &port, err);
}

static void query_port(struct port *port, struct ibv_context *ctx)
{
	struct ibv_port_attr attr;

	if (ibv_query_port(ctx, port->port, &attr))
		return;
	port->state = attr.state;
	port->phys_state = attr.phys_state;
	port->active_mtu = attr.active_mtu ? 128 << attr.active_mtu : 0;
	port->gbps = lane_speed(attr.active_speed) * lanes(attr.active_width);
	port->ethernet = attr.link_layer == IBV_LINK_LAYER_ETHERNET;
	port->infiniband = attr.link_layer == IBV_LINK_LAYER_INFINIBAND;
}

/* libibverbs looks for the node elsewhere too when it may not open it, and then tells
 * that it was not there. */
static int why_not(const char *node, int no)
{
	int access = node_access(node);

	return access ? access : no ? no : EIO;
}

static int open_device(struct local *local, int first, struct ibv_device *dev, int sys,
		       struct err *err)
{
	_autodevice_ struct ibv_context *ctx = ibv_open_device(dev);
	int access = ctx ? 0 : why_not(local->ports[first].uverbs, errno);
	struct ibv_device_attr attr = { 0 };

	if (ctx)
		(void)ibv_query_device(ctx, &attr);
	for (int i = first; i < local->nports; i++) {
		struct port *port = &local->ports[i];

		port->opened = ctx != NULL;
		port->access = access;
		snprintf(port->fw, sizeof(port->fw), "%.31s", attr.fw_ver);
		if (ctx)
			query_port(port, ctx);
	}
	return ctx ? gid_table_read(local, first, ctx, sys, err) : 0;
}

/* A device that is proven to belong elsewhere is nothing we should even open. Where an
 * interface here stands on one of another namespace (macvlan), its GIDs are found with
 * a device whose own netdev is not here. */
static bool may_be_ours(const struct local *local, int first)
{
	for (int i = first; i < local->nports; i++)
		if (local->ports[i].ifindex || local->ports[i].infiniband)
			return true;
	for (int i = 0; i < local->nnetdevs; i++)
		if (netdev_is_stacked(&local->netdevs[i]) && !local->netdevs[i].lower)
			return true;
	return false;
}

/* Ports are numbered from 1 without gaps. */
static int read_device(struct local *local, struct ibv_device *dev,
		       const struct nldev *nldev, bool all, struct err *err)
{
	_autoclose_ int sys = ibsys_open();
	int first = local->nports;

	for (int i = 1; i == 1 || ibsys_has_port(sys, dev->name, i); i++) {
		if (add_port(local, dev->name, i, nldev, sys, err))
			return -1;
		snprintf(local->ports[first + i - 1].uverbs, sizeof(local->ports->uverbs),
			 "/dev/infiniband/%.30s", dev->dev_name);
	}
	if (!all && !may_be_ours(local, first))
		return 0;
	return open_device(local, first, dev, sys, err);
}

static bool is_listed(const struct local *local, const struct nldev_port *port)
{
	for (int i = 0; i < local->nports; i++)
		if (local->ports[i].port == port->port &&
		    !strcmp(local->ports[i].dev, port->dev))
			return true;
	return false;
}

/*
 * Devices the kernel knows of and libibverbs does not list: their node is not in
 * /dev/infiniband, or there is no provider for them. One that belongs to an interface of
 * ours is a broken rail, and must not disappear.
 */
static int add_unlisted(struct local *local, const struct nldev *nldev, struct err *err)
{
	_autoclose_ int sys = ibsys_open();

	for (int i = 0; i < nldev->nports; i++) {
		const struct nldev_port *known = &nldev->ports[i];
		struct port *port;

		if (is_listed(local, known))
			continue;
		if (add_port(local, known->dev, known->port, nldev, sys, err))
			return -1;
		if (!known->ifindex)
			continue;
		port = &local->ports[local->nports - 1];
		ibsys_uverbs(sys, port);
		port->access = node_access(port->uverbs);
		if (!port->access)
			port->access = ACCESS_NO_PROVIDER;
	}
	return 0;
}

static int read_listed(struct local *local, const struct nldev *nldev, bool all,
		       struct err *err)
{
	int n = 0, r = 0;
	struct ibv_device **list =
		ibv_get_device_list(&n); /* NULL where the kernel has no RDMA at all */

	for (int i = 0; list && i < n && !r; i++) {
		r = read_device(local, list[i], nldev, all, err);
		if (r)
			err_wrap(err, "read RDMA device %s", list[i]->name);
	}
	if (list)
		ibv_free_device_list(list);
	return r;
}

int devices_read(struct local *local, bool all, struct err *err)
{
	_autonldev_ struct nldev nldev;

	nldev_read(&nldev);
	local->mode = nldev.mode;
	if (read_listed(local, &nldev, all, err))
		return -1;
	return add_unlisted(local, &nldev, err);
}
