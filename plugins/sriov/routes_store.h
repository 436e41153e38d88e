/*
 * routes_store.h - a directory that all nodes share, with a file a node: NODE.peer, which
 * holds the node's line (routes_peers.h).
 *
 * A file is replaced as a whole, and only by its own node; so readers need no lock, and a
 * file that is still the same inode with the same time has not changed.
 */
#ifndef SRIOV_ROUTES_STORE_H
#define SRIOV_ROUTES_STORE_H

#include <stdint.h>

#include "plugins/sriov/routes_peers.h"

/* What a file looked like when it was read. */
struct stamp {
	uint64_t inode, size;
	int64_t seconds, nanoseconds; /* of its last change */
};

/* One of the store's files, or the file of --peers. */
struct published {
	char name[PEER_NAME + 8]; /* of the file */
	struct stamp stamp;
	size_t len;
	char *text; /* NUL behind it */
};

struct listing {
	struct stamp directory; /* as it was before it was read */
	struct published *list;
	int count;
};

int listing_add(struct listing *listing, const struct published *published,
		struct err *err); /* takes its text */
void listing_clear(struct listing *listing);
#define _autolisting_ _cleanup_(listing_clear)

/* The directory must be there: a share that is not mounted shall not be made. An fd. */
int routes_store_open(const char *path, struct err *err);

/*
 * Read what is published. Files that look as in `known` are not opened again. 1; or 0
 * without looking further, when the directory itself looks as in `known`: whoever
 * publishes or withdraws changes that.
 */
int routes_store_read(int dir, const struct listing *known, struct listing *ret,
		      struct err *err);

/* Publish a line under the node's name: 1, or 0 when it stands there already. The caller
 * has the lock "publish". */
int routes_store_publish(int dir, const struct peer *peer, struct err *err);

/* 1, or 0 when there was nothing. */
int routes_store_withdraw(int dir, const char *name, struct err *err);

/* The peer in one file; its name must be the node's. */
int published_parse(const struct published *published, struct peer *ret, struct err *err);

/* Read the file of --peers, as a listing of one. */
int routes_file_read(const char *path, struct listing *ret, struct err *err);

#endif
