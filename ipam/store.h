/*
 * store.h - the directory on shared storage, and whether it is the one it was.
 *
 * A share that is not mounted looks like an empty directory. So whoever is about to
 * believe what is, or is not, below the path compares store.identity with the one
 * under which store.json was read. That costs no request to a server: see
 * store_open().
 */
#ifndef IPAM_STORE_H
#define IPAM_STORE_H

#include <stdbool.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"

#define STORE_ID_LEN	   33
#define STORE_IDENTITY_LEN 80
#define STORE_FILE	   "store.json"

struct store {
	const char *path;
	int root; /* for *at(); not for reading */
	char identity[STORE_IDENTITY_LEN];
};
#define STORE_CLOSED                                                                     \
	{                                                                                \
		.root = -1                                                               \
	}

/* EACCES, which is a server's: root is refused nothing by a file system of its own. */
#define STORE_NOT_ROOTS                                                                  \
	"root of this node may not write there: export it with no_root_squash, or with " \
	"all_squash to the user who owns it"

/* Find the directory; nothing in it is read. CNI_TRY_LATER, err->no ENOENT when there is
 * none. */
int store_open(const char *path, struct store *ret, struct err *err);
void store_close(struct store *store);
#define _autostore_ _cleanup_(store_close)

/* The id in store.json: 1, 0 when there is no store.json, or -1. */
int store_id(const struct store *store, char ret[STORE_ID_LEN], struct err *err);

/* Make a store.json with a new id, unless there is one. */
int store_init(const struct store *store, struct err *err);

/* "nfs4", "ext4" or "file system 0x1234"; whether only this machine can see it. */
void store_fs(const struct store *store, char ret[32], bool *local);

/*
 * Make a file with this text that must not be there yet, whole or not at all, also
 * where O_TMPFILE does not exist. 0 when somebody made it at the same time, too: whoever
 * needs to know reads it.
 */
int store_publish(int dir, const char *name, const char *text, struct err *err);

#endif
