/* node.c - the two sides we work on: the node we run on, and one pod. */
#include "pkg/cni.h"
#include "pkg/sysfs.h"
#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"
#include "plugins/sriov/state.h"

int node_open(struct node *ret, struct err *err)
{
	_autonode_ struct node node = NODE_CLOSED;

	node.netns = netns_open_own(err);
	if (node.netns < 0 || netns_identify(node.netns, &node.netns_id, err) ||
	    nl_open(&node.nl, NETLINK_ROUTE, err))
		return -1;
	node.sys = sysfs_open(err);
	if (node.sys < 0)
		return -1;
	node.state = state_open(STATE_DIR, err);
	if (node.state < 0)
		return -1;

	*ret = node;
	node = (struct node)NODE_CLOSED;
	return 0;
}

void node_close(struct node *node)
{
	nl_close(node->nl);
	closep(&node->netns);
	closep(&node->sys);
	closep(&node->state);
	*node = (struct node)NODE_CLOSED;
}

/* Takes the descriptor. */
static int enter(int netns, const char *path, const struct node *node, struct pod *ret,
		 struct err *err)
{
	_autopod_ struct pod pod = { .netns = netns };

	if (netns_identify(pod.netns, &pod.netns_id, err))
		return -1;
	if (netns_same(&pod.netns_id, &node->netns_id))
		return err_cni(err, CNI_BAD_NETNS,
			       "CNI_NETNS %s is the node's own network namespace", path);
	if (nl_open_in(&pod.nl, NETLINK_ROUTE, pod.netns, err))
		return err_wrap(err, "in network namespace %s", path);

	*ret = pod;
	pod = (struct pod)POD_CLOSED;
	return 0;
}

int pod_open(const char *path, const struct node *node, struct pod *ret, struct err *err)
{
	int netns = netns_open(path, err);

	if (netns < 0)
		return err_code(err, CNI_BAD_NETNS);
	return enter(netns, path, node, ret, err);
}

/* At its path, or through a process that is left in it; -1 when it has ended. */
static int find_netns(const struct owner *owner)
{
	_autoclose_ int fd = -1;
	struct netns_id now = { 0 };
	struct err ignored;

	fd = netns_open(owner->netns, &ignored);
	if (fd >= 0 && !netns_identify(fd, &now, &ignored) &&
	    netns_same(&now, &owner->netns_id))
		return take_fd(fd);
	return netns_find(&owner->netns_id, &ignored);
}

int pod_reopen(const struct owner *owner, const struct node *node, struct pod *ret,
	       struct err *err)
{
	int netns = find_netns(owner);

	if (netns < 0)
		return 0;
	return enter(netns, owner->netns, node, ret, err) ? -1 : 1;
}

bool pod_is_gone(const struct owner *owner)
{
	_autoclose_ int netns = find_netns(owner);

	return netns < 0;
}

void pod_close(struct pod *pod)
{
	nl_close(pod->nl);
	closep(&pod->netns);
	*pod = (struct pod)POD_CLOSED;
}
