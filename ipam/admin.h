/*
 * admin.h - what an operator does with stores: rail-ipam COMMAND [ARGUMENT...].
 *
 * Most commands take a TARGET: the directory of a store or of a pool in one (anything
 * with a slash), or the name of a pool in a store that this node uses. Without one they
 * mean all pools of all stores this node uses, else the default store.
 */
#ifndef IPAM_ADMIN_H
#define IPAM_ADMIN_H

#include <stdbool.h>

#include "ipam/state.h"
#include "ipam/store.h"

/* The exit status. */
int admin_main(int argc, char **argv);

struct options {
	bool json, all;
	const char *args[4];
	int n_args;
};

struct command {
	const char *name, *args, *help;
	int min_args, max_args;
	int (*run)(const struct options *options, struct err *err);
};

int admin_init(const struct options *options, struct err *err);
int admin_list(const struct options *options, struct err *err);
int admin_fence(const struct options *options, struct err *err);

/* Called with each store that a target means, open, and the pool's name or NULL for
 * all. */
typedef int (*target_visit)(void *ctx, const struct store *store, const char *pool,
			    struct err *err);
int target_each(const char *target, target_visit visit, void *ctx, struct err *err);

/* The same for that pool, or for all pools of the store. */
int target_pools(const struct store *store, const char *pool, target_visit visit,
		 void *ctx, struct err *err);

#endif
