/* fsck_blocks.h - has every block one file, and does that mean anything? */
#ifndef IPAM_FSCK_BLOCKS_H
#define IPAM_FSCK_BLOCKS_H

#include "ipam/block.h"
#include "ipam/fsck.h"

/* The files of one directory of blocks. */
int fsck_blocks(const struct pool *pool, const struct blockdir *dir, struct faults *ret,
		struct err *err);

/* Blocks that addresses were handed out of, and that have no file. */
int fsck_lost_blocks(const struct pool *pool, const struct conf *made, struct faults *ret,
		     struct err *err);

/* Give such a block its file again: that of the node that has leases in it. As
 * fsck_mend(). */
int fsck_mend_block(const struct pool *pool, const struct fault *fault,
		    char what[FSCK_WHAT_LEN], struct err *err);

#endif
