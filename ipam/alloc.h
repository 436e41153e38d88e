/*
 * alloc.h - one address from each set of ranges, or none at all.
 *
 *	alloc_open(s, &alloc, err);
 *	if (alloc_addresses(&alloc, &answer, err)) { alloc_undo(&alloc); ... }
 */
#ifndef IPAM_ALLOC_H
#define IPAM_ALLOC_H

#include "ipam/claim.h"
#include "ipam/comment.h"
#include "ipam/sweep.h"

struct alloc {
	struct session *session;
	struct record record;
	struct claimer claimer;
	uint64_t hash;	    /* of the pod: where the search starts */
	bool swept;	    /* vanished namespaces were looked for */
	int held, reserved; /* seen on the way, for the message that the pool is full */
	char pod[COMMENT_POD_LEN], netnsdir[NETNSDIR_LEN];
};

/* The session is trusted, and has the lock of its attachment. */
int alloc_open(struct session *session, struct alloc *ret, struct err *err);
void alloc_close(struct alloc *alloc);
#define _autoalloc_ _cleanup_(alloc_close)

/* What the attachment holds already is given again. On failure some may be taken:
 * alloc_undo(). */
int alloc_addresses(struct alloc *alloc, struct answer *ret, struct err *err);

/* One of this range: what the attachment holds of it, else the one that is wanted, or any
 * (AF_UNSPEC). 1; 0 when there is none, or it is not to be handed out; or -1. */
int alloc_from_range(struct alloc *alloc, const struct range *range,
		     const struct ip *wanted, struct ip *ret, struct err *err);

/* Give back what was newly taken; if that fails, leave it to a later call. */
void alloc_undo(struct alloc *alloc);

#endif
