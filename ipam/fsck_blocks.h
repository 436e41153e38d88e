/* fsck_blocks.h - has every block one file, and does that mean anything? */
#ifndef IPAM_FSCK_BLOCKS_H
#define IPAM_FSCK_BLOCKS_H

#include "ipam/block.h"
#include "ipam/fsck.h"

int fsck_blocks(const struct pool *pool, const struct blockdir *dir, struct faults *ret,
		struct err *err);

#endif
