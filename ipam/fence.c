/* fence.c - rail-ipam fence: free all leases of a node that will not come back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "pkg/name.h"
#include "ipam/admin.h"
#include "ipam/blocks.h"
#include "ipam/pool.h"
#include "ipam/release.h"

/*
 * The node's own later releases are harmless: they name leases that are no more. Should
 * it be alive, its CHECK and its next ADD say that the lease is gone.
 */
struct fence {
	char node[NODE_LEN]; /* as it stands in names */
	const char *pool;
	int count;
};

static int free_one(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct fence *fence = ctx;
	struct lease lease;
	int r;

	if (blocks_is_of(entry, fence->node))
		r = blocks_free(entry, err);
	else if (lease_parse(entry->name, &lease) &&
		 lease_is_of_node(&lease, fence->node))
		r = release_entry(entry, &lease.ip, err);
	else
		return 0;
	if (r > 0) {
		printf("%s: freed %s\n", fence->pool, entry->name);
		fence->count++;
	}
	return r < 0 ? -1 : 0;
}

static int fence_pool(void *ctx, const struct store *store, const char *name,
		      struct err *err)
{
	struct fence *fence = ctx;
	struct pool pool = { .store = store, .name = name, .node = "" };

	fence->pool = name;
	return pool_each(&pool, free_one, fence, err);
}

/* With all its leases goes its name: another machine may have it. */
static int forget_node(const struct store *store, const struct fence *fence,
		       struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "nodes/%s", fence->node);
	if (!unlinkat(store->root, path, 0))
		printf("%s: the name %s is free for another machine\n", store->path,
		       fence->node);
	else if (errno != ENOENT)
		return err_set(err, errno, "remove %s/%s", store->path, path);
	return 0;
}

static int fence_store(void *ctx, const struct store *store, const char *pool,
		       struct err *err)
{
	if (target_pools(store, pool, fence_pool, ctx, err))
		return -1;
	return pool ? 0 : forget_node(store, ctx, err);
}

int admin_fence(const struct options *options, struct err *err)
{
	struct fence fence = { .count = 0 };

	if (!name_escape(options->args[0], "", fence.node, sizeof(fence.node)))
		return err_set(err, 0, "%s: no node has such a name", options->args[0]);
	if (target_each(options->args[1], fence_store, &fence, err))
		return -1;
	printf("%d leases of node %s freed\n", fence.count, options->args[0]);
	return 0;
}
