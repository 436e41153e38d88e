/*
 * known.h - what this node has verified of a pool, and where it saw free addresses.
 *
 * Verifying store, node and range takes half a dozen requests to the store. The result
 * is kept in the node's state, with everything it depends on as text: the path, the
 * identity of the directory found there, boot, node, pool, ranges. An ADD for which that
 * text is the same needs none of these requests. It is believed for ten minutes.
 *
 * The shards are a hint: where to look first. That the pool is full, or that a shard
 * does not exist, is never concluded from here.
 */
#ifndef IPAM_KNOWN_H
#define IPAM_KNOWN_H

#include "ipam/conf.h"
#include "ipam/node.h"
#include "ipam/shard.h"
#include "ipam/state.h"
#include "ipam/store.h"

struct hint {
	char shard[SHARD_LEN];
	bool empty; /* had no rested address when last seen */
};

struct known {
	char key[STATE_KEY_LEN]; /* file name */
	char *basis;		 /* the text it depends on */
	char id[STORE_ID_LEN];	 /* of the store */
	bool local;		 /* the store is on a file system of this machine */
	long until;		 /* believe it so long, in seconds since boot */
	struct hint *hints;
	int n_hints;
	bool changed;
};
#define KNOWN_NONE                                                                       \
	{                                                                                \
		.basis = NULL                                                            \
	}

/* Put down what is to be known, and look whether it is: 1, or 0 when it must be
 * verified. */
int known_load(const struct state *state, const struct conf *conf,
	       const struct node *node, const struct store *store, struct known *ret,
	       struct err *err);

/* Write it down: verified now, or (with `verified` false) only where hints changed. */
int known_save(const struct state *state, struct known *known, bool verified,
	       struct err *err);

/* It does not hold any more. What has expired is verified by the next call, and is known
 * in the sense of known_exists(); it wants to be saved. */
void known_forget(const struct state *state, const struct known *known);

void known_expire(struct known *known);

/* Was anything known of this pool by this node since this boot? Then every lease has a
 * record, and none is of an earlier boot. */
bool known_exists(const struct state *state, const struct node *node, const char *store,
		  const char *pool);

void known_hint(struct known *known, const char *shard, bool empty);
bool known_is_empty(const struct known *known, const char *shard);
void known_drop_hints(struct known *known);
void known_clear(struct known *known);
#define _autoknown_ _cleanup_(known_clear)

#endif
