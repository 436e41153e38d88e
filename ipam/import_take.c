/* import_take.c - make a row a lease, or set its address aside. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/clock.h"
#include "ipam/alloc.h"
#include "ipam/blocks.h"
#include "ipam/hold.h"
#include "ipam/import.h"

#define ROUNDS 8 /* with others at the same address, or making the same shard */

int import_session(struct import *import, const struct import_row *row,
		   struct session *ret, struct err *err)
{
	struct cni_call *call = &import->call;

	call->verb = row ? CNI_ADD : CNI_STATUS;
	call->container = row ? row->container : "";
	call->ifname = row ? row->ifname : "";
	import->worker.until = clock_ms() + import->deadline;
	return session_open(call, import->conf, &import->worker, ret, err);
}

bool import_is_own(const struct session *s, const struct import_row *row)
{
	return !*row->node || !strcmp(row->node, s->node.name);
}

const struct range *import_range(const struct conf *conf, const struct ip *ip,
				 struct shard *ret)
{
	for (int i = 0; i < conf->n_ranges; i++) {
		struct range part;

		if (!span_contains(&conf->ranges[i].span, ip))
			continue;
		part = range_part(&conf->ranges[i], ip);
		if (!range_usable(&part, ip))
			return NULL;
		*ret = shard_of(&part, ip);
		return &conf->ranges[i];
	}
	return NULL;
}

/* The owner of a lease, without the boot that only its node knows. */
char *import_aside_name(const struct import_row *row, const struct session *s,
			char buf[LEASE_LEN])
{
	const char *node = *row->node ? row->node : s->node.name;
	char owner[OWNER_LEN], ip[IP_LEN];

	owner_format(node, "", row->container, row->ifname, owner);
	snprintf(buf, LEASE_LEN, "%s=" IMPORT_ASIDE_FOR "%s", ip_format(&row->ip, ip),
		 owner);
	return buf;
}

/* As an ADD does it: the record first. From a name that nobody else renames. */
static int claim_aside(struct alloc *a, const struct shard *shard, const char *aside,
		       const struct ip *ip, struct err *err)
{
	_autoclose_ int dir = pool_open_shard(&a->session->pool, shard->name, err);
	struct candidate candidate = { .ip = *ip };
	char name[LEASE_LEN];

	if (dir < 0 ||
	    record_try(&a->record, shard->name, a->claimer.nonce, &candidate, 1, err))
		return -1;
	lease_name(ip, a->session->owner, a->claimer.nonce, name);
	if (renameat(dir, aside, dir, name))
		return err_set(err, errno, "rename %s", aside);
	record_won(&a->record, ip);
	if (fsync(dir) && errno != EINVAL)
		return err_set(err, errno, "write the lease to disk");
	comment_write(a->session, dir, name);
	return 0;
}

/* 1 it is set aside for the row, 0 it is not, or -1. */
static int is_aside(const struct session *s, const struct import_row *row,
		    const struct shard *shard, char aside[LEASE_LEN], struct err *err)
{
	char key[IP_LEN];
	struct twins twins;

	import_aside_name(row, s, aside);
	if (twins_list(&s->pool, shard->name, ip_format(&row->ip, key), &twins, err))
		return err->no == ENOENT ? 0 : -1;
	return twins.n && !strcmp(twins.names[0], aside);
}

static int lease(struct alloc *a, const struct import_row *row, struct err *err)
{
	char aside[LEASE_LEN], one[IP_LEN], two[IP_LEN];
	struct shard shard;
	const struct range *range = import_range(a->session->conf, &row->ip, &shard);
	struct ip ip;
	int r = range ? is_aside(a->session, row, &shard, aside, err) : 0;

	if (r)
		return r < 0 ? -1 : claim_aside(a, &shard, aside, &row->ip, err);
	r = range ? alloc_from_range(a, range, &row->ip, &ip, err) : 0;
	if (r <= 0)
		return r < 0 ? -1
			     : err_set(err, 0, "the configuration does not hand it out");
	if (ip_equal(&ip, &row->ip))
		return 0;
	return err_set(err, 0, "container %s has %s as %s already, so not %s",
		       row->container, ip_format(&ip, one), row->ifname,
		       ip_format(&row->ip, two));
}

static int prepare(struct session *s, struct alloc *alloc, struct err *err)
{
	if (state_lock(&s->state, s->key, s->worker, err) || blocks_lock(s, err) ||
	    session_trust(s, TRUST_MAKE, err) || drain_pending(s, err) ||
	    alloc_open(s, alloc, err))
		return -1;
	/* All leases of an attachment carry one nonce. */
	if (alloc->record.n_claims)
		strcpy(alloc->claimer.nonce, alloc->record.claims[0].nonce);
	return 0;
}

