/* node.h - the two sides we work on: the node we run on, and one pod. */
#ifndef SRIOV_NODE_H
#define SRIOV_NODE_H

#include "pkg/netns.h"
#include "pkg/nl.h"

struct node {
	struct nl *nl; /* of our own network namespace, where PFs and free VFs are */
	int netns;
	struct netns_id netns_id;
	int sys;   /* /sys */
	int state; /* STATE_DIR */
};
#define NODE_CLOSED                                                                      \
	{                                                                                \
		.netns = -1, .sys = -1, .state = -1                                      \
	}

int node_open(struct node *ret, struct err *err);
void node_close(struct node *node);

struct owner;

struct pod {
	struct nl *nl;
	int netns;
	struct netns_id netns_id;
};
#define POD_CLOSED                                                                       \
	{                                                                                \
		.netns = -1                                                              \
	}

/* Open the namespace at a path. err->no ENOENT or EINVAL as netns_open(); the node's
 * own namespace is refused with CNI_BAD_NETNS. */
int pod_open(const char *path, const struct node *node, struct pod *ret, struct err *err);

/* Open the namespace of an attachment if it is still the one that ADD saw, by its path
 * or through a process that is left in it: 1, 0 when it has ended, or -1. */
int pod_reopen(const struct owner *owner, const struct node *node, struct pod *ret,
	       struct err *err);

/* Has that namespace ended, so that nothing of the container can be left? */
bool pod_is_gone(const struct owner *owner);

void pod_close(struct pod *pod);

#define _autonode_ _cleanup_(node_close)
#define _autopod_  _cleanup_(pod_close)

#endif
