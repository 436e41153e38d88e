/*
 * guard.h - run an operator's command in a child, and leave when a store does not answer.
 *
 * A process that asks a storage server which does not answer cannot be stopped, and what
 * it holds open stays open. So the command runs in a child that has pipes for its output
 * (unless that is a terminal); the parent hands on what comes, and ends when the store
 * that is being asked has answered nothing for so long.
 *
 * What a command may take as a whole is not limited: fencing ten thousand leases takes
 * its time. A store that answers one request after the other is alive.
 */
#ifndef IPAM_GUARD_H
#define IPAM_GUARD_H

#include <limits.h>

#include "pkg/err.h"

/* The child's exit status; or -1 when it was left behind, with *err telling the store. */
int guard_run(int (*run)(void *arg), void *arg, long ms, struct err *err);

/* For the child; elsewhere these do nothing. From here on this store is asked; it has
 * answered something; nobody is asked any more. */
void guard_asks(const char *store);
void guard_answered(void);
void guard_done(void);

#endif
