/*
 * fsck.h - has every address exactly one file? What is found, and what mends it.
 *
 * A listing is not atomic: a file that is renamed meanwhile may show twice or not at
 * all. So what looks wrong is looked at again, and only what stays wrong is told.
 */
#ifndef IPAM_FSCK_H
#define IPAM_FSCK_H

#include "pkg/json.h"
#include "ipam/pool.h"

#define FSCK_LOOKS 3  /* in a row, before something counts as wrong */
#define FSCK_PAUSE 50 /* ms between them */

enum fault_kind {
	FAULT_LOST,	 /* an address without a file */
	FAULT_DOUBLE,	 /* an address with several, of which one is leased at most */
	FAULT_CONFLICT,	 /* an address with several leases */
	FAULT_ODD,	 /* a name that means nothing */
	FAULT_MISPLACED, /* an address that does not belong into this shard */
	FAULT_LINKED,	 /* one inode under several names: renaming does nothing */
	FAULT_LEFTOVER,	 /* what a killed process began to make */
	FAULT_FOREIGN,	 /* a directory that is no shard of the pool */
};

struct fault {
	enum fault_kind kind;
	char shard[NAME_MAX + 1];
	struct ip ip;
	char text[512]; /* the names concerned */
};

struct faults {
	struct fault *list;
	int n, checked; /* addresses */
};

/* Look through a pool, made for these ranges. */
int fsck_pool(const struct pool *pool, const struct conf *made, struct faults *ret,
	      struct err *err);

/* Mend one: 1 done, 0 it cannot be mended from here, -1. *what tells it. */
int fsck_mend(const struct pool *pool, const struct fault *fault, char what[600],
	      struct err *err);

/* For who looks: one more fault; NULL with *err when memory is out. */
struct fault *faults_add(struct faults *faults, enum fault_kind kind, const char *shard,
			 struct err *err);
const char *fault_text(enum fault_kind kind);
void faults_clear(struct faults *faults);
#define _autofaults_ _cleanup_(faults_clear)

#endif
