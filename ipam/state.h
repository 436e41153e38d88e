/*
 * state.h - what this node remembers, until it reboots.
 *
 *	/run/rail-cni/ipam/
 *		lock				a lock an attachment: byte ranges of this
 *file CONTAINER,IFNAME,NETWORK	record.h: which leases an attachment has pool=HASH
 *known.h: what was verified of a pool
 *		store=HASH			trust.c: the id of a store once used
 *		pending/			records of which the leases are to be
 *released
 *
 * Nothing here decides what is leased: the store does. With the directory lost, DEL and
 * GC find leases by listing.
 */
#ifndef IPAM_STATE_H
#define IPAM_STATE_H

#include <stdbool.h>
#include <limits.h>

#include "pkg/err.h"
#include "ipam/worker.h"

#define STATE_DIR     "/run/rail-cni/ipam"
#define STATE_PENDING "pending"
#define STATE_KEY_LEN 241 /* room for ".NONCE" behind it in pending/ */

struct state {
	int dir, lock;
};
#define STATE_CLOSED                                                                     \
	{                                                                                \
		.dir = -1, .lock = -1                                                    \
	}

int state_open(struct state *ret, struct err *err);
void state_close(struct state *state);

/* The file name of an attachment's record. */
char *state_key(const char *container, const char *ifname, const char *network,
		char buf[STATE_KEY_LEN]);

/* "KIND=" and the hash of the texts: for files about things with long names. */
char *state_hashed(const char *kind, const char *a, const char *b,
		   char buf[STATE_KEY_LEN]);

/*
 * Lock a key for as long as the process lives; a process that dies loses its locks.
 * Locking what we have locked already is fine. 0; 1 when another process has it; -1.
 */
int state_trylock(const struct state *state, const char *key, struct err *err);

/* The same, waiting while the parent waits for us. CNI_TRY_LATER when that ends. */
int state_lock(const struct state *state, const char *key, struct worker *worker,
	       struct err *err);

/* Against state_lock() and state_trylock(), not against each other. */
int state_share(const struct state *state, const char *key, struct worker *worker,
		struct err *err);
void state_unlock(const struct state *state, const char *key);

/* Move a record to pending/: 1, or 0 when there is none. */
int state_defer(int dir, const char *key, struct err *err);

/* The directory of pending records, made when missing and `make`; -1 with err->no. */
int state_pending(int dir, bool make, struct err *err);

/* The key in a pending file's name; false when it is none. */
bool state_pending_key(const char *name, char ret[STATE_KEY_LEN]);

/* Eight random hexadecimal digits. */
int state_nonce(char ret[9], struct err *err);

#endif
