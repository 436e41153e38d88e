/* fence.c - rail-ipam fence: free all that a node holds that will not come back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pkg/name.h"
#include "ipam/blocks.h"
#include "ipam/import.h"
#include "ipam/listing.h"
#include "ipam/names.h"
#include "ipam/release.h"
#include "ipam/report.h"

/*
 * A node's own later releases are harmless: they name leases that are no more. Should it
 * be alive, its CHECK and its next ADD say that the leases are gone.
 */
struct fence {
	struct names *names; /* fence these, */
	bool except;	     /* or all but these */
	bool whole;	     /* stores, not only pools that are named */
	long at_most;	     /* nodes of a store; 0 is any number */
	const char *pool;
	long found;	    /* nodes of this store that shall be fenced */
	struct names freed; /* nodes of which something was freed in this pool */
	struct report report;
};

static bool is_fenced(const struct fence *fence, const char *node)
{
	return names_have(fence->names, node) != fence->except;
}

/* The node that a file's name tells as its holder; false when it has none. */
static bool holder_of(const struct pool_entry *entry, char ret[NODE_LEN])
{
	struct block block;
	struct lease lease;

	if (blockdir_is_name(entry->shard) && block_parse(entry->name, &block) &&
	    block.state == LEASE_HELD) {
		strcpy(ret, block.node);
		return true;
	}
	if (!lease_parse(entry->name, &lease) || !lease.rest)
		return false;
	if (!strncmp(lease.rest, IMPORT_ASIDE_FOR, strlen(IMPORT_ASIDE_FOR)))
		lease.rest += strlen(IMPORT_ASIDE_FOR);
	else if (lease.state != LEASE_HELD)
		return false;
	snprintf(ret, NODE_LEN, "%.*s", (int)strcspn(lease.rest, ","), lease.rest);
	return true;
}

/* For the node to find should it be alive: in the shard by its next ADD there, in the
 * pool when it verifies that: trust.c. */
static int leave_word(int dir, const char *node, struct err *err)
{
	char name[sizeof(POOL_FENCED) + NODE_LEN];
	_autoclose_ int fd = -1;

	snprintf(name, sizeof(name), POOL_FENCED "%s", node);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? err_set(err, errno, "make %s", name) : 0;
}

static int free_one(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct fence *fence = ctx;
	char node[NODE_LEN];
	int r = 1;

	if (!holder_of(entry, node) || !is_fenced(fence, node))
		return 0;
	if (!fence->report.dry)
		r = leave_word(entry->dir, node, err) ? -1 : release_name(entry, err);
	if (r > 0)
		report_did(&fence->report, fence->pool, entry->name);
	if (r > 0 && !names_have(&fence->freed, node))
		r = names_add_escaped(&fence->freed, node, err);
	return r < 0 ? -1 : 0;
}

static int leave_words(const struct fence *fence, const struct pool *pool,
		       struct err *err)
{
	_autoclose_ int dir = pool_open_shard(pool, ".", err);

	if (dir < 0)
		return -1;
	for (int i = 0; i < fence->freed.n; i++)
		if (leave_word(dir, fence->freed.list[i], err))
			return -1;
	return 0;
}

static int fence_pool(void *ctx, const struct store *store, const char *name,
		      struct err *err)
{
	struct fence *fence = ctx;
	struct pool pool = { .store = store, .name = name, .node = "" };
	int r;

	fence->pool = name;
	r = pool_each(&pool, free_one, fence, err);
	if (!r && !fence->report.dry)
		r = leave_words(fence, &pool, err);
	names_clear(&fence->freed);
	return r;
}

/* With all its leases goes its name: another machine may have it. */
static int forget_node(const struct store *store, struct fence *fence, const char *node,
		       struct err *err)
{
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "nodes/%s", node);
	r = fence->report.dry ? faccessat(store->root, path, F_OK, AT_SYMLINK_NOFOLLOW)
			      : unlinkat(store->root, path, 0);
	if (r && errno != ENOENT)
		return err_set(err, errno, "remove %s/%s", store->path, path);
	if (!r)
		report_did(&fence->report, store->path, path);
	return 0;
}

