/*
 * routes_child.h - do in a child process what may hang, and go on without it.
 *
 * A process that asks a storage server which does not answer cannot be stopped. The child
 * works and prints into a pipe; whoever waits for that may do something else meanwhile.
 *
 *	_autochild_ struct child child = CHILD_NONE;
 *
 *	if (child_start(&child, work, arg, 10000, err))
 *		return -1;
 *	while (!(r = child_read(&child, err)))
 *		child_wait(&child);
 *	if (r > 0)
 *		... child.text, child.len ...
 */
#ifndef SRIOV_ROUTES_CHILD_H
#define SRIOV_ROUTES_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"

struct child {
	pid_t pid;  /* 0: none */
	int fd;	    /* -1: it is not waited for */
	long until; /* clock_ms() */
	char *text;
	size_t len, room;
};
#define CHILD_NONE                                                                       \
	{                                                                                \
		.fd = -1                                                                 \
	}

/* work() writes its answer to fd, so that whoever reads can tell whether it is whole.
 * err->no EBUSY: the one before still hangs. */
int child_start(struct child *child, void (*work)(int fd, void *arg), void *arg, long ms,
		struct err *err);

/* Take what it has printed: 1 when that is all; 0 when there will be more; -1 when there
 * will not, err->no ETIMEDOUT for one that took too long. */
int child_read(struct child *child, struct err *err);

/* Sleep until there is more to read, or its time is over. Whoever has more to wait for
 * polls child->fd and comes back by child->until. */
void child_wait(const struct child *child);

/* Forget its text, and end it if it can be ended. */
void child_clear(struct child *child);
#define _autochild_ _cleanup_(child_clear)

#endif
