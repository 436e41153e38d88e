/* admin_release.c - rail-ipam release: free one address, whoever holds it. */
#include <stdio.h>
#include <string.h>

#include "ipam/block.h"
#include "ipam/pool.h"
#include "ipam/release.h"
#include "ipam/report.h"

struct giving {
	const char *text;
	struct ip ip; /* AF_UNSPEC: it is a block */
	struct report report;
	bool found; /* with any file */
};

static bool is_meant(const struct giving *giving, const char *name)
{
	char text[CIDR_LEN];
	struct lease lease;
	struct block block;

	if (giving->ip.family)
		return lease_parse(name, &lease) && ip_equal(&lease.ip, &giving->ip);
	return block_parse(name, &block) &&
	       !strcmp(cidr_format(&block.cidr, text), giving->text);
}

static int free_one(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct giving *giving = ctx;
	int r = 1;

	if (!is_meant(giving, entry->name))
		return 0;
	giving->found = true;
	if (!strchr(entry->name, '='))
		return 0;
	if (!giving->report.dry)
		r = release_name(entry, err);
	return r > 0 ? (report_did(&giving->report, entry->shard, entry->name), 0) : r;
}

static int release_in(void *ctx, const struct store *store, const char *name,
		      struct err *err)
{
	struct giving *giving = ctx;
	struct pool pool = { .store = store, .name = name, .node = "" };

	if (pool_each(&pool, free_one, giving, err))
		return -1;
	if (!giving->found)
		return err_set(err, 0, "%s has no file in pool %s of store %s",
			       giving->text, name, store->path);
	if (!giving->report.n)
		return err_set(err, 0, "%s is free already", giving->text);
	return 0;
}

int admin_release(const struct options *options, struct err *err)
{
	struct giving giving = { .text = options->args[0],
				 .report = report_begin(options, "free", "freed") };
	struct cidr cidr;

	if (!ip_parse(giving.text, &giving.ip) && !cidr_parse(giving.text, &cidr))
		return err_set(err, 0, "%s: expected an address, or a block",
			       giving.text);
	return target_pool(options->args[1], release_in, &giving, err)
		       ? -1
		       : report_end(&giving.report, err);
}
