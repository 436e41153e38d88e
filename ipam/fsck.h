/*
 * fsck.h - has every address, and every block, exactly one file? What mends it?
 *
 * A listing is not atomic: a file that is renamed meanwhile may show twice or not at
 * all. So what looks wrong is looked at again, and only what stays wrong is told.
 */
#ifndef IPAM_FSCK_H
#define IPAM_FSCK_H

#include "pkg/json.h"
#include "ipam/block.h"
#include "ipam/pool.h"

#define FSCK_LOOKS 3  /* in a row, before something counts as wrong */
#define FSCK_PAUSE 50 /* ms between them */

enum fault_kind {
	FAULT_LOST,	 /* an address or a block without a file */
	FAULT_DOUBLE,	 /* one with several, of which one is leased at most */
	FAULT_CONFLICT,	 /* one with several leases */
	FAULT_ODD,	 /* a name that means nothing */
	FAULT_MISPLACED, /* an address that does not belong into this shard */
	FAULT_LINKED,	 /* one inode under several names: renaming does nothing */
	FAULT_LEFTOVER,	 /* what a killed process began */
	FAULT_FOREIGN,	 /* a directory that is no shard of the pool */
};

struct fault {
	enum fault_kind kind;
	char shard[NAME_MAX + 1];
	char place[NAME_MAX + 1]; /* an address, a block, or a name, for people */
	char key[BLOCK_KEY_LEN]; /* of the files of an address or block (hold.h), or "" */
	char names[2 * LEASE_LEN]; /* those files, as many as fit */
};

struct faults {
	struct fault *list;
	int n, checked; /* addresses */
};

/* Look through a pool, made for these ranges. */
int fsck_pool(const struct pool *pool, const struct conf *made, struct faults *ret,
	      struct err *err);

/*
 * Mend one, as far as it is certain: 1 done, 0 a person must decide, -1. *what tells what
 * was done. Of several leases none is taken away, unless it is of a boot of this very
 * node that is over.
 */
#define FSCK_WHAT_LEN 600
int fsck_mend(const struct pool *pool, const struct fault *fault,
	      char what[FSCK_WHAT_LEN], struct err *err);

/* Between which commands a person chooses: visit() gets each. */
int fsck_choices(const struct pool *pool, const struct fault *fault,
		 void (*visit)(void *ctx, const char *command), void *ctx,
		 struct err *err);

/* For who looks: one more fault; NULL with *err when memory is out. */
struct fault *faults_add(struct faults *faults, enum fault_kind kind, const char *shard,
			 const char *place, struct err *err);
const char *fault_text(enum fault_kind kind);
void faults_clear(struct faults *faults);
#define _autofaults_ _cleanup_(faults_clear)

#endif
