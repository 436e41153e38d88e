/*
 * fault.h - why a rail or a path does not work: reason, evidence, and what to do.
 *
 *	if (neigh.state == NUD_FAILED)
 *		return fault_set(fault, REASON_NEIGH_FAILED, 0,
 *				 "no answer from %s on %s", addr, netdev);
 *
 * What struct err is for programs that break, struct fault is for networks that do: a
 * function that tests something takes `struct fault *fault` last, and returns 0 or -1
 * with *fault filled. It is plain data, and travels between peers.
 */
#ifndef PROBE_FAULT_H
#define PROBE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/err.h"
#include "plugins/rdma-probe/reason.h"

#define FAULT_NOTES 6

struct fault {
	enum reason reason;
	int no;		 /* positive errno, or 0 */
	int wc_status;	 /* of the work completion, or 0 */
	uint32_t vendor; /* its vendor syndrome, if wc_status */
	int notes;
	char note[FAULT_NOTES][200]; /* evidence: what was seen, the first tells most */
	char fix[240];		     /* in place of the reason's own words, or "" */
};

/* All return -1. The first forgets what was there; a non-zero errno adds its text. */
int fault_set(struct fault *fault, enum reason reason, int no, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int fault_from_err(struct fault *fault, enum reason reason, const struct err *err);

/* Told to end before anything could be said. */
int fault_interrupted(struct fault *fault);
bool fault_is_interruption(const struct fault *fault);

/* One more piece of evidence; beyond FAULT_NOTES they are dropped. */
int fault_note(struct fault *fault, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int fault_fix(struct fault *fault, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A fault that happened on the other side: evidence and advice say so. */
void fault_blame(struct fault *fault, const char *host);

/* What to do: the particular advice, or the reason's. "" when there is none. */
const char *fault_advice(const struct fault *fault);

#endif
