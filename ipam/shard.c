/* shard.c - a pool's addresses in blocks of 256: directories that are cheap to list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipam/shard.h"

/* No larger than what belongs to one node: only that node changes it then. */
static struct cidr block_of(const struct range *range, const struct ip *ip)
{
	int prefix = ip_bits(ip->family) - 8;

	return (struct cidr){ *ip, range->block > prefix ? range->block : prefix };
}

static struct ip later(const struct ip *a, const struct ip *b)
{
	return ip_cmp(a, b) > 0 ? *a : *b;
}

static struct ip earlier(const struct ip *a, const struct ip *b)
{
	return ip_cmp(a, b) < 0 ? *a : *b;
}

struct shard shard_of(const struct range *range, const struct ip *ip)
{
	struct cidr block = block_of(range, ip);
	struct ip first = cidr_first(&block), last = cidr_last(&block);
	struct shard shard = { .base = first };
	char text[IP_LEN];

	shard.span.first = later(&first, &range->span.first);
	shard.span.last = earlier(&last, &range->span.last);
	snprintf(shard.name, sizeof(shard.name), "%s-%d", ip_format(&first, text),
		 block.prefix);
	return shard;
}

bool shard_parse(const struct range *range, const char *name, struct shard *ret)
{
	const char *dash = strrchr(name, '-');
	char text[IP_LEN];
	struct shard shard;
	struct ip base;

	if (!dash || dash - name >= IP_LEN)
		return false;
	memcpy(text, name, dash - name);
	text[dash - name] = '\0';
	if (!ip_parse(text, &base) || base.family != range->span.first.family)
		return false;
	shard = shard_of(range, &base);
	if (strcmp(shard.name, name) || ip_cmp(&shard.span.first, &shard.span.last) > 0)
		return false;
	*ret = shard;
	return true;
}

int shard_size(const struct shard *shard)
{
	return shard_slot(&shard->span.last) - shard_slot(&shard->span.first) + 1;
}

struct ip shard_ip(const struct shard *shard, int slot)
{
	struct ip ip = shard->base;

	ip.b[ip_bytes(ip.family) - 1] = slot;
	return ip;
}

int shard_cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct shard *)a)->base, &((const struct shard *)b)->base);
}

bool shard_next(const struct range *range, const struct shard *made, int n_made,
		struct shard *ret)
{
	struct ip ip = range->span.first;

	while (range_next(range, &ip)) {
		struct shard shard = shard_of(range, &ip);

		if (!n_made || !bsearch(&shard, made, n_made, sizeof(shard), shard_cmp)) {
			*ret = shard;
			return true;
		}
		if (!ip_add(&shard.span.last, 1, &ip))
			break;
	}
	return false;
}
