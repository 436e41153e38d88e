/* node.c - the two sides we work on: the node we run on, and one pod. */
#include "pkg/cni.h"
#include "pkg/sysfs.h"
#include "plugins/sriov/node.h"
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

int pod_open(const char *path, const struct node *node, struct pod *ret, struct err *err)
{
	_autopod_ struct pod pod = POD_CLOSED;

	pod.netns = netns_open(path, err);
	if (pod.netns < 0)
		return err_code(err, CNI_BAD_NETNS);
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

void pod_close(struct pod *pod)
{
	nl_close(pod->nl);
	closep(&pod->netns);
	*pod = (struct pod)POD_CLOSED;
}
