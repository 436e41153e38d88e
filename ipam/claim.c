/* claim.c - take addresses of one shard. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/clock.h"
#include "ipam/claim.h"
#include "ipam/comment.h"
#include "ipam/listing.h"
#include "ipam/release.h"

/*
 * A reply can only have been lost, and the request sent again, when a connection was
 * made anew meanwhile. An answer that came faster than that is the server's own.
 */
#define FAST_MS 100

struct listing {
	const struct session *session;
	const struct shard *shard;
	struct scan *scan;
};

static void note_mine(struct scan *scan, const struct lease *lease,
		      const struct shard *shard)
{
	struct claim *mine = &scan->mine[scan->n_mine];
	struct holder holder;

	if (scan->n_mine == SCAN_MINE || !holder_parse(lease->rest, &holder))
		return;
	mine->ip = lease->ip;
	strcpy(mine->nonce, holder.nonce);
	strcpy(mine->shard, shard->name);
	scan->n_mine++;
}

/* The word that fence leaves where it freed something of ours. */
static bool is_word(const struct session *s, const char *name)
{
	size_t len = strlen(POOL_FENCED);

	return !strncmp(name, POOL_FENCED, len) && !strcmp(name + len, s->node.name);
}

static int note(void *ctx, const char *name, struct err *err)
{
	const struct listing *listing = ctx;
	struct lease lease;

	(void)err;
	if (*name == '.') {
		if (is_word(listing->session, name))
			listing->scan->fenced = true;
		return 0;
	}
	if (!lease_parse(name, &lease) ||
	    !span_contains(&listing->shard->span, &lease.ip))
		return 0;
	view_note(&listing->scan->view, &lease);
	if (lease_is_of(&lease, listing->session->owner))
		note_mine(listing->scan, &lease, listing->shard);
	return 0;
}

int scan_shard(const struct session *s, const struct shard *shard, struct scan *ret,
	       struct err *err)
{
	_autoscan_ struct scan scan = SCAN_NONE;
	struct listing listing = { s, shard, &scan };

	scan.dir = pool_open_shard(&s->pool, shard->name, err);
	if (scan.dir < 0)
		return err->no == ENOENT ? 0 : -1;
	if (list_all(scan.dir, note, &listing, err)) {
		err_code(err, CNI_TRY_LATER);
		return err_wrap(err, "shard %s of pool %s of store %s", shard->name,
				s->pool.name, s->store.path);
	}
	*ret = scan;
	scan = (struct scan)SCAN_NONE;
	return 1;
}

void scan_close(struct scan *scan)
{
	closep(&scan->dir);
}

static int is_name(void *ctx, const char *name, struct err *err)
{
	(void)err;
	return !strcmp(name, ctx);
}

/* Ask the server, not the client's memory: only opening the directory anew does. */
static int is_there(const struct session *s, const struct shard *shard, char *name,
		    struct err *err)
{
	_autoclose_ int dir = pool_open_shard(&s->pool, shard->name, err);

	return dir < 0 ? -1 : list_names(dir, is_name, name, err);
}

/* 1 it is ours, 0 another was faster, -1. Careless, a quick answer is believed. */
static int claim(const struct session *s, const struct shard *shard, int dir,
		 const struct candidate *candidate, bool careful, char *lease,
		 struct err *err)
{
	char name[LEASE_LEN];
	long start = clock_ms();
	int no, r;

	free_name(&candidate->ip, candidate->freed, name);
	if (!renameat(dir, name, dir, lease))
		return 1;
	no = errno;
	if (no == ENOENT && !careful && clock_ms() - start < FAST_MS)
		return 0;
	/*
	 * It may have been done all the same: a server that restarted gets the request
	 * a second time and finds nothing to rename (seen on Linux NFS 4.2), and a
	 * mount that gives up tells of an error.
	 */
	r = is_there(s, shard, lease, err);
	if (r || no == ENOENT)
		return r;
	err_set(err, no, "claim %s in pool %s of store %s", name, s->pool.name,
		s->store.path);
	return err_code(err, CNI_TRY_LATER);
}

/*
 * Where a rename is only in memory until then. If it cannot be made to last, it is not
 * ours: err tells, and who called gives it back. Some file systems have no fsync() of
 * directories, and need none.
 */
static int make_last(int dir, struct err *err)
{
	if (!fsync(dir) || errno == EINVAL || errno == EOPNOTSUPP)
		return 0;
	err_set(err, errno, "write the claim to disk");
	return err_code(err, CNI_TRY_LATER);
}