struct forget {
	const struct store *store;
	struct fence *fence;
};

static int forget_one(void *ctx, const char *node, struct err *err)
{
	struct forget *forget = ctx;

	return is_fenced(forget->fence, node)
		       ? forget_node(forget->store, forget->fence, node, err)
		       : 0;
}

static int count_one(void *ctx, const char *node, struct err *err)
{
	struct fence *fence = ctx;

	(void)err;
	fence->found += is_fenced(fence, node);
	return 0;
}

static int open_nodes(const struct store *store)
{
	return openat(store->root, "nodes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A list that is wrong lacks most of the nodes: then none of them is fenced. */
static int check_number(struct fence *fence, const struct store *store, struct err *err)
{
	_autoclose_ int nodes = -1;

	if (!fence->at_most)
		return 0;
	fence->found = 0;
	nodes = open_nodes(store);
	if (nodes < 0) /* no node has come yet */
		return errno == ENOENT
			       ? 0
			       : err_set(err, errno, "open %s/nodes", store->path);
	if (list_names(nodes, count_one, fence, err))
		return -1;
	if (fence->found <= fence->at_most)
		return 0;
	err_set(err, 0,
		"%ld nodes of %s would be fenced, more than --at-most %ld: none was",
		fence->found, store->path, fence->at_most);
	return err_hint(err, "does the list name them as %s/nodes does?", store->path);
}

static int fence_store(void *ctx, const struct store *store, const char *pool,
		       struct err *err)
{
	struct fence *fence = ctx;
	struct forget forget = { store, fence };
	_autoclose_ int nodes = -1;

	if (!pool && !fence->whole)
		fence->report.dry = true;
	if (check_number(fence, store, err) ||
	    target_pools(store, pool, fence_pool, ctx, err))
		return -1;
	if (pool)
		return 0;
	nodes = open_nodes(store);
	return nodes < 0 ? 0 : list_names(nodes, forget_one, &forget, err);
}

/* Those that live; that there are none is no answer anybody gives on purpose. */
static int read_living(struct names *names, const char *path, struct err *err)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	int r;

	if (!in)
		return err_set(err, errno, "open %s", path);
	r = names_read(names, in, err);
	if (!is_stdin)
		fclose(in);
	if (r || names->n)
		return r;
	return err_set(err, 0, "%s names no node: that fences all of them",
		       is_stdin ? "standard input" : path);
}

static int read_names(const struct options *options, struct fence *fence,
		      const char **target, struct err *err)
{
	fence->except = has(options, OPT_EXCEPT);
	*target = options->args[1];
	return fence->except ? read_living(fence->names, options->args[0], err)
			     : names_add(fence->names, options->args[0], err);
}

static int finish(struct fence *fence, bool asked_dry, struct err *err)
{
	if (!fence->report.json)
		printf("%d files %s%s\n", fence->report.n,
		       fence->report.dry ? "would be " : "", fence->report.did);
	if (report_end(&fence->report, err))
		return -1;
	if (!fence->report.dry || asked_dry)
		return 0;
	err_set(err, 0, "nothing was done, as no pool is named");
	return err_hint(err, "name the pool, or say --all-pools with the store");
}

int admin_fence(const struct options *options, struct err *err)
{
	_cleanup_(names_clear) struct names names = { 0 };
	struct fence fence = { .names = &names,
			       .whole = has(options, OPT_ALL_POOLS),
			       .at_most = options->at_most,
			       .report = report_begin(options, "free", "freed") };
	const char *target;
	int r = read_names(options, &fence, &target, err);

	if (!r && fence.whole && !target)
		r = err_set(err, 0, "--all-pools of which store?");
	if (!r)
		r = target_each(target, fence_store, &fence, err);
	return r ? -1 : finish(&fence, has(options, OPT_DRY_RUN), err);
}
