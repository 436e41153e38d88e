/* alloc.c - one address from each set of ranges, or none at all. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipam/alloc.h"
#include "ipam/alloc_block.h"
#include "ipam/alloc_range.h"
#include "ipam/digest.h"
#include "ipam/release.h"

/* Text that stands in a line of the record. */
static const char *one_line(const char *text)
{
	return strchr(text, '\n') ? "" : text;
}

static void fill_head(struct alloc *a)
{
	const struct session *s = a->session;

	a->record.head = (struct record_head){
		.network = s->call->network,
		.container = s->call->container,
		.ifname = s->call->ifname,
		.pod = comment_call_pod(s->call, a->pod),
		.netns = one_line(s->call->netns),
		.netnsdir = netns_directory(s->call->netns, a->netnsdir),
		.store = s->store.path,
		.identity = s->store.identity,
		.id = s->known.id,
		.pool = s->pool.name,
		.owner = s->owner,
	};
}

/* The same for all rails of a pod, and for the pod when it comes again. */
static uint64_t start_of(const struct alloc *a)
{
	const struct session *s = a->session;

	return digest_u64(s->conf->sticky && *a->pod ? a->pod : s->call->container);
}

/* Does the record speak of where we are about to claim? */
static bool is_ours(const struct session *s, const struct record *record)
{
	const struct record_head *head = &record->head;

	return !strcmp(head->store, s->store.path) && !strcmp(head->pool, s->pool.name) &&
	       !strcmp(head->owner, s->owner);
}

/* An attachment that has leases elsewhere, since its configuration was another one when
 * it was added before, does not need them any more. */
static int open_record(const struct session *s, struct record *ret, struct err *err)
{
	if (record_open(s->state.dir, s->key, ret, err))
		return -1;
	if (!ret->written || is_ours(s, ret))
		return 0;
	record_clear(ret);
	if (state_defer(s->state.dir, s->key, err) < 0)
		return -1;
	return record_open(s->state.dir, s->key, ret, err);
}

int alloc_open(struct session *s, struct alloc *ret, struct err *err)
{
	*ret = (struct alloc){ .session = s, .record = RECORD_NONE };
	if (state_nonce(ret->claimer.nonce, err) || open_record(s, &ret->record, err))
		return -1;
	ret->claimer.session = s;
	ret->claimer.record = &ret->record;
	fill_head(ret);
	ret->hash = start_of(ret);
	return 0;
}

void alloc_close(struct alloc *a)
{
	record_clear(&a->record);
}

static int full(const struct alloc *a, struct err *err)
{
	const struct session *s = a->session;
	char ranges[CONF_RANGES_LEN];

	err_cni(err, CNI_NO_ADDRESS,
		"pool %s of store %s is full: %d addresses of %s are leased, %d set "
		"aside",
		s->pool.name, s->store.path, a->held, conf_ranges(s->conf, ", ", ranges),
		a->reserved);
	return err_hint(err, "who holds them: rail-ipam list %s/%s", s->store.path,
			s->pool.name);
}

/* What the attachment's record says it may hold, in the order in which it was tried. */
static int resume(struct alloc *a, const struct range *range, struct ip *ret,
		  struct err *err)
{
	for (int i = 0; i < a->record.n_claims; i++) {
		const struct claim *claim = &a->record.claims[i];
		struct shard shard;
		int r;

		if (!span_contains(&range->span, &claim->ip))
			continue;
		shard = shard_of(range, &claim->ip);
		r = alloc_resume(a, &shard, ret, err);
		if (r)
			return r;
	}
	return 0;
}

int alloc_from_range(struct alloc *a, const struct range *range, const struct ip *wanted,
		     struct ip *ret, struct err *err)
{
	int r = resume(a, range, ret, err);

	if (r)
		return r;
	if (range->block)
		return alloc_from_blocks(a, range, wanted, ret, err);
	if (!wanted->family)
		return alloc_any(a, range, ret, err);
	return range_usable(range, wanted) ? alloc_wanted(a, range, wanted, ret, err) : 0;
}

static void give(struct answer *answer, const struct range *range, const struct ip *ip)
{
	struct range part = range_part(range, ip);
	int i = answer->n_given++;

	answer->given[i].address = (struct cidr){ *ip, part.subnet.prefix };
	answer->given[i].gateway = part.gateway;
}

static int from_set(struct alloc *a, int set, struct answer *answer, struct err *err)
{
	const struct conf *conf = a->session->conf;
	struct ip ip;

	a->held = a->reserved = 0;
	for (int i = 0; i < conf->n_ranges; i++) {
		int r = 0;

		if (conf->ranges[i].set == set)
			r = alloc_from_range(a, &conf->ranges[i], &conf->wanted[set], &ip,
					     err);
		if (r > 0)
			give(answer, &conf->ranges[i], &ip);
		if (r)
			return r;
	}
	return 0;
}

int alloc_addresses(struct alloc *a, struct answer *answer, struct err *err)
{
	for (int set = 0; set < a->session->conf->n_sets; set++) {
		int r = from_set(a, set, answer, err);

		/* Containers that are gone without DEL may hold what is needed now. */
		if (r == 0 && !a->swept && (a->swept = true) &&
		    sweep_vanished(a->session) > 0)
			r = from_set(a, set, answer, err);
		if (r <= 0)
			return r < 0 ? -1 : full(a, err);
	}
	return 0;
}

void alloc_undo(struct alloc *a)
{
	const struct session *s = a->session;
	struct err ignored;
	int failed = release_record(&s->pool, &a->record, a->record.before, &ignored);

	if (a->record.before)
		return; /* DEL will look at all of them */
	if (failed)
		(void)state_defer(s->state.dir, s->key, &ignored);
	else
		(void)unlinkat(s->state.dir, s->key, 0);
}
