/* blocks.c - the blocks of a pool: which node has which, take one, give it back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "ipam/blocks.h"
#include "ipam/claim.h"
#include "ipam/listing.h"
#include "ipam/release.h"

void blocks_clear(struct blocks *blocks)
{
	free(blocks->list);
	*blocks = (struct blocks){ 0 };
}

void blockdirs_clear(struct blockdirs *dirs)
{
	free(dirs->list);
	*dirs = (struct blockdirs){ 0 };
}

struct gather {
	const struct range *range;
	struct blockdirs *dirs;
};

static int note_dir(void *ctx, const char *name, struct err *err)
{
	struct gather *gather = ctx;
	struct blockdirs *dirs = gather->dirs;
	struct blockdir dir, *more;

	if (!blockdir_parse(gather->range, name, &dir))
		return 0;
	more = grow(dirs->list, dirs->n, sizeof(*more));
	if (!more)
		return err_set(err, ENOMEM, "list blocks");
	dirs->list = more;
	more[dirs->n++] = dir;
	return 0;
}

static int failed(const struct pool *pool, struct err *err)
{
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "blocks of pool %s of store %s", pool->name,
			pool->store->path);
}

int blocks_dirs(const struct pool *pool, const struct range *range, struct blockdirs *ret,
		struct err *err)
{
	_autoblockdirs_ struct blockdirs found = { 0 };
	struct gather gather = { range, &found };
	_autoclose_ int dir = pool_open_shard(pool, ".", err);

	if (dir < 0)
		return -1;
	if (list_names(dir, note_dir, &gather, err))
		return failed(pool, err);
	if (found.n)
		qsort(found.list, found.n, sizeof(*found.list), blockdir_cmp);
	*ret = found;
	found = (struct blockdirs){ 0 };
	return 0;
}

static int note_block(void *ctx, const char *name, struct err *err)
{
	struct blocks *blocks = ctx;
	struct block block, *more;

	if (!block_parse(name, &block))
		return 0;
	more = grow(blocks->list, blocks->n, sizeof(*more));
	if (!more)
		return err_set(err, ENOMEM, "list blocks");
	blocks->list = more;
	more[blocks->n++] = block;
	return 0;
}

static int cmp(const void *a, const void *b)
{
	const struct block *one = a, *two = b;

	return ip_cmp(&one->cidr.ip, &two->cidr.ip);
}

int blocks_in(const struct pool *pool, const struct blockdir *blockdir,
	      struct blocks *ret, struct err *err)
{
	_autoclose_ int dir = pool_open_shard(pool, blockdir->name, err);

	if (dir < 0)
		return err->no == ENOENT ? 0 : -1;
	if (list_names(dir, note_block, ret, err))
		return failed(pool, err);
	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list), cmp);
	return 1;
}

int blocks_list(const struct pool *pool, const struct range *range, struct blocks *ret,
		struct err *err)
{
	_autoblockdirs_ struct blockdirs dirs = { 0 };
	_autoblocks_ struct blocks found = { 0 };

	if (blocks_dirs(pool, range, &dirs, err))
		return -1;
	for (int i = 0; i < dirs.n; i++)
		if (blocks_in(pool, &dirs.list[i], &found, err) < 0)
			return -1;
	*ret = found;
	found = (struct blocks){ 0 };
	return 0;
}

static int rename_block(int dir, const char *from, const char *to, struct err *err)
{
	if (!renameat(dir, from, dir, to)) {
		(void)fsync(dir);
		return 1;
	}
	if (errno == ENOENT)
		return 0;
	err_set(err, errno, "rename %s to %s", from, to);
	return err_code(err, CNI_TRY_LATER);
}

int blocks_claim(const struct session *s, const struct range *range,
		 const struct block *block, struct err *err)
{
	struct blockdir blockdir = blockdir_of(range, &block->cidr.ip);
	_autoclose_ int dir = pool_open_shard(&s->pool, blockdir.name, err);
	char from[LEASE_LEN], to[LEASE_LEN], nonce[NONCE_LEN];
	int r;

	if (dir < 0 || state_nonce(nonce, err))
		return -1;
	block_free_name(range, &block->cidr.ip, block->freed, from);
	block_held_name(range, &block->cidr.ip, s->node.name, nonce, to);
	r = rename_block(dir, from, to, err);
	return r < 0 ? failed(&s->pool, err) : r;
}

static char *lock_of(const struct session *s, char buf[STATE_KEY_LEN])
{
	return state_hashed("blocks", s->conf->store, s->conf->pool, buf);
}

int blocks_lock(struct session *s, struct err *err)
{
	char key[STATE_KEY_LEN];

	return conf_has_blocks(s->conf)
		       ? state_share(&s->state, lock_of(s, key), s->worker, err)
		       : 0;
}

/* Is nothing leased or set aside in it? 1, 0 or -1. */
static int is_empty(const struct session *s, const struct range *part, struct err *err)
{
	_autoshards_ struct shards shards = { 0 };

	if (pool_shards(&s->pool, part, &shards, err))
		return -1;
	for (int i = 0; i < shards.n; i++) {
		_autoscan_ struct scan scan = SCAN_NONE;
		int r = scan_shard(s, &shards.list[i], &scan, err);

		if (r < 0)
			return -1;
		for (int slot = 0; r && slot < SHARD_SLOTS; slot++)
			if (scan.view.taken[slot])
				return 0;
	}
	return 1;
}

