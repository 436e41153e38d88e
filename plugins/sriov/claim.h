/*
 * claim.h - get hold of a VF that nobody else holds.
 *
 * A claim is the VF's lock, held until the process ends or claim_close(), while no
 * record of another attachment names the VF.
 */
#ifndef SRIOV_CLAIM_H
#define SRIOV_CLAIM_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"
#include "plugins/sriov/state.h"

struct claim {
	char device[DEVICE_LEN];
	int lock;
};
#define CLAIM_NONE                                                                       \
	{                                                                                \
		.lock = -1                                                               \
	}

/* Undo what an earlier ADD of the same attachment left: it was killed, or the runtime
 * never got to its DEL, and now tries again. */
int claim_undo_earlier(const struct node *node, const struct owner *owner,
		       struct err *err);

/*
 * Claim the VF that the configuration names, or a free one of its PF. What a container
 * left whose namespace is gone is undone first. CNI_NO_DEVICE says who holds the VF, or
 * why none of the PF's is free.
 */
int claim_vf(const struct node *node, const struct conf *conf, struct claim *ret,
	     struct err *err);

/* Claim the VF of a record for undoing it: 1, or 0 when the record is gone by now. */
int claim_record(const struct node *node, const struct record *record, struct claim *ret,
		 struct err *err);

/* The same, but without waiting: -1 with err->no EWOULDBLOCK when it is being worked on.
 */
int claim_record_now(const struct node *node, const struct record *record,
		     struct claim *ret, struct err *err);

/* Only the lock: for looking at a VF that no record names. */
int claim_lock(const struct node *node, const char *device, struct claim *ret,
	       struct err *err);

void claim_close(struct claim *claim);
#define _autoclaim_ _cleanup_(claim_close)

#endif
