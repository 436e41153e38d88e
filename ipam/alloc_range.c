/* alloc_range.c - an address from one range: through its shards. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipam/alloc_make.h"
#include "ipam/alloc_range.h"

#define MAX_RESTING 64

/* What the shards seen have beside rested addresses. */
struct rest {
	struct candidate list[MAX_RESTING]; /* resting, the longest rested first */
	int n;
	int held, reserved;
};

static bool has_claim(const struct record *record, const struct claim *claim)
{
	for (int i = 0; i < record->n_claims; i++)
		if (ip_equal(&record->claims[i].ip, &claim->ip) &&
		    !strcmp(record->claims[i].nonce, claim->nonce))
			return true;
	return false;
}

/* The lease of ours that is meant: the one that the record knows, if there are two. A
 * shard's span is of one range. */
static const struct claim *find_mine(const struct alloc *a, const struct scan *scan)
{
	for (int i = 0; i < scan->n_mine; i++)
		if (has_claim(&a->record, &scan->mine[i]))
			return &scan->mine[i];
	return scan->n_mine ? &scan->mine[0] : NULL;
}

/*
 * A lease that the attachment holds is its address, asked for once more. Every address
 * of an ADD carries one nonce: what is still missing gets that of this one.
 */
static int adopt(struct alloc *a, const struct claim *mine, struct ip *ret,
		 struct err *err)
{
	struct candidate candidate = { .ip = mine->ip };

	if (!has_claim(&a->record, mine)) { /* our record of it was lost */
		if (record_try(&a->record, mine->shard, mine->nonce, &candidate, 1, err))
			return -1;
		record_won(&a->record, &mine->ip);
		a->record.before = a->record.n_claims;
	}
	strcpy(a->claimer.nonce, mine->nonce);
	*ret = mine->ip;
	return 1;
}

/* List a shard: 1; 2 and *ret when that showed a lease of ours; 0 no such shard; -1. */
static int look(struct alloc *a, const struct shard *shard, struct scan *scan,
		struct ip *ret, struct err *err)
{
	int r = scan_shard(a->session, shard, scan, err);
	const struct claim *mine = r > 0 ? find_mine(a, scan) : NULL;

	if (r > 0 && scan->fenced)
		session_fenced(a->session, scan->dir);
	if (mine)
		return adopt(a, mine, ret, err) < 0 ? -1 : 2;
	return r;
}

int alloc_resume(struct alloc *a, const struct shard *shard, struct ip *ret,
		 struct err *err)
{
	_autoscan_ struct scan scan = SCAN_NONE;
	int r = look(a, shard, &scan, ret, err);

	return r < 0 ? -1 : r == 2;
}

static struct pick pick_of(const struct alloc *a, const struct range *range)
{
	return (struct pick){ .range = range,
			      .hash = a->hash,
			      .now = time(NULL),
			      .delay = a->session->conf->reuse_delay };
}

static bool is_made(const struct shards *shards, const struct shard *shard)
{
	return shards->n &&
	       bsearch(shard, shards->list, shards->n, sizeof(*shard), shard_cmp);
}

struct wanted_shard {
	const struct range *range;
	const struct shard *shard;
};

static int make_once(struct alloc *a, const void *what, struct err *err)
{
	const struct pool *pool = &a->session->pool;
	const struct wanted_shard *wanted = what;
	_autoshards_ struct shards shards = { 0 };

	if (pool_shards(pool, wanted->range, &shards, err))
		return -1;
	return is_made(&shards, wanted->shard)
		       ? 0
		       : pool_make_shard(pool, a->session->conf, wanted->shard, err);
}

static int make(struct alloc *a, const struct range *range, const struct shard *shard,
		struct err *err)
{
	struct wanted_shard wanted = { range, shard };

	return alloc_make(a, shard->name, make_once, &wanted, err);
}

/* 1, 0 when it has just been taken or is free only in an old listing, or -1. */
static int try_wanted(struct alloc *a, const struct shard *shard, const struct scan *scan,
		      const struct ip *wanted, struct ip *ret, struct err *err)
{
	int slot = shard_slot(wanted);
	struct candidate candidate = { *wanted, scan->view.freed[slot] };

	if (scan->view.taken[slot] || !scan->view.free[slot])
		return claim_explain(a->session, shard, wanted, err);
	return claim_one_of(&a->claimer, shard, scan->dir, &candidate, 1, ret, err);
}

int alloc_wanted(struct alloc *a, const struct range *range, const struct ip *wanted,
		 struct ip *ret, struct err *err)
{
	struct shard shard = shard_of(range, wanted);

	for (int round = 0; !alloc_awaited(a, round, err); round++) {
		_autoscan_ struct scan scan = SCAN_NONE;
		int r = look(a, &shard, &scan, ret, err);

		if (r == 0 && make(a, range, &shard, err))
			return -1;
		if (r == 0)
			continue;
		if (r == 1)
			r = try_wanted(a, &shard, &scan, wanted, ret, err);
		if (r)
			return r < 0 ? -1 : 1;
	}
	return -1;
}