/* This node shall not look there again before it has the block again. */
static int forget(struct session *s, const struct range *part, struct err *err)
{
	struct known *known = &s->known;
	struct shard shard;

	for (int i = 0; i < known->n_hints; i++)
		if (shard_parse(part, known->hints[i].shard, &shard))
			known_hint(known, known->hints[i].shard, true);
	return known_save(&s->state, known, false, err);
}

static int return_one(struct session *s, const struct range *range,
		      const struct block *block, struct err *err)
{
	struct range part = range_part(range, &block->cidr.ip);
	struct blockdir blockdir = blockdir_of(range, &block->cidr.ip);
	char name[LEASE_LEN];
	struct pool_entry entry = { .shard = blockdir.name, .name = name };
	_autoclose_ int dir = -1;
	int r = is_empty(s, &part, err);

	if (r <= 0)
		return r;
	if (forget(s, &part, err))
		return -1;
	dir = pool_open_shard(&s->pool, blockdir.name, err);
	if (dir < 0)
		return -1;
	entry.dir = dir;
	block_held_name(range, &block->cidr.ip, block->node, block->nonce, name);
	return release_name(&entry, err);
}

static int return_of(struct session *s, const struct range *range, struct err *err)
{
	_autoblocks_ struct blocks blocks = { 0 };
	int count = 0;

	if (blocks_list(&s->pool, range, &blocks, err))
		return -1;
	for (int i = 0; i < blocks.n; i++) {
		const struct block *block = &blocks.list[i];
		int r = 0;

		if (block->state == LEASE_HELD && !strcmp(block->node, s->node.name))
			r = return_one(s, range, block, err);
		if (r < 0)
			return -1;
		count += r;
	}
	return count;
}

/* Nobody takes an address while we look: the lock is held alone, or nothing is done. */
static int return_locked(struct session *s, struct err *err)
{
	const struct conf *conf = s->conf;
	int count = 0;

	for (int i = 0; i < conf->n_ranges; i++) {
		int r = conf->ranges[i].block ? return_of(s, &conf->ranges[i], err) : 0;

		if (r < 0)
			return -1;
		count += r;
	}
	return count;
}

int blocks_return(struct session *s, struct err *err)
{
	char key[STATE_KEY_LEN];
	int r;

	if (!conf_has_blocks(s->conf))
		return 0;
	r = state_trylock(&s->state, lock_of(s, key), err);
	if (r)
		return r < 0 ? -1 : 0;
	r = return_locked(s, err);
	state_unlock(&s->state, key);
	return r;
}