static int finish(struct claimer *c, int dir, const char *lease,
		  const struct candidate *candidate, struct ip *ret, struct err *err)
{
	record_won(c->record, &candidate->ip);
	if (make_last(dir, err))
		return err_wrap(err, "pool %s of store %s", c->session->pool.name,
				c->session->store.path);
	comment_write(c->session, dir, lease);
	*ret = candidate->ip;
	return 1;
}

/*
 * Before this one others were tried, of which the server said quickly that they were
 * gone. That too may have been the answer to a request that was sent again: then it is
 * ours.
 */
static void drop_others(struct claimer *c, const struct shard *shard,
			const struct ip *kept)
{
	const struct session *s = c->session;
	_autoscan_ struct scan scan = SCAN_NONE;
	struct err ignored;

	if (scan_shard(s, shard, &scan, &ignored) <= 0)
		return; /* what is left is found by GC, or after the next boot */
	for (int i = 0; i < scan.n_mine; i++)
		if (!strcmp(scan.mine[i].nonce, c->nonce) &&
		    !ip_equal(&scan.mine[i].ip, kept))
			(void)release_claim(&s->pool, s->owner, &scan.mine[i], &ignored);
}

/* After these the rename was not done and will not be. Others leave that open. */
static bool is_refusal(int no)
{
	return no == EROFS || no == EACCES || no == EPERM || no == ENOSPC || no == EDQUOT;
}

int claim_one_of(struct claimer *c, const struct shard *shard, int dir,
		 const struct candidate *candidates, int n, struct ip *ret,
		 struct err *err)
{
	const struct session *s = c->session;
	char lease[LEASE_LEN];

	if (n > CLAIM_TRIES)
		n = CLAIM_TRIES;
	if (record_try(c->record, shard->name, c->nonce, candidates, n, err))
		return -1;
	for (int i = 0; i < n; i++) {
		int r;

		lease_name(&candidates[i].ip, s->owner, c->nonce, lease);
		r = claim(s, shard, dir, &candidates[i], n == 1, lease, err);
		if (r > 0 && i > 0)
			drop_others(c, shard, &candidates[i].ip);
		if (r > 0)
			return finish(c, dir, lease, &candidates[i], ret, err);
		if (r < 0 && is_refusal(err->no))
			record_lost(c->record);
		if (r < 0)
			return -1;
	}
	record_lost(c->record);
	return 0;
}

struct search {
	const struct session *session;
	const struct ip *ip;
	int dir;
	bool found;
};

static int explain_held(const struct search *search, const char *name,
			const struct lease *lease, struct err *err)
{
	char ip[IP_LEN], pod[COMMENT_POD_LEN];
	struct holder holder = { 0 };

	(void)holder_parse(lease->rest, &holder);
	comment_pod(search->dir, name, holder.nonce, pod);
	return err_cni(err, CNI_NO_ADDRESS,
		       "address %s is held by container %s on node %s as %s%s%s",
		       ip_format(&lease->ip, ip), holder.container, holder.node,
		       holder.ifname, *pod ? ", pod " : "", pod);
}

static int explain(void *ctx, const char *name, struct err *err)
{
	struct search *search = ctx;
	char ip[IP_LEN];
	struct lease lease;

	if (!lease_parse(name, &lease) || !ip_equal(&lease.ip, search->ip))
		return 0;
	search->found = true;
	if (lease.state == LEASE_FREE)
		return 0;
	if (lease.state == LEASE_HELD)
		return explain_held(search, name, &lease, err);
	return err_cni(err, CNI_NO_ADDRESS, "address %s is set aside: %s",
		       ip_format(&lease.ip, ip), name);
}

int claim_explain(const struct session *s, const struct shard *shard, const struct ip *ip,
		  struct err *err)
{
	_autoclose_ int dir = pool_open_shard(&s->pool, shard->name, err);
	struct search search = { s, ip, dir, false };
	char text[IP_LEN];

	if (dir < 0)
		return -1;
	if (list_names(dir, explain, &search, err))
		return err_code(err, CNI_TRY_LATER);
	if (search.found)
		return 0;
	err_cni(err, CNI_NO_ADDRESS, "address %s has no file in pool %s of store %s",
		ip_format(ip, text), s->pool.name, s->store.path);
	return err_hint(err, "it was excluded when its shard was made");
}
