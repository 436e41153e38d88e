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

/* What a command may be told. Each names those that mean something to it. */
enum option {
	OPT_JSON = 1 << 0,
	OPT_ALL = 1 << 1,
	OPT_MAP = 1 << 2,
	OPT_PROMETHEUS = 1 << 3,
	OPT_REPAIR = 1 << 4,
	OPT_DRY_RUN = 1 << 5,
	OPT_ALL_POOLS = 1 << 6,
	OPT_EXCEPT = 1 << 7,
	OPT_AT_MOST = 1 << 8,
};

struct options {
	unsigned int set; /* enum option */
	const char *args[4];
	int n_args;
	long deadline; /* ms that a store may answer nothing */
	long at_most;  /* nodes that may be fenced, with OPT_AT_MOST */
};

static inline bool has(const struct options *options, enum option option)
{
	return options->set & option;
}

struct command {
	const char *name, *args, *help;
	int min_args, max_args;
	unsigned int options;
	int (*run)(const struct options *options, struct err *err);
};

int admin_init(const struct options *options, struct err *err);
int admin_doctor(const struct options *options, struct err *err);
int admin_list(const struct options *options, struct err *err);
int admin_show(const struct options *options, struct err *err);
int admin_release(const struct options *options, struct err *err);
int admin_reserve(const struct options *options, struct err *err);
int admin_fence(const struct options *options, struct err *err);
int admin_fsck(const struct options *options, struct err *err);
int admin_import(const struct options *options, struct err *err);
int admin_stats(const struct options *options, struct err *err);

/* Called with each store that a target means, open, and the pool's name or NULL for
 * all. */
typedef int (*target_visit)(void *ctx, const struct store *store, const char *pool,
			    struct err *err);
int target_each(const char *target, target_visit visit, void *ctx, struct err *err);

/* The same for that pool, or for all pools of the store. */
int target_pools(const struct store *store, const char *pool, target_visit visit,
		 void *ctx, struct err *err);

/* A target that must be one pool; what a command changes is named by whoever runs it. */
int target_pool(const char *target, target_visit visit, void *ctx, struct err *err);

#endif