static int take_own(struct session *s, const struct import_row *row, struct err *err)
{
	_autoalloc_ struct alloc alloc = { .record = RECORD_NONE };
	struct err ignored;

	if (prepare(s, &alloc, err))
		return -1;
	if (lease(&alloc, row, err)) {
		alloc_undo(&alloc);
		return -1;
	}
	(void)known_save(&s->state, &s->known, false, &ignored);
	return 0;
}

/* 1 done, 0 look again, or -1. */
static int set_aside(const struct session *s, const struct import_row *row,
		     const struct shard *shard, struct err *err)
{
	_autoclose_ int dir = -1;
	char key[IP_LEN], aside[LEASE_LEN];
	struct twins twins;
	struct lease lease;
	int r;

	if (twins_list(&s->pool, shard->name, ip_format(&row->ip, key), &twins, err)) {
		if (err->no != ENOENT)
			return -1;
		r = pool_make_shard(&s->pool, s->conf, shard, err);
		sleep_ms(r > 0 ? 500 : 0); /* another node is making it */
		return r < 0 ? -1 : 0;
	}
	import_aside_name(row, s, aside);
	if (twins.n && !strcmp(twins.names[0], aside))
		return 1;
	if (twins.n != 1 || !lease_parse(twins.names[0], &lease) ||
	    lease.state != LEASE_FREE)
		return err_set(err, 0, "it was taken just now: %s",
			       twins.n ? twins.names[0] : "it has no file");
	dir = pool_open_shard(&s->pool, shard->name, err);
	if (dir < 0)
		return -1;
	if (renameat(dir, twins.names[0], dir, aside) && errno != ENOENT)
		return err_set(err, errno, "rename %s", twins.names[0]);
	(void)fsync(dir);
	return 0; /* the next look tells */
}

/* The block is given to the row's node, which then is the only one to lease from it. 1
 * it has it, 0 look again, or -1. */
static int take_block(const struct session *s, const struct range *range,
		      const struct import_row *row, struct err *err)
{
	_autoblocks_ struct blocks blocks = { 0 };
	struct blockdir dir = blockdir_of(range, &row->ip);
	struct session as = *s;
	int r = blocks_in(&s->pool, &dir, &blocks, err);

	if (r < 0)
		return -1;
	if (r == 0) {
		r = pool_make_blocks(&s->pool, s->conf, &dir, err);
		sleep_ms(r > 0 ? 500 : 0);
		return r < 0 ? -1 : 0;
	}
	strcpy(as.node.name, row->node);
	for (int i = 0; i < blocks.n; i++) {
		const struct block *block = &blocks.list[i];

		if (!cidr_contains(&block->cidr, &row->ip))
			continue;
		if (block->state == LEASE_FREE)
			return blocks_claim(&as, range, block, err) < 0 ? -1 : 0;
		if (block->state == LEASE_HELD && !strcmp(block->node, row->node))
			return 1;
		return err_set(err, 0, "its block was taken just now: %s",
			       *block->node ? block->node : block->note);
	}
	return err_set(err, 0, "it is in no block");
}

static int take_aside(struct session *s, const struct import_row *row, struct err *err)
{
	struct shard shard;
	const struct range *range;

	if (session_trust(s, TRUST_MAKE, err))
		return -1;
	range = import_range(s->conf, &row->ip, &shard);
	for (int round = 0; range && round < ROUNDS; round++) {
		int r = range->block ? take_block(s, range, row, err) : 1;

		if (r > 0)
			r = set_aside(s, row, &shard, err);
		if (r)
			return r < 0 ? -1 : 0;
	}
	return err_set(err, 0, "others are at it just now: try again");
}

int import_take(struct import *import, const struct import_row *row, struct err *err)
{
	_autosession_ struct session s = { .state = STATE_CLOSED, .store = STORE_CLOSED };
	char args[COMMENT_POD_LEN + 48] = "";
	size_t ns = strcspn(row->pod, "/");

	if (row->pod[ns])
		snprintf(args, sizeof(args), "K8S_POD_NAMESPACE=%.*s;K8S_POD_NAME=%s",
			 (int)ns, row->pod, row->pod + ns + 1);
	import->call.args = args;
	if (import_session(import, row, &s, err))
		return -1;
	if (import_is_own(&s, row))
		return take_own(&s, row, err);
	return row->state == IMPORT_THERE ? 0 : take_aside(&s, row, err);
}
