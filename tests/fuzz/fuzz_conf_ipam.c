/* fuzz_conf_ipam.c - the configuration of rail-ipam: CNI_ARGS in the first line, JSON
 * behind it.
 *
 * links: ipam/conf.c ipam/conf_range.c ipam/conf_result.c ipam/conf_wanted.c
 * ipam/range.c ipam/shard.c ipam/block.c */
#include "tests/fuzz/fuzz.h"

#include "ipam/block.h"
#include "ipam/conf.h"
#include "ipam/shard.h"

#define LOOKS 8 /* addresses of a range that are looked at: there may be 2^128 */

static void must_be_named(const struct range *range, const struct ip *ip)
{
	struct range part = range_part(range, ip);
	struct shard shard = shard_of(&part, ip), same;
	struct blockdir dir, again;

	must(shard_parse(&part, shard.name, &same) && ip_equal(&same.base, &shard.base));
	must(span_contains(&shard.span, ip));
	must(shard_slot(&shard.base) + shard_size(&shard) <= SHARD_SLOTS);
	if (!range->block)
		return;
	dir = blockdir_of(range, ip);
	must(blockdir_parse(range, dir.name, &again) && blockdir_is_of(&dir, range));
	must(span_contains(&dir.span, ip));
}

/* What was read has one spelling, and every address of it a place. */
static void must_be_sound(const struct range *range)
{
	char text[RANGE_LEN], again[RANGE_LEN];
	struct ip ip = range->span.first;
	struct range same;

	must(range_read(range_format(range, text), &same));
	must(!strcmp(range_format(&same, again), text));
	for (int i = 0; i < LOOKS && range_next(range, &ip); i++) {
		must(range_usable(range, &ip) && cidr_contains(&range->subnet, &ip));
		must_be_named(range, &ip);
		if (!ip_add(&ip, 1, &ip))
			break;
	}
}

static void must_be_in_range(const struct conf *conf)
{
	must(*conf->store == '/' && cni_valid_name(conf->pool));
	must(conf->deadline >= 1000 && conf->deadline <= 3600000);
	must(conf->n_ranges > 0 && conf->n_ranges <= CONF_MAX_RANGES);
	must(conf->n_sets > 0 && conf->n_sets <= conf->n_ranges);
	must(conf->n_routes <= CONF_MAX_ROUTES && conf->n_fixed <= CONF_MAX_RANGES);
	for (int i = 0; i < conf->n_ranges; i++)
		must_be_sound(&conf->ranges[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf conf, lenient;
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	const char *args = fuzz_line(&fuzz);
	_cleanup_(fuzz_call_end) struct cni_call call = { 0 };
	char text[CONF_RANGES_LEN];
	struct err err;

	if (!fuzz_call(args, fuzz_rest(&fuzz), &call, &err))
		return 0;
	if (!fuzz_told(conf_parse(&call, &conf, &err), &err)) {
		must_be_in_range(&conf);
		must(strlen(conf_ranges(&conf, ", ", text)) < sizeof(text));
		/* What ADD understood, DEL understands. */
		must(conf_parse_leniently(&call, &lenient));
		must(!strcmp(conf.store, lenient.store));
		must(!strcmp(conf.pool, lenient.pool));
		if (!fuzz_told(conf_wanted(&call, &conf, &err), &err))
			for (int i = 0; i < conf.n_sets; i++)
				must(conf.wanted[i].family != AF_UNIX);
	}
	conf_clear(&conf);
	return 0;
}
