/* rdma_nl.c - RDMA devices over netlink (RDMA_NL_NLDEV): look, move, rename. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <rdma/rdma_netlink.h>

#include "pkg/rdma_nl.h"

/* enum ib_port_state and ib_port_phys_state of the kernel's rdma/ib_verbs.h. */
#define PORT_ACTIVE  4
#define PHYS_LINK_UP 5

static void begin(struct nl *nl, int command, uint16_t flags)
{
	(void)nl_begin(nl, RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command), flags, 0);
}

static uint8_t get_u8(const struct nlattr *attr, uint8_t absent)
{
	const uint8_t *value = nl_data(attr, 1);

	return value ? *value : absent;
}

static int on_mode(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[RDMA_NLDEV_ATTR_MAX + 1];

	nl_attrs(nlh, 0, attrs, RDMA_NLDEV_ATTR_MAX);
	/* Kernels before 5.2 do not know the attribute, and share. */
	*(enum rdma_mode *)data =
		get_u8(attrs[RDMA_NLDEV_SYS_ATTR_NETNS_MODE], RDMA_SHARED);
	return MNL_CB_OK;
}

const char *rdma_mode_name(enum rdma_mode mode)
{
	return mode == RDMA_SHARED ? "shared" : "exclusive";
}

int rdma_get_mode(struct nl *nl, enum rdma_mode *ret, struct err *err)
{
	begin(nl, RDMA_NLDEV_CMD_SYS_GET, 0);
	*ret = RDMA_SHARED;
	if (nl_talk(nl, on_mode, ret, err))
		return err_wrap(err, "read the RDMA subsystem's namespace mode");
	return 0;
}

struct search {
	const char *name;
	struct rdma_dev *found;
	int count;
};

static int on_dev(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[RDMA_NLDEV_ATTR_MAX + 1];
	struct search *search = data;
	const uint64_t *guid;

	nl_attrs(nlh, 0, attrs, RDMA_NLDEV_ATTR_MAX);
	if (strcmp(nl_str(attrs[RDMA_NLDEV_ATTR_DEV_NAME], ""), search->name))
		return MNL_CB_OK;
	guid = nl_data(attrs[RDMA_NLDEV_ATTR_NODE_GUID], sizeof(*guid));
	*search->found = (struct rdma_dev){
		.index = nl_u32(attrs[RDMA_NLDEV_ATTR_DEV_INDEX], 0),
	};
	if (guid) /* an attribute is aligned to four bytes only */
		memcpy(&search->found->node_guid, guid, sizeof(*guid));
	snprintf(search->found->name, RDMA_NAME_LEN, "%s", search->name);
	search->count = 1;
	return MNL_CB_OK;
}

int rdma_find(struct nl *nl, const char *name, struct rdma_dev *ret, struct err *err)
{
	struct search search = { .name = name, .found = ret };

	begin(nl, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	if (nl_dump(nl, on_dev, &search, &search.count, err))
		return err_wrap(err, "look for RDMA device %s", name);
	return search.count;
}

static int on_port(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[RDMA_NLDEV_ATTR_MAX + 1];

	nl_attrs(nlh, 0, attrs, RDMA_NLDEV_ATTR_MAX);
	*(struct rdma_port *)data = (struct rdma_port){
		.active = get_u8(attrs[RDMA_NLDEV_ATTR_PORT_STATE], 0) == PORT_ACTIVE,
		.link_up =
			get_u8(attrs[RDMA_NLDEV_ATTR_PORT_PHYS_STATE], 0) == PHYS_LINK_UP,
		.netdev_index = nl_u32(attrs[RDMA_NLDEV_ATTR_NDEV_INDEX], 0),
	};
	return MNL_CB_OK;
}

int rdma_get_port(struct nl *nl, int index, struct rdma_port *ret, struct err *err)
{
	begin(nl, RDMA_NLDEV_CMD_PORT_GET, 0);
	nl_put_u32(nl, RDMA_NLDEV_ATTR_DEV_INDEX, index);
	nl_put_u32(nl, RDMA_NLDEV_ATTR_PORT_INDEX, 1);
	if (nl_talk(nl, on_port, ret, err))
		return err_wrap(err, "read port 1 of RDMA device %d", index);
	return 0;
}

int rdma_move(struct nl *nl, int index, int netns_fd, struct err *err)
{
	begin(nl, RDMA_NLDEV_CMD_SET, 0);
	nl_put_u32(nl, RDMA_NLDEV_ATTR_DEV_INDEX, index);
	nl_put_u32(nl, RDMA_NLDEV_NET_NS_FD, netns_fd);
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "move RDMA device %d to a network namespace", index);
	return 0;
}

int rdma_rename(struct nl *nl, int index, const char *name, struct err *err)
{
	begin(nl, RDMA_NLDEV_CMD_SET, 0);
	nl_put_u32(nl, RDMA_NLDEV_ATTR_DEV_INDEX, index);
	nl_put_str(nl, RDMA_NLDEV_ATTR_DEV_NAME, name);
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "rename RDMA device %d to %s", index, name);
	return 0;
}

bool rdma_is_absent(const struct err *err)
{
	return err->no == EPROTONOSUPPORT || err->no == ECONNREFUSED ||
	       err->no == EINVAL || err->no == EOPNOTSUPP;
}
