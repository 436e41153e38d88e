/* fsck_shard.h - one look at a shard: which slot has which files. */
#ifndef IPAM_FSCK_SHARD_H
#define IPAM_FSCK_SHARD_H

#include "ipam/lease.h"
#include "ipam/pool.h"

#define SLOT_FILES 4 /* that are remembered of an address */

struct slot {
	int n;
	char names[SLOT_FILES][LEASE_LEN];
};

struct shard_look {
	struct slot slots[SHARD_SLOTS];
	bool hole[SHARD_SLOTS]; /* has no file, and never had one */
	bool holes_known;
	int n_other;
	char other[8][LEASE_LEN]; /* names that are of no address of the shard */
};

/* List it afresh: 1, 0 when there is no such shard, or -1. */
int shard_look(const struct pool *pool, const char *shard, struct shard_look *ret,
	       struct err *err);

#endif
