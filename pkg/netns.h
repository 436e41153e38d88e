/* netns.h - network namespaces as a runtime hands them over: paths. */
#ifndef PKG_NETNS_H
#define PKG_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/err.h"

/* What tells namespaces apart while they live: inode of nsfs (its device is the same
 * for all). The kernel may give the number to another one later. */
struct netns_id {
	uint64_t dev, ino;
};

/* Open the namespace at a path; an fd or -1. err->no is ENOENT when nothing is there
 * (the namespace is gone), EINVAL when something else is: runtimes have been seen to
 * leave a plain file. */
int netns_open(const char *path, struct err *err);

/* The namespace this process is in. */
int netns_open_own(struct err *err);

/* Open a namespace that has lost its path, through a process that is still in it; an fd
 * or -1, err->no ENOENT when there is no such process. */
int netns_find(const struct netns_id *id, struct err *err);

/* Run f in the namespace of netns_fd; its result. We are back home on return. */
int netns_run(int netns_fd, int (*f)(void *arg, struct err *err), void *arg,
	      struct err *err);

int netns_identify(int fd, struct netns_id *ret, struct err *err);

static inline bool netns_same(const struct netns_id *a, const struct netns_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

#endif
