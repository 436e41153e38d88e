/* alloc_block.h - an address from the blocks that this node has, or takes. */
#ifndef IPAM_ALLOC_BLOCK_H
#define IPAM_ALLOC_BLOCK_H

#include "ipam/alloc.h"

/* The wanted address, or any when its family is AF_UNSPEC: 1 with *ret, 0 when there is
 * no block left to take, or -1. The session has blocks_lock(). */
int alloc_from_blocks(struct alloc *alloc, const struct range *range,
		      const struct ip *wanted, struct ip *ret, struct err *err);

#endif
