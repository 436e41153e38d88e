/*
 * blocks.h - the blocks of a pool: which node has which, take one, give it back.
 *
 * A block is taken like an address, by renaming its file. What came of that is never
 * concluded from the answer but from the next listing, so a lost reply does no harm.
 */
#ifndef IPAM_BLOCKS_H
#define IPAM_BLOCKS_H

#include "ipam/block.h"
#include "ipam/session.h"

struct blocks {
	struct block *list; /* in order of address */
	int n;
};
void blocks_clear(struct blocks *blocks);
#define _autoblocks_ _cleanup_(blocks_clear)

struct blockdirs {
	struct blockdir *list; /* sorted */
	int n;
};
void blockdirs_clear(struct blockdirs *dirs);
#define _autoblockdirs_ _cleanup_(blockdirs_clear)

/* Freshly listed: the directories of a range, the blocks in them, those in one of them
 * (none when there is no such directory: then 0 is returned, else 1; -1). */
int blocks_dirs(const struct pool *pool, const struct range *range, struct blockdirs *ret,
		struct err *err);
int blocks_list(const struct pool *pool, const struct range *range, struct blocks *ret,
		struct err *err);
int blocks_in(const struct pool *pool, const struct blockdir *dir, struct blocks *ret,
	      struct err *err);

/* Ask for a free block: 1 when it may be ours, 0 when another was faster, or -1. */
int blocks_claim(const struct session *session, const struct range *range,
		 const struct block *block, struct err *err);

/* As long as this process lives none of the node's blocks is given back by another. Does
 * nothing when the configuration has no blocks. */
int blocks_lock(struct session *session, struct err *err);

/* Give back all blocks of this node in which nothing is leased: how many, or -1. */
int blocks_return(struct session *session, struct err *err);

#endif
