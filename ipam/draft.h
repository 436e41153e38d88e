/*
 * draft.h - a directory in the making: it appears whole, or not at all.
 *
 *	if (draft_start(parent, node, &draft, err))
 *		return -1;
 *	... draft_put(&draft, "192.168.1.1", err), on failure draft_discard(&draft) ...
 *	return draft_finish(&draft, "192.168.1.0-24", err);
 *
 * Until it is finished it has a name with a dot, ".new-NODE-NONCE", which nobody reads.
 */
#ifndef IPAM_DRAFT_H
#define IPAM_DRAFT_H

#include <limits.h>

#include "pkg/err.h"

struct draft {
	char name[NAME_MAX + 1];
	int parent, dir;
	long until; /* clock_ms() at which it is given up */
};

int draft_start(int parent, const char *node, struct draft *ret, struct err *err);
void draft_discard(struct draft *draft);

/* An empty file in it. */
int draft_put(const struct draft *draft, const char *name, struct err *err);

/* Is somebody else at it who began before? 1, 0 or -1. */
int draft_yields(struct draft *draft, struct err *err);

/* A draft by its name, and all in it. */
void draft_remove(int parent, const char *name);

/* Remove what this node left behind long ago. */
void draft_tidy(struct draft *draft);

/* Give it its name; fine when another maker was faster. What was drafted is gone after a
 * failure. */
int draft_finish(struct draft *draft, const char *name, struct err *err);

#endif
