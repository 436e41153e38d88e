/*
 * routes.h - rail-sriov routes: traffic between the nodes' ordinary addresses goes over
 * the rails.
 *
 *	routes.c	the commands and their options
 *	routes_source.c	reads who the peers are, and publishes who we are
 *	  routes_peers.c  a line a node
 *	  routes_store.c  a file a node
 *	  routes_child.c  a process that may hang on them
 *	routes_own.c	this node: its rails and addresses as they are now
 *	routes_want.c	what is believed of what peers claim, and what follows
 *	routes_plan.c	what is, what shall be: changes
 *	routes_sync.c	one round of all that
 *	routes_once.c	sync, publish and withdraw, once
 *	routes_watch.c	round after round
 *	routes_show.c	what there is, for people
 */
#ifndef SRIOV_ROUTES_H
#define SRIOV_ROUTES_H

#include <stdbool.h>

#include "pkg/err.h"
#include "plugins/sriov/routes_want.h"

#define ROUTES_DIR "/run/rail-cni/routes" /* locks */

struct routes_options {
	const char *peers, *store;	    /* where the peers stand; at most one */
	const char *node, *rails, *address; /* who we are; NULL: as it stands there */
	const char *within;
	const char *every; /* seconds */
	bool watch, dry_run, allow_empty, clear, json, help;

	char name[PEER_NAME]; /* of this node */
	int n_within;
	struct cidr within_list[WITHIN_MAX];
	int every_seconds;
};

/* argv is what stands behind "routes". The exit status: 0; 1 when something is not as it
 * should be; or -1 with *err. */
int admin_routes(char **argv, struct err *err);

/* Locks of this node, by name: only so long as one of the commands works. */
int routes_lock(const char *name, int timeout_ms, struct err *err);

/* What each command does. */
int routes_sync(const struct routes_options *options, struct err *err);
int routes_watch(const struct routes_options *options, struct err *err);
int routes_show(const struct routes_options *options, struct err *err);
int routes_publish(const struct routes_options *options, struct err *err);
int routes_withdraw(const struct routes_options *options, struct err *err);

#endif
