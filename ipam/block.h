/*
 * block.h - parts of a range that nodes take for themselves, as files.
 *
 * In a routed fabric a node, or a rack, owns a prefix. A pool with "perNode" has a file
 * for every block of its range, in directories of at most 256:
 *
 *	blocks-10.0.0.0-18/
 *		10.0.3.64-26				free, never taken
 *		10.0.3.128-26@1732262400		free since then
 *		10.0.3.192-26=gpu07,a81c44d0		taken by a node
 *		10.0.4.0-26=reserved,printers		set aside by an operator
 *
 * The addresses in a block are leased as in any pool, by the node that has it. A block
 * stays with its node over reboots. No input or output here.
 */
#ifndef IPAM_BLOCK_H
#define IPAM_BLOCK_H

#include "ipam/lease.h"
#include "ipam/range.h"

#define BLOCKDIR_LEN (IP_LEN + 11)

struct blockdir {
	struct span span; /* all addresses of its blocks */
	char name[BLOCKDIR_LEN];
};

/* The directory with the block that holds an address. */
struct blockdir blockdir_of(const struct range *range, const struct ip *ip);

/* Read a directory's name; false when it is none of this range's. */
bool blockdir_parse(const struct range *range, const char *name, struct blockdir *ret);
bool blockdir_is_of(const struct blockdir *dir, const struct range *range);
bool blockdir_is_name(const char *name);

/* For qsort(). */
int blockdir_cmp(const void *a, const void *b);

/* The first directory, in range order, that is not among the sorted ones made. */
bool blockdir_next(const struct range *range, const struct blockdir *made, int n_made,
		   struct blockdir *ret);

/* Move *ip up to the first address of the next block in the directory that has an address
 * to hand out, which may be that of *ip itself; false when there is none. */
bool block_next(const struct range *range, const struct blockdir *dir, struct ip *ip);

/* *ip to the first address behind its block; false when there is none. */
bool block_behind(const struct range *range, struct ip *ip);

/* What a file of such a directory says. */
struct block {
	struct cidr cidr;
	enum lease_state state;
	int64_t freed; /* LEASE_FREE: seconds since 1970; -1: never taken */
	char node[NODE_LEN], nonce[NONCE_LEN]; /* LEASE_HELD; node as in file names */
	char note[LEASE_LEN];		       /* LEASE_RESERVED, LEASE_ODD */
};

bool block_parse(const char *name, struct block *ret);

/* Names; the first two are of the block that holds the address. */
char *block_free_name(const struct range *range, const struct ip *ip, int64_t freed,
		      char buf[LEASE_LEN]);
char *block_held_name(const struct range *range, const struct ip *ip, const char *node,
		      const char *nonce, char buf[LEASE_LEN]);

/* What the names of all files of a block begin with: "10.0.3.64-26". */
#define BLOCK_KEY_LEN (IP_LEN + 4)
char *block_key(const struct cidr *block, char buf[BLOCK_KEY_LEN]);

#endif
