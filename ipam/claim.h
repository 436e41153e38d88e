/*
 * claim.h - take addresses of one shard: list it, rename, and know what came of it.
 *
 * A claim renames the free address's file to a name that says whose it is. Of any
 * number of nodes that try, one succeeds, since the old name vanishes.
 */
#ifndef IPAM_CLAIM_H
#define IPAM_CLAIM_H

#include "ipam/pick.h"
#include "ipam/record.h"
#include "ipam/session.h"

/* At most so many are tried before the shard is listed again. */
#define CLAIM_TRIES 4

/* More than one there is only when a process was killed with its claim on the way. */
#define SCAN_MINE 4

/* What a fresh listing of a shard showed, and the directory, open for claiming. */
struct scan {
	int dir;
	struct view view;
	struct claim mine[SCAN_MINE]; /* leases of the session's attachment */
	int n_mine;
	bool fenced; /* there is word that this node was: session_fenced() */
};
#define SCAN_NONE                                                                        \
	{                                                                                \
		.dir = -1                                                                \
	}

/* 1, 0 when there is no such shard, or -1. */
int scan_shard(const struct session *session, const struct shard *shard, struct scan *ret,
	       struct err *err);
void scan_close(struct scan *scan);
#define _autoscan_ _cleanup_(scan_close)

struct claimer {
	const struct session *session;
	struct record *record;
	char nonce[NONCE_LEN];
};

/*
 * Claim one of n candidates, at most CLAIM_TRIES, of the shard open as dir: 1 and *ret;
 * 0 when others were faster with all of them; or -1. The record is written before the
 * first is tried, and again when one is ours.
 */
int claim_one_of(struct claimer *claimer, const struct shard *shard, int dir,
		 const struct candidate *candidates, int n, struct ip *ret,
		 struct err *err);

/* Why an address cannot be had: who holds it. Returns -1 with CNI_NO_ADDRESS, or 0 when
 * it is free by now. */
int claim_explain(const struct session *session, const struct shard *shard,
		  const struct ip *ip, struct err *err);

#endif
