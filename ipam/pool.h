/*
 * pool.h - a pool in a store: the ranges it was made for, and its shards.
 *
 * Directories are made whole or not at all: under a name with a dot, filled, and then
 * renamed to their own, which fails when somebody else was faster.
 *
 * Errors of the store's file system have the code CNI_TRY_LATER.
 */
#ifndef IPAM_POOL_H
#define IPAM_POOL_H

#include <stdbool.h>

#include "ipam/conf.h"
#include "ipam/shard.h"
#include "ipam/store.h"

#define POOL_FILE   "pool.json"
#define POOL_FENCED ".fenced-" /* and a node: what it held here was freed; shards too */
#define POOL_HOLES  ".holes"   /* of a shard: which slots have no file */

struct pool {
	const struct store *store;
	const char *name;
	const char *node; /* who works on it, as in file names */
};

/* Compare the ranges that the pool was made for with those of the configuration: 1,
 * 0 when there is no such pool, or -1 naming both (CNI_BAD_CONFIG). */
int pool_agree(const struct pool *pool, const struct conf *conf, struct err *err);

/* The ranges that it was made for: 0, or -1, also when there is no such pool. */
int pool_read(const struct pool *pool, struct conf *ret, struct err *err);

/* The same for people. */
int pool_describe(const struct pool *pool, char ret[CONF_RANGES_LEN], struct err *err);

/* Make the pool, unless somebody does it at the same time. */
int pool_make(const struct pool *pool, const struct conf *conf, struct err *err);

/* Open a shard for listing and claiming; -1 with err->no ENOENT when there is none. */
int pool_open_shard(const struct pool *pool, const char *shard, struct err *err);

struct shards {
	struct shard *list; /* sorted */
	int n;
};

/* The shards of a range that exist, freshly listed. */
int pool_shards(const struct pool *pool, const struct range *range, struct shards *ret,
		struct err *err);
void shards_clear(struct shards *shards);
#define _autoshards_ _cleanup_(shards_clear)

/*
 * Make a shard. 0: it is there, whoever made it. 1: somebody else is at it, which takes a
 * server several hundred requests; look again later. A maker that died is ignored after
 * a while.
 */
int pool_make_shard(const struct pool *pool, const struct conf *conf,
		    const struct shard *shard, struct err *err);

/* The same with a directory of blocks (block.h). */
struct blockdir;
int pool_make_blocks(const struct pool *pool, const struct conf *conf,
		     const struct blockdir *dir, struct err *err);

/* Every lease file of a pool: visit() as in listing.h. */
struct pool_entry {
	const char *shard, *name;
	int dir; /* the shard's */
};
typedef int (*pool_visit)(void *ctx, const struct pool_entry *entry, struct err *err);
int pool_each(const struct pool *pool, pool_visit visit, void *ctx, struct err *err);

#endif
