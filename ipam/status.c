/* status.c - STATUS: would an ADD find an address now? */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ipam/blocks.h"
#include "ipam/claim.h"
#include "ipam/sweep.h"
#include "ipam/verbs.h"

/* A free address in an existing shard, or a shard that could be made. */
static int has_room_in(struct session *s, const struct range *range, struct err *err)
{
	_autoshards_ struct shards shards = { 0 };
	struct shard next;

	if (pool_shards(&s->pool, range, &shards, err))
		return -1;
	if (shard_next(range, shards.list, shards.n, &next))
		return 1;
	for (int i = 0; i < shards.n; i++) {
		_autoscan_ struct scan scan = SCAN_NONE;
		struct pick pick = { .range = range };
		struct candidate one;
		int r = scan_shard(s, &shards.list[i], &scan, err);

		if (r < 0)
			return -1;
		if (r && pick_rested(&pick, &shards.list[i], &scan.view, &one, 1))
			return 1;
	}
	return 0;
}

/* A block that could be taken, or room in one of this node's. */
static int has_room_in_blocks(struct session *s, const struct range *range,
			      struct err *err)
{
	_autoblockdirs_ struct blockdirs dirs = { 0 };
	_autoblocks_ struct blocks blocks = { 0 };
	struct blockdir next;
	int r = 0;

	if (blocks_dirs(&s->pool, range, &dirs, err))
		return -1;
	if (blockdir_next(range, dirs.list, dirs.n, &next))
		return 1;
	if (blocks_list(&s->pool, range, &blocks, err))
		return -1;
	for (int i = 0; i < blocks.n && r == 0; i++) {
		const struct block *block = &blocks.list[i];
		struct range part = range_part(range, &block->cidr.ip);

		if (block->state == LEASE_FREE)
			return 1;
		if (block->state == LEASE_HELD && !strcmp(block->node, s->node.name))
			r = has_room_in(s, &part, err);
	}
	return r;
}

static int has_room(struct session *s, const struct range *range, struct err *err)
{
	return range->block ? has_room_in_blocks(s, range, err)
			    : has_room_in(s, range, err);
}

static int check_set(struct session *s, int set, struct err *err)
{
	const struct conf *conf = s->conf;
	char ranges[CONF_RANGES_LEN];
	int r = 0;

	for (int i = 0; i < conf->n_ranges && r == 0; i++)
		if (conf->ranges[i].set == set)
			r = has_room(s, &conf->ranges[i], err);
	if (r)
		return r < 0 ? -1 : 0;
	err_cni(err, CNI_NOT_AVAILABLE, "pool %s of store %s is full: %s", s->pool.name,
		s->store.path, conf_ranges(conf, ", ", ranges));
	return err_hint(err, "who holds the addresses: rail-ipam list %s/%s",
			s->store.path, s->pool.name);
}

/* Root is not stopped by modes, but by a read-only file system and by a server. */
static int check_writable(struct session *s, struct err *err)
{
	const char *path = s->known.basis ? s->pool.name : ".";

	if (!faccessat(s->store.root, path, W_OK, 0))
		return 0;
	return err_set(err, errno, "write to store %s", s->store.path);
}

static int work(struct session *s, void *arg, struct err *err)
{
	struct err ignored;

	(void)arg;
	if (session_trust(s, TRUST_LOOK, err)) {
		/* The default store comes into being with the first ADD. */
		return err->no == ENOENT && s->conf->own_store ? 0 : -1;
	}
	(void)drain_pending(s, &ignored);
	if (check_writable(s, err))
		return -1;
	if (!s->known.basis)
		return 0; /* the first ADD makes the pool */
	(void)sweep_vanished(s);
	for (int set = 0; set < s->conf->n_sets; set++)
		if (check_set(s, set, err))
			return -1;
	return 0;
}

int status(const struct cni_call *call, struct err *err)
{
	static struct conf conf;
	struct job job = { call, &conf, work, NULL };

	if (conf_parse(call, &conf, err))
		return -1;
	if (!job_run(&job, err))
		return 0;
	/* Whatever it is, no ADD can work now; but a configuration must be mended. */
	if (err->code != CNI_BAD_CONFIG)
		err->code = CNI_NOT_AVAILABLE;
	return -1;
}