/* A rested address of one shard: 1, 0 with what else is there added to *rest, or -1. */
static int from_shard(struct alloc *a, const struct range *range,
		      const struct shard *shard, struct rest *rest, struct ip *ret,
		      struct err *err)
{
	for (int round = 0; !alloc_awaited(a, round, err); round++) {
		_autoscan_ struct scan scan = SCAN_NONE;
		struct candidate candidates[CLAIM_TRIES];
		struct pick pick = pick_of(a, range);
		int n, r = look(a, shard, &scan, ret, err);

		if (r != 1)
			return r == 2 ? 1 : r;
		n = pick_rested(&pick, shard, &scan.view, candidates, CLAIM_TRIES);
		known_hint(&a->session->known, shard->name, n == 0);
		if (n == 0) {
			rest->n = pick_resting(&pick, shard, &scan.view, rest->list,
					       rest->n, MAX_RESTING);
			rest->held += scan.view.n_held;
			rest->reserved += scan.view.n_reserved;
			return 0;
		}
		r = claim_one_of(&a->claimer, shard, scan.dir, candidates, n, ret, err);
		if (r)
			return r;
	}
	return -1;
}

/* From the pod's place upwards. */
static int from_shards(struct alloc *a, const struct range *range,
		       const struct shards *shards, struct rest *rest, struct ip *ret,
		       struct err *err)
{
	int home = shards->n ? pick_start(a->hash, 0, shards->n) : 0;
	int r = 0;

	for (int i = 0; i < shards->n && r == 0; i++)
		r = from_shard(a, range, &shards->list[(home + i) % shards->n], rest, ret,
			       err);
	return r;
}

/* Of sorted shards those in which this node saw no rested address last come behind the
 * others; both parts stay sorted. How many come first. */
static int likely_first(const struct known *known, struct shards *shards)
{
	struct shard *list = calloc(shards->n + 1, sizeof(*list));
	int n = 0, likely;

	if (!list)
		return shards->n;
	for (int i = 0; i < shards->n; i++)
		if (!known_is_empty(known, shards->list[i].name))
			list[n++] = shards->list[i];
	likely = n;
	for (int i = 0; i < shards->n; i++)
		if (known_is_empty(known, shards->list[i].name))
			list[n++] = shards->list[i];
	free(shards->list);
	shards->list = list;
	return likely;
}

/* All of them, in the order in which they probably cost least. */
static int from_likely(struct alloc *a, const struct range *range, struct shards *shards,
		       struct rest *rest, struct ip *ret, struct err *err)
{
	struct shards first = { 0 }, others = { 0 };
	int r;

	first.n = likely_first(&a->session->known, shards);
	first.list = shards->list;
	others.n = shards->n - first.n;
	others.list = shards->list + first.n;
	r = from_shards(a, range, &first, rest, ret, err);
	return r ? r : from_shards(a, range, &others, rest, ret, err);
}

/* Only where this node saw free addresses last: so a pool of many full shards costs no
 * more than one of a single shard. */
int alloc_hinted(struct alloc *a, const struct range *range, struct ip *ret,
		 struct err *err)
{
	const struct known *known = &a->session->known;
	_autoshards_ struct shards shards = { .list = calloc(known->n_hints + 1,
							     sizeof(struct shard)) };
	struct rest ignored = { 0 };

	for (int i = 0; shards.list && i < known->n_hints; i++)
		if (!known->hints[i].empty &&
		    shard_parse(range, known->hints[i].shard, &shards.list[shards.n]))
			shards.n++;
	if (shards.n)
		qsort(shards.list, shards.n, sizeof(struct shard), shard_cmp);
	return from_shards(a, range, &shards, &ignored, ret, err);
}

static int from_resting(struct alloc *a, const struct range *range,
			const struct rest *rest, struct ip *ret, struct err *err)
{
	int r = 0;

	for (int i = 0; i < rest->n && r == 0; i++) {
		struct shard shard = shard_of(range, &rest->list[i].ip);
		_autoclose_ int dir = pool_open_shard(&a->session->pool, shard.name, err);

		if (dir < 0 || alloc_awaited(a, 0, err))
			return -1;
		r = claim_one_of(&a->claimer, &shard, dir, &rest->list[i], 1, ret, err);
	}
	return r;
}

/* One round over what a fresh listing of the pool shows: 1, 0 when there is nothing, -1;
 * 2 when it is worth another round. */
static int from_all(struct alloc *a, const struct range *range, struct ip *ret,
		    struct err *err)
{
	_autoshards_ struct shards shards = { 0 };
	struct rest rest = { 0 };
	struct shard next;
	bool more;
	int r;

	if (pool_shards(&a->session->pool, range, &shards, err))
		return -1;
	more = shard_next(range, shards.list, shards.n, &next);
	r = from_likely(a, range, &shards, &rest, ret, err);
	if (r)
		return r;
	if (more) {
		r = make(a, range, &next, err);
		if (r == 0)
			r = from_shard(a, range, &next, &rest, ret, err);
		return r ? r : 2;
	}
	r = from_resting(a, range, &rest, ret, err);
	if (r == 0 && rest.n)
		return 2;
	a->held += rest.held;
	a->reserved += rest.reserved;
	return r;
}

int alloc_any(struct alloc *a, const struct range *range, struct ip *ret, struct err *err)
{
	int r = alloc_hinted(a, range, ret, err);

	if (r == 0)
		do
			r = from_all(a, range, ret, err);
		while (r == 2);
	return r;
}
