/* node.h - who we are: the node's name, its boot, its machine id. */
#ifndef IPAM_NODE_H
#define IPAM_NODE_H

#include "ipam/lease.h"

#define MACHINE_LEN 65

struct node {
	char name[NODE_LEN]; /* as it stands in file names */
	char boot[BOOT_LEN];
};

/* The configured name, else the first line of /etc/rail-cni/node-name, else the host's
 * name; and which boot this is. */
int node_identify(const char *configured, struct node *ret, struct err *err);

/* What tells this machine from another one of the same name. */
int node_machine(char ret[MACHINE_LEN], struct err *err);

#endif
