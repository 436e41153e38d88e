/* nldev.c - what RDMA netlink tells about namespaces, without opening any device. */
#include <stdio.h>
#include <string.h>
#include <rdma/rdma_netlink.h>

#include "pkg/grow.h"
#include "plugins/rdma-probe/nldev.h"
#include "plugins/rdma-probe/nlq.h"

#define SYS_GET	 RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_SYS_GET)
#define DEV_GET	 RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET)
#define PORT_GET RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_PORT_GET)

struct names {
	struct name {
		uint32_t index;
		char dev[DEV_LEN];
	} * v;
	int n;
};

static struct nlattr *attr(struct nl_msg *msg, int type)
{
	return nlmsg_find_attr(nlmsg_hdr(msg), 0, type);
}

static int on_system(struct nl_msg *msg, void *arg)
{
	const struct nlattr *mode = attr(msg, RDMA_NLDEV_SYS_ATTR_NETNS_MODE);
	struct nldev *ret = arg;

	if (mode && nla_len(mode) >= 1)
		ret->mode = nla_get_u8(mode) ? NETNS_MODE_SHARED : NETNS_MODE_EXCLUSIVE;
	return NL_OK;
}

static int on_device(struct nl_msg *msg, void *arg)
{
	struct nlattr *index = attr(msg, RDMA_NLDEV_ATTR_DEV_INDEX),
		      *dev = attr(msg, RDMA_NLDEV_ATTR_DEV_NAME);
	struct names *names = arg;
	struct name *grown;

	if (!index || !dev)
		return NL_OK;
	grown = grow(names->v, names->n, sizeof(*grown));
	if (!grown)
		return NL_STOP;
	names->v = grown;
	grown[names->n].index = nla_get_u32(index);
	nla_strlcpy(grown[names->n++].dev, dev, DEV_LEN);
	return NL_OK;
}

struct port_answer {
	struct nldev *ret;
	const char *dev;
};

static int on_port(struct nl_msg *msg, void *arg)
{
	struct nlattr *port = attr(msg, RDMA_NLDEV_ATTR_PORT_INDEX),
		      *netdev = attr(msg, RDMA_NLDEV_ATTR_NDEV_INDEX);
	struct port_answer *answer = arg;
	struct nldev *ret = answer->ret;
	struct nldev_port *grown, entry = { 0 };

	if (!port)
		return NL_OK;
	grown = grow(ret->ports, ret->nports, sizeof(*grown));
	if (!grown)
		return NL_STOP;
	ret->ports = grown;
	entry.port = (int)nla_get_u32(port);
	entry.ifindex = netdev ? (int)nla_get_u32(netdev) : 0;
	snprintf(entry.dev, sizeof(entry.dev), "%s", answer->dev);
	grown[ret->nports++] = entry;
	return NL_OK;
}

static int ask(struct nl_sock *sk, int type, int flags, const uint32_t *dev,
	       nl_recvmsg_msg_cb_t cb, void *arg)
{
	_autonlmsg_ struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg || (dev && nla_put_u32(msg, RDMA_NLDEV_ATTR_DEV_INDEX, *dev)))
		return -1;
	return nlq_ask(sk, msg, cb, arg);
}

void nldev_read(struct nldev *ret)
{
	struct err ignored;
	_autonlq_ struct nl_sock *sk = nlq_open(NETLINK_RDMA, &ignored);
	struct names names = { 0 };

	*ret = (struct nldev){ 0 };
	if (!sk)
		return;
	(void)ask(sk, SYS_GET, 0, NULL, on_system, ret);
	(void)ask(sk, DEV_GET, NLM_F_DUMP, NULL, on_device, &names);
	for (int i = 0; i < names.n; i++) {
		struct port_answer answer = { ret, names.v[i].dev };

		(void)ask(sk, PORT_GET, NLM_F_DUMP, &names.v[i].index, on_port, &answer);
	}
	free(names.v);
}

void nldev_clear(struct nldev *nldev)
{
	free(nldev->ports);
	*nldev = (struct nldev){ 0 };
}

int nldev_ifindex(const struct nldev *nldev, const char *dev, int port)
{
	for (int i = 0; i < nldev->nports; i++)
		if (nldev->ports[i].port == port && !strcmp(nldev->ports[i].dev, dev))
			return nldev->ports[i].ifindex;
	return -1;
}
