/* fsck_blocks.c - has every block one file, and does that mean anything? */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pkg/clock.h"
#include "ipam/blocks.h"
#include "ipam/fsck_blocks.h"
#include "ipam/hold.h"
#include "ipam/listing.h"

static int tell(struct faults *faults, enum fault_kind kind, const char *dir,
		const struct cidr *block, struct err *err)
{
	char text[CIDR_LEN];
	struct fault *fault =
		faults_add(faults, kind, dir, cidr_format(block, text), err);

	if (!fault)
		return -1;
	block_key(block, fault->key);
	return 0;
}

static bool same_block(const struct blocks *blocks, int i, int k)
{
	return k >= 0 && k < blocks->n &&
	       cidr_equal(&blocks->list[i].cidr, &blocks->list[k].cidr);
}

static bool looks_fine(const struct blocks *blocks)
{
	for (int i = 1; i < blocks->n; i++)
		if (same_block(blocks, i, i - 1))
			return false;
	return true;
}

/* Of files of one block, from number i on. */
static int holders(const struct blocks *blocks, int i)
{
	int count = 0;

	for (int k = i; same_block(blocks, i, k); k++)
		count += blocks->list[k].state == LEASE_HELD;
	return count;
}

static bool is_leftover(const struct block *block)
{
	char name[LEASE_LEN + 1];

	snprintf(name, sizeof(name), "=%s", block->note);
	return block->state == LEASE_RESERVED && hold_is_stale(name);
}

static int check_block(const struct blocks *blocks, int i, const char *dir,
		       struct faults *ret, struct err *err)
{
	const struct cidr *block = &blocks->list[i].cidr;

	if (same_block(blocks, i, i - 1))
		return 0; /* told with the first */
	if (same_block(blocks, i, i + 1))
		return tell(ret, holders(blocks, i) > 1 ? FAULT_CONFLICT : FAULT_DOUBLE,
			    dir, block, err);
	if (blocks->list[i].state == LEASE_ODD)
		return tell(ret, FAULT_ODD, dir, block, err);
	return is_leftover(&blocks->list[i]) ? tell(ret, FAULT_LEFTOVER, dir, block, err)
					     : 0;
}

int fsck_blocks(const struct pool *pool, const struct blockdir *dir, struct faults *ret,
		struct err *err)
{
	_autoblocks_ struct blocks blocks = { 0 };

	for (int look = 0; look < FSCK_LOOKS; look++) {
		blocks_clear(&blocks);
		if (blocks_in(pool, dir, &blocks, err) < 0)
			return -1;
		if (looks_fine(&blocks))
			break;
		sleep_ms(FSCK_PAUSE);
	}
	for (int i = 0; i < blocks.n; i++)
		if (check_block(&blocks, i, dir->name, ret, err))
			return -1;
	return 0;
}

static struct cidr block_of(const struct range *range, const struct shard *shard)
{
	struct cidr block = { shard->base, range->block };

	block.ip = cidr_first(&block);
	return block;
}

/* A shard is made by the node that has its block: then the block has a file. */
static int check_shard(const struct pool *pool, const struct range *range,
		       const struct shard *shard, struct faults *ret, struct err *err)
{
	struct blockdir dir = blockdir_of(range, &shard->base);
	struct cidr block = block_of(range, shard);
	char key[BLOCK_KEY_LEN];
	struct twins twins = { .n = 0 };

	block_key(&block, key);
	for (int look = 0; look < FSCK_LOOKS; look++) {
		if (look)
			sleep_ms(FSCK_PAUSE);
		if (twins_list(pool, dir.name, key, &twins, err) && err->no != ENOENT)
			return -1;
		if (twins.n)
			return 0;
	}
	return tell(ret, FAULT_LOST, dir.name, &block, err);
}

static bool is_told(const struct faults *faults, const struct range *range,
		    const struct shard *shard)
{
	struct cidr block = block_of(range, shard);
	char text[CIDR_LEN];

	return faults->n &&
	       !strcmp(faults->list[faults->n - 1].place, cidr_format(&block, text));
}

int fsck_lost_blocks(const struct pool *pool, const struct conf *made, struct faults *ret,
		     struct err *err)
{
	for (int i = 0; i < made->n_ranges; i++) {
		const struct range *range = &made->ranges[i];
		_autoshards_ struct shards shards = { 0 };

		if (!range->block)
			continue;
		if (pool_shards(pool, range, &shards, err))
			return -1;
		for (int k = 0; k < shards.n; k++)
			if (!is_told(ret, range, &shards.list[k]) &&
			    check_shard(pool, range, &shards.list[k], ret, err))
				return -1;
	}
	return 0;
}

/* Who has leases in a block. */
struct tenants {
	const struct cidr *block;
	char node[NODE_LEN];
	bool several;
};

static int note_tenant(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct tenants *tenants = ctx;
	char node[NODE_LEN];
	struct lease lease;

	(void)err;
	if (!lease_parse(entry->name, &lease) || lease.state != LEASE_HELD ||
	    !cidr_contains(tenants->block, &lease.ip))
		return 0;
	snprintf(node, sizeof(node), "%.*s", (int)strcspn(lease.rest, ","), lease.rest);
	if (*tenants->node && strcmp(tenants->node, node))
		tenants->several = true;
	strcpy(tenants->node, node);
	return 0;
}

static int name_lost(const struct tenants *tenants, const char *key, char ret[LEASE_LEN],
		     struct err *err)
{
	char nonce[NONCE_LEN];

	if (state_nonce(nonce, err))
		return -1;
	if (tenants->several)
		snprintf(ret, LEASE_LEN, "%s=reserved,several-nodes-lease-from-it", key);
	else if (*tenants->node)
		snprintf(ret, LEASE_LEN, "%s=%s,%s", key, tenants->node, nonce);
	else
		snprintf(ret, LEASE_LEN, "%s@%lld", key, (long long)time(NULL));
	return 0;
}

int fsck_mend_block(const struct pool *pool, const struct fault *fault,
		    char what[FSCK_WHAT_LEN], struct err *err)
{
	struct cidr block;
	struct tenants tenants = { .block = &block };
	char name[LEASE_LEN];
	int r;

	if (!cidr_parse(fault->place, &block))
		return 0;
	if (pool_each(pool, note_tenant, &tenants, err) ||
	    name_lost(&tenants, fault->key, name, err))
		return -1;
	r = hold_make(pool, fault->shard, name, err);
	if (r > 0)
		snprintf(what, FSCK_WHAT_LEN, "made %s", name);
	return r;
}
