/*
 * sweep.h - what this node takes back without being asked: leases it deferred, leases
 * of before its boot, leases of network namespaces that are gone.
 */
#ifndef IPAM_SWEEP_H
#define IPAM_SWEEP_H

#include "ipam/record.h"
#include "ipam/session.h"

/*
 * Release what pending/ holds for the session's store. What cannot be released now
 * stays, and is no failure, unless it is of the session's own attachment: its old leases
 * must not be taken for the new ones.
 */
int drain_pending(struct session *session, struct err *err);

/* Does pending/ hold anything? How many. */
int count_pending(const struct session *session);

/* Leases of before this boot and of vanished namespaces. False when it had to stop
 * early: time is limited, and the store may have failed. */
bool sweep_pool(struct session *session);

/* Leases of vanished namespaces, by this node's records: how many records. */
int sweep_vanished(struct session *session);

/* "DEV:INO" of the directory in which a namespace's path lies; "" when it is not to be
 * seen. */
#define NETNSDIR_LEN 64
char *netns_directory(const char *netns, char buf[NETNSDIR_LEN]);

/* Walk this node's records of the session's store, locked one after the other, but the
 * session's own; those in use are left out. visit() returns 1 to have the record's
 * leases released and the record forgotten, 0 to keep it. How many were; failures are
 * put into *err, and counted in *failed when it is not NULL. */
typedef int (*record_visit)(void *ctx, const struct record *record);
int sweep_records(struct session *session, record_visit visit, void *ctx, int *failed,
		  struct err *err);

#endif
