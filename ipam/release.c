/* release.c - give leases back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipam/release.h"

static int failed(const char *name, struct err *err)
{
	err_set(err, errno, "release %s", name);
	return err_code(err, CNI_TRY_LATER);
}

int release_entry(const struct pool_entry *entry, const struct ip *ip, struct err *err)
{
	char name[LEASE_LEN];

	free_name(ip, time(NULL), name);
	if (!renameat(entry->dir, entry->name, entry->dir, name))
		return 1;
	return errno == ENOENT ? 0 : failed(entry->name, err);
}

int release_name(const struct pool_entry *entry, struct err *err)
{
	int len = strcspn(entry->name, "=@");
	char name[LEASE_LEN];

	snprintf(name, sizeof(name), "%.*s@%lld", len, entry->name,
		 (long long)time(NULL));
	if (!renameat(entry->dir, entry->name, entry->dir, name))
		return 1;
	return errno == ENOENT ? 0 : failed(entry->name, err);
}

int release_claim(const struct pool *pool, const char *owner, const struct claim *claim,
		  struct err *err)
{
	char lease[LEASE_LEN], name[LEASE_LEN], from[PATH_MAX], to[PATH_MAX];

	lease_name(&claim->ip, owner, claim->nonce, lease);
	free_name(&claim->ip, time(NULL), name);
	snprintf(from, sizeof(from), "%s/%s/%s", pool->name, claim->shard, lease);
	snprintf(to, sizeof(to), "%s/%s/%s", pool->name, claim->shard, name);
	if (!renameat(pool->store->root, from, pool->store->root, to) || errno == ENOENT)
		return 0;
	return failed(from, err);
}

struct owned {
	const char *owner;
	int count;
};

static int release_if_owned(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct owned *owned = ctx;
	struct lease lease;
	int r;

	if (!lease_parse(entry->name, &lease) ||
	    !lease_is_of_any_boot(&lease, owned->owner))
		return 0;
	r = release_entry(entry, &lease.ip, err);
	if (r > 0)
		owned->count++;
	return r < 0 ? -1 : 0;
}

int release_owned(const struct pool *pool, const char *owner, struct err *err)
{
	struct owned owned = { .owner = owner };

	if (pool_each(pool, release_if_owned, &owned, err))
		return -1;
	return owned.count;
}

int release_record(const struct pool *pool, const struct record *record, int from,
		   struct err *err)
{
	const char *owner = record->head.owner;
	struct err other, *first = err;
	int r = 0;

	for (int i = from; i < record->n_claims; i++)
		if (release_claim(pool, owner, &record->claims[i], first)) {
			first = &other;
			r = -1;
		}
	if (record->list && release_owned(pool, owner, first) < 0)
		r = -1;
	return r;
}
