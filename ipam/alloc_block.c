/* alloc_block.c - an address from the blocks that this node has, or takes. */
#include <string.h>
#include <time.h>

#include "ipam/alloc_block.h"
#include "ipam/alloc_make.h"
#include "ipam/alloc_range.h"
#include "ipam/blocks.h"
#include "ipam/digest.h"

static bool is_mine(const struct alloc *a, const struct block *block)
{
	return block->state == LEASE_HELD && !strcmp(block->node, a->session->node.name);
}

static int from_mine(struct alloc *a, const struct range *range,
		     const struct blocks *blocks, struct ip *ret, struct err *err)
{
	int r = 0;

	for (int i = 0; i < blocks->n && r == 0; i++) {
		struct range part = range_part(range, &blocks->list[i].cidr.ip);

		if (is_mine(a, &blocks->list[i]))
			r = alloc_any(a, &part, ret, err);
	}
	return r;
}

struct wanted_dir {
	const struct range *range;
	const struct blockdir *dir;
};

static int make_once(struct alloc *a, const void *what, struct err *err)
{
	const struct pool *pool = &a->session->pool;
	const struct wanted_dir *wanted = what;
	_autoblockdirs_ struct blockdirs dirs = { 0 };

	if (blocks_dirs(pool, wanted->range, &dirs, err))
		return -1;
	if (dirs.n &&
	    bsearch(wanted->dir, dirs.list, dirs.n, sizeof(*dirs.list), blockdir_cmp))
		return 0;
	return pool_make_blocks(pool, a->session->conf, wanted->dir, err);
}

static int make_dir(struct alloc *a, const struct range *range,
		    const struct blockdir *dir, struct err *err)
{
	struct wanted_dir wanted = { range, dir };

	return alloc_make(a, dir->name, make_once, &wanted, err);
}

/* 1 when there is one more directory now, 0 when all are made, or -1. */
static int make_next(struct alloc *a, const struct range *range, struct err *err)
{
	_autoblockdirs_ struct blockdirs dirs = { 0 };
	struct blockdir next;

	if (blocks_dirs(&a->session->pool, range, &dirs, err))
		return -1;
	if (!blockdir_next(range, dirs.list, dirs.n, &next))
		return 0;
	return make_dir(a, range, &next, err) ? -1 : 1;
}

/* A block that was given back lately comes last: peers may still have its routes. */
static bool is_rested(const struct alloc *a, const struct block *block)
{
	return block->freed < 0 ||
	       block->freed <= time(NULL) - a->session->conf->reuse_delay;
}

/* From the node's own place upwards, so that it gets the same one again as a rule. 1 when
 * one may be ours, 0 when there is none, or -1. */
static int take_any(struct alloc *a, const struct range *range,
		    const struct blocks *blocks, bool rested, struct err *err)
{
	uint64_t hash = digest_u64(a->session->node.name);
	int home = blocks->n ? pick_start(hash, 0, blocks->n) : 0, r = 0;

	for (int i = 0; i < blocks->n && r == 0; i++) {
		const struct block *block = &blocks->list[(home + i) % blocks->n];

		if (block->state == LEASE_FREE && (!rested || is_rested(a, block)))
			r = blocks_claim(a->session, range, block, err);
	}
	return r;
}

/* 1 when it is worth another look, 0 when there is nothing left, or -1. */
static int take_block(struct alloc *a, const struct range *range,
		      const struct blocks *blocks, struct err *err)
{
	int r = take_any(a, range, blocks, true, err);

	if (r == 0)
		r = make_next(a, range, err);
	return r ? r : take_any(a, range, blocks, false, err);
}

static int from_any(struct alloc *a, const struct range *range, struct ip *ret,
		    struct err *err)
{
	int r = alloc_hinted(a, range, ret, err);

	if (r)
		return r;
	for (int round = 0; !alloc_awaited(a, round, err); round++) {
		_autoblocks_ struct blocks blocks = { 0 };

		if (blocks_list(&a->session->pool, range, &blocks, err))
			return -1;
		r = from_mine(a, range, &blocks, ret, err);
		if (r)
			return r;
		r = take_block(a, range, &blocks, err);
		if (r <= 0)
			return r;
	}
	return -1;
}

static const struct block *block_with(const struct blocks *blocks, const struct ip *ip)
{
	for (int i = 0; i < blocks->n; i++)
		if (cidr_contains(&blocks->list[i].cidr, ip))
			return &blocks->list[i];
	return NULL;
}

static int refused(const struct ip *ip, const struct block *block, struct err *err)
{
	char one[IP_LEN], two[CIDR_LEN];

	ip_format(ip, one);
	if (!block)
		return err_cni(err, CNI_NO_ADDRESS, "address %s is in no block", one);
	cidr_format(&block->cidr, two);
	if (block->state == LEASE_HELD)
		return err_cni(err, CNI_NO_ADDRESS,
			       "address %s is of block %s, which node %s has", one, two,
			       block->node);
	return err_cni(err, CNI_NO_ADDRESS, "address %s is of block %s: set aside: %s",
		       one, two, block->note);
}

static int from_wanted(struct alloc *a, const struct range *range,
		       const struct ip *wanted, struct ip *ret, struct err *err)
{
	struct blockdir dir = blockdir_of(range, wanted);
	struct range part = range_part(range, wanted);

	for (int round = 0; !alloc_awaited(a, round, err); round++) {
		_autoblocks_ struct blocks blocks = { 0 };
		const struct block *block;
		int r = blocks_in(&a->session->pool, &dir, &blocks, err);

		if (r < 0 || (r == 0 && make_dir(a, range, &dir, err)))
			return -1;
		if (r == 0)
			continue;
		block = block_with(&blocks, wanted);
		if (block && is_mine(a, block))
			return alloc_wanted(a, &part, wanted, ret, err);
		if (!block || block->state != LEASE_FREE)
			return refused(wanted, block, err);
		if (blocks_claim(a->session, range, block, err) < 0)
			return -1;
	}
	return -1;
}

int alloc_from_blocks(struct alloc *a, const struct range *range, const struct ip *wanted,
		      struct ip *ret, struct err *err)
{
	struct range part;

	if (!wanted->family)
		return from_any(a, range, ret, err);
	part = range_part(range, wanted);
	if (!span_contains(&range->span, wanted) || !range_usable(&part, wanted))
		return 0;
	return from_wanted(a, range, wanted, ret, err);
}
