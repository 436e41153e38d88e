/*
 * pick.h - in which order the free addresses of a shard are tried.
 *
 * First those that were never used or have rested for `delay` seconds, from a start
 * that depends on the pod and not on the network, upwards: so the rails of a pod get
 * the same host part, and a pod that comes again gets its address back. The ones still
 * resting are for when nothing else is left, the longest rested first.
 * No input or output here.
 */
#ifndef IPAM_PICK_H
#define IPAM_PICK_H

#include "ipam/lease.h"
#include "ipam/shard.h"

/* What a listing of a shard showed. */
struct view {
	bool free[SHARD_SLOTS];
	bool taken[SHARD_SLOTS];
	int64_t freed[SHARD_SLOTS];
	int n_held, n_reserved;
};

/* One file of the listing. */
void view_note(struct view *view, const struct lease *lease);

struct candidate {
	struct ip ip;
	int64_t freed; /* with it, the name to claim */
};

struct pick {
	const struct range *range;
	uint64_t hash;	    /* of the pod */
	int64_t now, delay; /* seconds */
};

/* At most max of the rested candidates, in order; how many. */
int pick_rested(const struct pick *pick, const struct shard *shard,
		const struct view *view, struct candidate *ret, int max);

/* Sort the resting ones into ret[0..count), which may hold those of other shards; the
 * new count, at most max. */
int pick_resting(const struct pick *pick, const struct shard *shard,
		 const struct view *view, struct candidate *ret, int count, int max);

/* At which of n things the pod's search starts; `level` 0 is the shard, 1 the slot. */
int pick_start(uint64_t hash, int level, int n);

#endif
