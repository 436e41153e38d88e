/* target.c - which store and pool an operator means. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "pkg/grow.h"
#include "ipam/admin.h"
#include "ipam/conf.h"
#include "ipam/listing.h"
#include "ipam/pool.h"

#define MAX_STORES 16

struct stores {
	char path[MAX_STORES][PATH_MAX];
	int n, dir;
};

/* A file "store=HASH" of the node's state: the id and the path. */
static int note_store(void *ctx, const char *name, struct err *err)
{
	struct stores *stores = ctx;
	_autofree_ char *text = NULL;
	size_t len;
	char *path;

	if (strncmp(name, "store=", 6) || stores->n == MAX_STORES)
		return 0;
	text = file_read(stores->dir, name, PATH_MAX + STORE_ID_LEN + 2, &len, err);
	path = text ? strchr(text, '\n') : NULL;
	if (path)
		snprintf(stores->path[stores->n++], PATH_MAX, "%.*s",
			 (int)strcspn(path + 1, "\n"), path + 1);
	return 0;
}

/* The stores that this node has used since it booted, else the default one. */
static void find_stores(struct stores *ret)
{
	_autoclose_ int dir = open(STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err ignored;

	ret->n = 0;
	ret->dir = dir;
	if (dir >= 0)
		(void)list_names(dir, note_store, ret, &ignored);
	if (!ret->n)
		strcpy(ret->path[ret->n++], CONF_STORE);
}

static bool has_pool(const struct store *store, const char *pool)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", pool, POOL_FILE);
	return !faccessat(store->root, path, F_OK, 0);
}

static int open_store(const char *path, struct store *ret, struct err *err)
{
	char id[STORE_ID_LEN];
	int r;

	if (store_open(path, ret, err))
		return -1;
	r = store_id(ret, id, err);
	if (r > 0)
		return 0;
	store_close(ret);
	return r < 0 ? -1 : err_set(err, ENOENT, "%s has no " STORE_FILE, path);
}

/* A directory: a store, or a pool in one. */
static int visit_path(const char *path, target_visit visit, void *ctx, struct err *err)
{
	_autostore_ struct store store = STORE_CLOSED;
	char parent[PATH_MAX];
	struct err why;
	char *name;

	if (!open_store(path, &store, err))
		return visit(ctx, &store, NULL, err);
	snprintf(parent, sizeof(parent), "%s", path);
	while (strlen(parent) > 1 && parent[strlen(parent) - 1] == '/')
		parent[strlen(parent) - 1] = '\0';
	name = strrchr(parent, '/');
	if (!name || name == parent)
		return -1;
	*name++ = '\0';
	if (open_store(parent, &store, &why) || !has_pool(&store, name))
		return err_wrap(err, "neither a store nor a pool in one");
	return visit(ctx, &store, name, err);
}

static int visit_name(const struct stores *stores, const char *pool, target_visit visit,
		      void *ctx, struct err *err)
{
	bool found = false;

	for (int i = 0; i < stores->n; i++) {
		_autostore_ struct store store = STORE_CLOSED;
		struct err ignored;

		if (open_store(stores->path[i], &store, &ignored) ||
		    !has_pool(&store, pool))
			continue;
		found = true;
		if (visit(ctx, &store, pool, err))
			return -1;
	}
	if (found)
		return 0;
	err_set(err, 0, "no pool %s in a store that this node uses", pool);
	return err_hint(err, "name the store's directory, or the pool's");
}

int target_each(const char *target, target_visit visit, void *ctx, struct err *err)
{
	_autofree_ struct stores *stores = calloc(1, sizeof(*stores));

	if (target && strchr(target, '/'))
		return visit_path(target, visit, ctx, err);
	if (!stores)
		return err_set(err, ENOMEM, "hold the stores");
	find_stores(stores);
	if (target)
		return visit_name(stores, target, visit, ctx, err);
	for (int i = 0; i < stores->n; i++)
		if (visit_path(stores->path[i], visit, ctx, err))
			return -1;
	return 0;
}

struct pools {
	const struct store *store;
	char (*names)[NAME_MAX + 1];
	int n;
};

static int note_pool(void *ctx, const char *name, struct err *err)
{
	struct pools *pools = ctx;
	char(*more)[NAME_MAX + 1];

	if (!has_pool(pools->store, name))
		return 0;
	more = grow(pools->names, pools->n, sizeof(*more));
	if (!more)
		return err_set(err, ENOMEM, "hold the pools' names");
	pools->names = more;
	snprintf(more[pools->n++], sizeof(*more), "%s", name);
	return 0;
}

static int cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int visit_all(const struct pools *pools, target_visit visit, void *ctx,
		     struct err *err)
{
	if (pools->n)
		qsort(pools->names, pools->n, sizeof(*pools->names), cmp);
	for (int i = 0; i < pools->n; i++)
		if (visit(ctx, pools->store, pools->names[i], err))
			return -1;
	return 0;
}

int target_pools(const struct store *store, const char *pool, target_visit visit,
		 void *ctx, struct err *err)
{
	struct pools pools = { .store = store };
	_autoclose_ int root = -1;
	int r;

	if (pool)
		return visit(ctx, store, pool, err);
	root = openat(store->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_set(err, errno, "open %s", store->path);
	r = list_names(root, note_pool, &pools, err);
	if (!r)
		r = visit_all(&pools, visit, ctx, err);
	free(pools.names);
	return r;
}

static int count(void *ctx, const struct store *store, const char *pool, struct err *err)
{
	int *n = ctx;

	++*n;
	if (pool)
		return 0;
	err_set(err, 0, "%s is a store: which of its pools is meant?", store->path);
	return err_hint(err, "for example %s/rail0", store->path);
}

int target_pool(const char *target, target_visit visit, void *ctx, struct err *err)
{
	int n = 0;

	if (target_each(target, count, &n, err))
		return -1;
	if (n > 1)
		return err_set(err, 0, "%s is in %d stores: name its directory", target,
			       n);
	return target_each(target, visit, ctx, err);
}
