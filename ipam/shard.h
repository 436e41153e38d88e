/*
 * shard.h - a pool's addresses in blocks of 256: directories that are cheap to list.
 *
 * A shard is named after its block, "192.168.1.0-24" or "2001:db8::-120", and holds
 * what the range has in it. Blocks are aligned, so an address's last byte is its slot.
 * Where nodes take parts of the range for themselves, a shard is no larger than such a
 * part. No input or output here.
 */
#ifndef IPAM_SHARD_H
#define IPAM_SHARD_H

#include "ipam/range.h"

#define SHARD_LEN   (IP_LEN + 4)
#define SHARD_SLOTS 256

struct shard {
	struct ip base;	  /* slot 0 */
	struct span span; /* of the range, in this block */
	char name[SHARD_LEN];
};

/* The shard of a range in which an address lies. */
struct shard shard_of(const struct range *range, const struct ip *ip);

/* Read a directory's name; false when it is no shard of this range. */
bool shard_parse(const struct range *range, const char *name, struct shard *ret);

/* How many slots lie between the shard's first address and its last. */
int shard_size(const struct shard *shard);

static inline int shard_slot(const struct ip *ip)
{
	return ip->b[ip_bytes(ip->family) - 1];
}

/* The address in a slot. */
struct ip shard_ip(const struct shard *shard, int slot);

/*
 * The first shard of the range, in range order, that is not among `made`, which must be
 * sorted; false when all are made that could hold an address.
 */
bool shard_next(const struct range *range, const struct shard *made, int n_made,
		struct shard *ret);

/* For qsort(). */
int shard_cmp(const void *a, const void *b);

#endif
