/* alloc_range.h - an address from one range: through its shards. All return 1 with *ret,
 * 0 when there is none, or -1. */
#ifndef IPAM_ALLOC_RANGE_H
#define IPAM_ALLOC_RANGE_H

#include "ipam/alloc.h"

/* One that the attachment holds already in this shard. */
int alloc_resume(struct alloc *alloc, const struct shard *shard, struct ip *ret,
		 struct err *err);

/* This one and no other; fails when it is taken. */
int alloc_wanted(struct alloc *alloc, const struct range *range, const struct ip *wanted,
		 struct ip *ret, struct err *err);

/* Any of where this node saw free addresses last. */
int alloc_hinted(struct alloc *alloc, const struct range *range, struct ip *ret,
		 struct err *err);

/* Any; 0 only after a fresh listing of all shards. */
int alloc_any(struct alloc *alloc, const struct range *range, struct ip *ret,
	      struct err *err);

#endif
