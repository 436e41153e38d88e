/*
 * record.h - which leases an attachment has, or may have: written before they are taken.
 *
 * A text in the node's state directory. It starts with who and where, and grows:
 *
 *	try SHARD NONCE ADDRESS...	these will now be claimed, one after the other
 *	won ADDRESS			that one was; the others were not
 *	lost				none of them was
 *	list				nobody knows: look through the pool
 *
 * A process killed at any point thus leaves either a record that names every lease the
 * attachment can have, or no lease. What is released by name needs no listing.
 */
#ifndef IPAM_RECORD_H
#define IPAM_RECORD_H

#include <stdbool.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"
#include "ipam/lease.h"
#include "ipam/pick.h"

#define RECORD_MAX_CLAIMS 64

/* None is NULL, absent ones are "". */
struct record_head {
	const char *network, *container, *ifname;
	const char *pod;      /* "NAMESPACE/NAME" */
	const char *netns;    /* path of the network namespace */
	const char *netnsdir; /* "DEV:INO" of the directory that had it */
	const char *store, *identity, *id, *pool;
	const char *owner; /* as it stands in the leases' names */
};

struct claim {
	char shard[SHARD_LEN];
	struct ip ip;
	char nonce[NONCE_LEN];
};

struct record {
	struct record_head head; /* borrowed: from text, or from who wrote it */
	struct claim claims[RECORD_MAX_CLAIMS]; /* each may be a lease */
	int n_claims;
	int open;   /* where the claims start of which the outcome is not written yet */
	int before; /* how many were there when the record was opened for writing */
	bool list;  /* there may be leases that are not named */
	char *text;
	int fd; /* for writing, or -1 */
	bool written;
};
#define RECORD_NONE                                                                      \
	{                                                                                \
		.fd = -1                                                                 \
	}

/* Read a record: 1, 0 when there is none of that name, or -1. */
int record_load(int dir, const char *name, struct record *ret, struct err *err);

/* Does it name nothing at all? Whoever began it was killed before it could claim. */
bool record_is_empty(const struct record *record);

/* Open the record of an attachment for writing, made when missing. */
int record_open(int dir, const char *name, struct record *ret, struct err *err);

/* Say what will be tried; once this returns 0, it may be. */
int record_try(struct record *record, const char *shard, const char *nonce,
	       const struct candidate *candidates, int n, struct err *err);

/* Say how that ended. Nothing depends on it being written: it saves requests later. */
void record_won(struct record *record, const struct ip *ip);
void record_lost(struct record *record);

/* A record that says "list" of an attachment of which nothing is known. */
int record_write_list(int dir, const char *name, const struct record_head *head,
		      struct err *err);

void record_clear(struct record *record);
#define _autorecord_ _cleanup_(record_clear)

#endif
