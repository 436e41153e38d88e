/*
 * hold.h - take away one of several files of an address, or of a block.
 *
 * Who finds two files of one address may claim either. So the one that is to go is first
 * renamed to one that is set aside, which nobody claims,
 *
 *	192.168.1.7=reserved,fsck-1732262400-a81c44d0
 *
 * and removed only if another file is seen then; else it gets its name back. A process
 * killed in between leaves a file set aside, which fsck takes for left over some time
 * later. What stands before '=' or '@' in names is called a key here.
 */
#ifndef IPAM_HOLD_H
#define IPAM_HOLD_H

#include "ipam/lease.h"
#include "ipam/pool.h"

/* In a row: a file that is renamed meanwhile may not show in one. */
#define HOLD_LOOKS 3
#define HOLD_PAUSE 50	/* ms between them */
#define HOLD_WAIT  40	/* of them, for another that is about to go back */
#define HOLD_STALE 3600 /* seconds; nobody goes on so long */
#define TWINS_MAX  8

/* All files of a key in a directory of the pool; if there are more, only the first. */
struct twins {
	int n;
	char names[TWINS_MAX][LEASE_LEN];
};
int twins_list(const struct pool *pool, const char *dir, const char *key,
	       struct twins *ret, struct err *err);

/* The key in a file's name. */
char *key_of(const char *name, char buf[LEASE_LEN]);

/* Is it such a file? Of somebody who is long dead? */
bool hold_is(const char *name);
bool hold_is_stale(const char *name);

/* 1 removed; 0 it was gone already; 2 left as it was, as there is no other file of the
 * key, or somebody else is just removing that one; or -1. */
int hold_drop(const struct pool *pool, const char *dir, const char *name,
	      struct err *err);

/* Make a file of a key that has none, of this name: 1, 0 when one turned up, or -1. */
int hold_make(const struct pool *pool, const char *dir, const char *name,
	      struct err *err);

#endif
