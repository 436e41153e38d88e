/* session.h - one call at work: who calls, what for, and what it works on. */
#ifndef IPAM_SESSION_H
#define IPAM_SESSION_H

#include "ipam/conf.h"
#include "ipam/known.h"
#include "ipam/node.h"
#include "ipam/pool.h"
#include "ipam/state.h"
#include "ipam/store.h"
#include "ipam/worker.h"

struct session {
	const struct cni_call *call;
	const struct conf *conf;
	struct worker *worker;
	struct node node;
	char key[STATE_KEY_LEN]; /* of the attachment's record and lock; "" without one */
	char owner[OWNER_LEN];	 /* of its leases */
	struct state state;
	struct store store; /* open after session_trust() or session_store() */
	struct pool pool;
	struct known known; /* after session_trust() */
	char note[320];	    /* what a person should know, or "" */
};

int session_open(const struct cni_call *call, const struct conf *conf,
		 struct worker *worker, struct session *ret, struct err *err);
void session_close(struct session *session);
#define _autosession_ _cleanup_(session_close)

/*
 * Everything that must hold before the store is believed: it is there and the one it
 * was, this node is who it says, the range is agreed. What was verified lately under
 * the same circumstances is not asked again.
 *
 * TRUST_MAKE also makes what is not there yet: the default store, the node's entry,
 * the pool. Without it, known.basis stays NULL when there is no such pool.
 */
enum trust { TRUST_LOOK, TRUST_MAKE };
int session_trust(struct session *session, enum trust how, struct err *err);

/* Only that the store at this path is the one with this id ("": the one this node has
 * used), whatever the configuration says by now. `identity` is what it had when that
 * was last seen, or "". */
int session_store(struct session *session, const char *path, const char *identity,
		  const char *id, struct err *err);

/* There is word in this directory of the pool that the node was fenced: take it away,
 * tell it in `note`, and let the next call verify everything anew. */
void session_fenced(struct session *session, int dir);

/*
 * A call that believed what was verified lately has failed with *err. When that says that
 * something is not there, the store may have been emptied or replaced in place: if so,
 * *err becomes that story. The next call verifies everything anew. When it says that a
 * right is missing, *err gets a hint.
 */
void session_doubt(struct session *session, struct err *err);

#endif
