/* admin_reserve.c - rail-ipam reserve: set addresses aside, so that nobody gets them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/name.h"
#include "ipam/lease.h"
#include "ipam/pool.h"
#include "ipam/report.h"

#define MAX_SHARDS 64 /* of 256 addresses, in one command */

struct reserving {
	const char *text;
	struct span span;
	char why[160]; /* as it stands in file names */
	struct report report;
	int taken;	  /* of the addresses meant, by others */
	const char *pool; /* that is being worked on */
};

static int reserve_one(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct reserving *reserving = ctx;
	char ip[IP_LEN], name[LEASE_LEN];
	struct lease lease;

	if (!lease_parse(entry->name, &lease) ||
	    !span_contains(&reserving->span, &lease.ip) || lease.state == LEASE_RESERVED)
		return 0;
	if (lease.state != LEASE_FREE) {
		reserving->taken++;
		fprintf(stderr, "rail-ipam: not free: %s\n", entry->name);
		return 0;
	}
	snprintf(name, sizeof(name), "%s=reserved,%s", ip_format(&lease.ip, ip),
		 reserving->why);
	if (!reserving->report.dry &&
	    renameat(entry->dir, entry->name, entry->dir, name)) {
		if (errno != ENOENT)
			return err_set(err, errno, "reserve %s", entry->name);
		reserving->taken++; /* somebody was faster: say so */
		fprintf(stderr, "rail-ipam: taken just now: %s\n", ip);
		return 0;
	}
	report_did(&reserving->report, reserving->pool, name);
	return 0;
}

static int make_shard(const struct pool *pool, const struct conf *made,
		      const struct shard *shard, struct err *err)
{
	_autoclose_ int dir = pool_open_shard(pool, shard->name, err);
	int r;

	if (dir >= 0)
		return 0;
	if (err->no != ENOENT)
		return -1;
	r = pool_make_shard(pool, made, shard, err);
	return r <= 0 ? r
		      : err_set(err, 0, "a node makes shard %s just now: try again",
				shard->name);
}

static int make_shards_of(const struct pool *pool, const struct conf *made,
			  const struct range *range, const struct span *span,
			  struct err *err)
{
	struct ip ip = span->first;

	if (span->first.family != range->subnet.ip.family)
		return 0;
	for (int n = 0; range_next(range, &ip) && span_contains(span, &ip); n++) {
		struct range part = range_part(range, &ip);
		struct shard shard = shard_of(&part, &ip);

		if (n == MAX_SHARDS)
			return err_set(err, 0, "more than %d addresses at once",
				       MAX_SHARDS * SHARD_SLOTS);
		if (make_shard(pool, made, &shard, err))
			return -1;
		if (!ip_add(&shard.span.last, 1, &ip))
			break;
	}
	return 0;
}

/* Addresses that nobody had yet may have no files. */
static int make_shards(const struct pool *pool, const struct conf *made,
		       const struct span *span, struct err *err)
{
	for (int i = 0; i < made->n_ranges; i++)
		if (make_shards_of(pool, made, &made->ranges[i], span, err))
			return -1;
	return 0;
}

static int reserve_in(void *ctx, const struct store *store, const char *name,
		      struct err *err)
{
	struct reserving *reserving = ctx;
	struct pool pool = { .store = store, .name = name, .node = "operator" };
	_autofree_ struct conf *made = calloc(1, sizeof(*made));

	if (!made)
		return err_set(err, ENOMEM, "read " POOL_FILE);
	reserving->pool = name;
	if (pool_read(&pool, made, err) ||
	    (!reserving->report.dry && make_shards(&pool, made, &reserving->span, err)) ||
	    pool_each(&pool, reserve_one, reserving, err))
		return -1;
	if (reserving->taken)
		return err_set(err, 0, "%d of %s are not free", reserving->taken,
			       reserving->text);
	return 0;
}

int admin_reserve(const struct options *options, struct err *err)
{
	const char *why = options->n_args > 2 ? options->args[2] : "operator";
	struct reserving reserving = { .text = options->args[0],
				       .report = report_begin(options, "reserve",
							      "reserved") };
	int r;

	if (!span_parse(reserving.text, &reserving.span))
		return err_set(err, 0, "%s: expected an address, A-B or a prefix",
			       reserving.text);
	if (!name_escape(why, "", reserving.why, sizeof(reserving.why)))
		return err_set(err, 0, "the reason is too long");
	r = target_pool(options->args[1], reserve_in, &reserving, err);
	return r ? -1 : report_end(&reserving.report, err);
}
