/* alloc_make.h - make what is missing of a pool, with other nodes at the same. */
#ifndef IPAM_ALLOC_MAKE_H
#define IPAM_ALLOC_MAKE_H

#include "ipam/alloc.h"

/*
 * Try until it is there. One of this node's processes at a time does. attempt() returns 0
 * when it is there, 1 when another node is at it, or -1.
 */
typedef int (*make_attempt)(struct alloc *alloc, const void *what, struct err *err);
int alloc_make(struct alloc *alloc, const char *name, make_attempt attempt,
	       const void *what, struct err *err);

/* Before anything is taken, and with a pause when it was all taken by others: does
 * anybody still wait? 0, or -1. */
int alloc_awaited(const struct alloc *alloc, int round, struct err *err);

#endif
