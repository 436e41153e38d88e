/* pool.c - a pool in a store: the ranges it was made for, and its shards. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "pkg/grow.h"
#include "ipam/listing.h"
#include "ipam/pool.h"

#define MAX_FILE 65536

static int failed(const struct pool *pool, struct err *err)
{
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "pool %s of store %s", pool->name, pool->store->path);
}

static int open_pool(const struct pool *pool, struct err *err)
{
	int dir = openat(pool->store->root, pool->name,
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir >= 0)
		return dir;
	err_set(err, errno, "open");
	return failed(pool, err);
}

/* The ranges in pool.json in the spelling of range_format(). */
static int parse_ranges(const char *text, size_t len, struct conf *ret, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	struct json root = json_root(doc), list, item = { 0 };
	int64_t format = 0;
	const char *one;

	if (!doc || json_get_int(&root, "format", 0, INT32_MAX, &format, err) < 0)
		return -1;
	if (format != 1)
		return err_set(
			err, 0,
			"is not of format 1: made by another version of rail-ipam?");
	if (json_get_array(&root, "ranges", &list, err) <= 0)
		return err_set(err, 0, "has no list of ranges");
	while (json_next(&list, &item))
		if (ret->n_ranges == CONF_MAX_RANGES ||
		    json_string(&item, &one, err) < 0 ||
		    !range_read(one, &ret->ranges[ret->n_ranges++]))
			return err_set(err, 0, "has a range that cannot be read");
	return 0;
}

static bool has_range(const struct conf *conf, const struct range *range)
{
	char one[RANGE_LEN], two[RANGE_LEN];

	range_format(range, one);
	for (int i = 0; i < conf->n_ranges; i++)
		if (!strcmp(range_format(&conf->ranges[i], two), one))
			return true;
	return false;
}

/* The order does not matter: it only says in which one a pod sees its addresses. */
static bool same_ranges(const struct conf *a, const struct conf *b)
{
	for (int i = 0; i < a->n_ranges; i++)
		if (!has_range(b, &a->ranges[i]))
			return false;
	return a->n_ranges == b->n_ranges;
}

static int disagree(const struct pool *pool, const struct conf *conf,
		    const struct conf *made, struct err *err)
{
	char ours[CONF_RANGES_LEN], theirs[CONF_RANGES_LEN];

	err_cni(err, CNI_BAD_CONFIG,
		"ipam.range: pool %s of store %s was made for %s, this configuration "
		"says %s",
		pool->name, pool->store->path, conf_ranges(made, ", ", theirs),
		conf_ranges(conf, ", ", ours));
	return err_hint(err,
			"all nodes must say the same: correct the configuration, or name "
			"another pool");
}

/* 1, 0 when there is no such pool, or -1. */
static int read_made(const struct pool *pool, struct conf *ret, struct err *err)
{
	_autofree_ char *text = NULL;
	char name[PATH_MAX];
	size_t len;

	snprintf(name, sizeof(name), "%s/%s", pool->name, POOL_FILE);
	text = file_read(pool->store->root, name, MAX_FILE, &len, err);
	if (!text && err->no == ENOENT)
		return 0;
	if (text && !parse_ranges(text, len, ret, err))
		return 1;
	err->code = CNI_TRY_LATER;
	return err_wrap(err, "%s/%s", pool->store->path, name);
}

int pool_agree(const struct pool *pool, const struct conf *conf, struct err *err)
{
	_autofree_ struct conf *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return err_set(err, ENOMEM, "read %s", POOL_FILE);
	r = read_made(pool, made, err);
	return r > 0 && !same_ranges(made, conf) ? disagree(pool, conf, made, err) : r;
}

int pool_read(const struct pool *pool, struct conf *ret, struct err *err)
{
	int r = read_made(pool, ret, err);

	return r > 0 ? 0 : r < 0 ? -1 : err_set(err, 0, "no pool %s", pool->name);
}

int pool_describe(const struct pool *pool, char ret[CONF_RANGES_LEN], struct err *err)
{
	_autofree_ struct conf *made = calloc(1, sizeof(*made));

	if (!made)
		return err_set(err, ENOMEM, "read %s", POOL_FILE);
	if (pool_read(pool, made, err))
		return -1;
	conf_ranges(made, ", ", ret);
	return 0;
}

int pool_open_shard(const struct pool *pool, const char *shard, struct err *err)
{
	char path[PATH_MAX];
	int dir;

	snprintf(path, sizeof(path), "%s/%s", pool->name, shard);
	dir = openat(pool->store->root, path,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		return dir;
	err_set(err, errno, "open %s", shard);
	return failed(pool, err);
}

struct gather {
	const struct range *range;
	struct shards *found;
};

static int gather_shard(void *ctx, const char *name, struct err *err)
{
	struct gather *gather = ctx;
	struct shards *found = gather->found;
	struct shard shard, *more;

	if (!shard_parse(gather->range, name, &shard))
		return 0;
	more = grow(found->list, found->n, sizeof(*more));
	if (!more)
		return err_set(err, ENOMEM, "list shards");
	found->list = more;
	more[found->n++] = shard;
	return 0;
}

void shards_clear(struct shards *shards)
{
	free(shards->list);
	*shards = (struct shards){ 0 };
}

int pool_shards(const struct pool *pool, const struct range *range, struct shards *ret,
		struct err *err)
{
	_autoshards_ struct shards found = { 0 };
	struct gather gather = { .range = range, .found = &found };
	_autoclose_ int dir = open_pool(pool, err);

	if (dir < 0)
		return -1;
	if (list_names(dir, gather_shard, &gather, err))
		return failed(pool, err);
	if (found.n)
		qsort(found.list, found.n, sizeof(struct shard), shard_cmp);
	*ret = found;
	found = (struct shards){ 0 };
	return 0;
}

struct walk {
	const struct pool *pool;
	pool_visit visit;
	void *ctx;
	struct pool_entry entry;
};

static int walk_entry(void *ctx, const char *name, struct err *err)
{
	struct walk *walk = ctx;

	walk->entry.name = name;
	return walk->visit(walk->ctx, &walk->entry, err);
}

static int walk_shard(void *ctx, const char *name, struct err *err)
{
	struct walk *walk = ctx;
	_autoclose_ int dir = -1;

	if (!strcmp(name, POOL_FILE))
		return 0;
	dir = pool_open_shard(walk->pool, name, err);
	if (dir < 0)
		return err->no == ENOTDIR || err->no == ELOOP ? 0 : -1;
	walk->entry = (struct pool_entry){ .shard = name, .dir = dir };
	return list_names(dir, walk_entry, walk, err);
}

int pool_each(const struct pool *pool, pool_visit visit, void *ctx, struct err *err)
{
	struct walk walk = { .pool = pool, .visit = visit, .ctx = ctx };
	_autoclose_ int dir = open_pool(pool, err);
	int r;

	if (dir < 0)
		return -1;
	r = list_names(dir, walk_shard, &walk, err);
	if (r < 0)
		err_code(err, CNI_TRY_LATER);
	return r;
}
