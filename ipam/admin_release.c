/* admin_release.c - rail-ipam release: free one address, whoever holds it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipam/block.h"
#include "ipam/hold.h"
#include "ipam/release.h"
#include "ipam/report.h"

/* What an operator calls it: an address, a block, or the whole name of a file of one. */
struct giving {
	const char *text;
	bool whole; /* the name of one file */
	bool block;
	struct cidr of; /* an address's prefix means nothing */
	char key[LEASE_LEN];
	char dir[BLOCKDIR_LEN]; /* where its files are */
	struct report report;
};

static int parse(const char *text, struct giving *ret, struct err *err)
{
	struct lease lease;
	struct block block;

	ret->whole = text[strcspn(text, "=@")];
	if (cidr_parse(text, &ret->of)) {
		ret->block = true;
	} else if (lease_parse(text, &lease)) {
		ret->of.ip = lease.ip;
	} else if (block_parse(text, &block)) {
		ret->of = block.cidr;
		ret->block = true;
	} else {
		return err_set(err, 0,
			       "%s: expected an address, a block, or the name of a lease",
			       text);
	}
	if (ret->block)
		ret->of.ip = cidr_first(&ret->of);
	return 0;
}

/* False when the range has nothing of the kind. */
static bool locate_in(const struct range *range, struct giving *giving)
{
	const struct ip *ip = &giving->of.ip;
	struct range part;
	struct shard shard;
	char text[IP_LEN];

	ip_format(ip, text);
	if (giving->block) {
		if (range->subnet.ip.family != ip->family ||
		    range->block != giving->of.prefix)
			return false;
		snprintf(giving->key, sizeof(giving->key), "%s-%d", text, range->block);
		strcpy(giving->dir, blockdir_of(range, ip).name);
		return true;
	}
	if (!span_contains(&range->span, ip))
		return false;
	part = range_part(range, ip);
	shard = shard_of(&part, ip);
	strcpy(giving->key, text);
	strcpy(giving->dir, shard.name);
	return true;
}

/* Its files, freshly listed; none is no failure. */
static int find(const struct pool *pool, struct giving *giving, struct twins *ret,
		struct err *err)
{
	_autofree_ struct conf *made = calloc(1, sizeof(*made));
	bool found = false;

	ret->n = 0;
	if (!made)
		return err_set(err, ENOMEM, "read " POOL_FILE);
	if (pool_read(pool, made, err))
		return -1;
	for (int i = 0; i < made->n_ranges && !found; i++)
		found = locate_in(&made->ranges[i], giving);
	if (!found || !twins_list(pool, giving->dir, giving->key, ret, err))
		return 0;
	return err->no == ENOENT ? 0 : -1;
}

static int ambiguous(const struct giving *giving, const struct twins *twins,
		     struct err *err)
{
	err_set(err, 0, "%s has several files: %s and %s", giving->text, twins->names[0],
		twins->names[1]);
	return err_hint(err, "name the one to be taken away, in place of the address; "
			     "rail-ipam fsck shows the commands");
}

/* The file that is meant: its number, or -1. */
static int choose(const struct giving *giving, const struct pool *pool,
		  const struct twins *twins, struct err *err)
{
	for (int i = 0; giving->whole && i < twins->n; i++)
		if (!strcmp(twins->names[i], giving->text))
			return i;
	if (!twins->n)
		return err_set(err, 0, "%s has no file in pool %s of store %s",
			       giving->text, pool->name, pool->store->path);
	if (giving->whole)
		return err_set(err, 0, "%s is not there any more: there is %s",
			       giving->text, twins->names[0]);
	return twins->n > 1 ? ambiguous(giving, twins, err) : 0;
}

static bool is_free(const struct giving *giving, const char *name)
{
	struct lease lease;
	struct block block;

	return giving->block ? block_parse(name, &block) && block.state == LEASE_FREE
			     : lease_parse(name, &lease) && lease.state == LEASE_FREE;
}

/* The only file is renamed; one of several is removed. 1, 0 when it was gone, or -1. */
static int free_file(const struct pool *pool, const struct giving *giving,
		     const char *name, bool only, struct err *err)
{
	struct pool_entry entry = { .shard = giving->dir, .name = name };
	_autoclose_ int dir = -1;
	int r;

	if (only) {
		dir = pool_open_shard(pool, giving->dir, err);
		entry.dir = dir;
		return dir < 0 ? -1 : release_name(&entry, err);
	}
	r = hold_drop(pool, giving->dir, name, err);
	return r < 2 ? r
		     : err_set(err, 0, "the other files of %s change just now: try again",
			       giving->key);
}

static int release_in(void *ctx, const struct store *store, const char *name,
		      struct err *err)
{
	struct giving *giving = ctx;
	struct pool pool = { .store = store, .name = name, .node = "" };
	struct twins twins;
	int at, r = 1;

	if (find(&pool, giving, &twins, err))
		return -1;
	at = choose(giving, &pool, &twins, err);
	if (at < 0)
		return -1;
	if (twins.n == 1 && is_free(giving, twins.names[at]))
		return err_set(err, 0, "%s is free already", giving->text);
	if (!giving->report.dry)
		r = free_file(&pool, giving, twins.names[at], twins.n == 1, err);
	if (r == 0)
		return err_set(err, 0, "%s was just freed by somebody else",
			       twins.names[at]);
	if (r > 0)
		report_did(&giving->report, name, twins.names[at]);
	return r < 0 ? -1 : 0;
}

int admin_release(const struct options *options, struct err *err)
{
	struct giving giving = { .text = options->args[0],
				 .report = report_begin(options, "free", "freed") };

	if (parse(giving.text, &giving, err))
		return -1;
	return target_pool(options->args[1], release_in, &giving, err)
		       ? -1
		       : report_end(&giving.report, err);
}
