/* node_name.h - what this node is called among the others of its cluster. */
#ifndef PKG_NODE_NAME_H
#define PKG_NODE_NAME_H

#include "pkg/err.h"

#define NODE_NAME_LEN 256

/* The configured name, else the first line of /etc/rail-cni/node-name, else the host's
 * name. configured may be "". */
int node_name(const char *configured, char ret[NODE_NAME_LEN], struct err *err);

#endif
