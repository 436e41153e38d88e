/* range.c - which addresses a pool may hand out. */
#include <stdio.h>
#include <string.h>

#include "ipam/range.h"

/* Cut text at the first `mark` into two buffers; false when there is none. */
static bool split(const char *text, char mark, char left[IP_LEN], char right[CIDR_LEN])
{
	const char *at = strchr(text, mark);

	if (!at || at - text >= IP_LEN || strlen(at + 1) >= CIDR_LEN)
		return false;
	memcpy(left, text, at - text);
	left[at - text] = '\0';
	strcpy(right, at + 1);
	return true;
}

bool span_contains(const struct span *span, const struct ip *ip)
{
	return ip->family == span->first.family && ip_cmp(&span->first, ip) <= 0 &&
	       ip_cmp(ip, &span->last) <= 0;
}

static bool span_valid(const struct span *span)
{
	return span->first.family == span->last.family &&
	       ip_cmp(&span->first, &span->last) <= 0;
}

bool span_parse(const char *text, struct span *ret)
{
	char left[IP_LEN], right[CIDR_LEN];
	struct span span;
	struct cidr cidr;

	if (cidr_parse_or_host(text, &cidr)) {
		*ret = (struct span){ cidr_first(&cidr), cidr_last(&cidr) };
		return true;
	}
	if (!split(text, '-', left, right) || !ip_parse(left, &span.first) ||
	    !ip_parse(right, &span.last) || !span_valid(&span))
		return false;
	*ret = span;
	return true;
}

/* What hosts may have: neither the network's own address (IPv6: the routers' anycast)
 * nor IPv4's broadcast, unless the network is a point-to-point link or a host. */
static struct span hosts_of(const struct cidr *subnet)
{
	struct span all = { cidr_first(subnet), cidr_last(subnet) };

	if (subnet->prefix > ip_bits(subnet->ip.family) - 2)
		return all;
	all.first.b[ip_bytes(all.first.family) - 1] |= 1;
	if (all.last.family == AF_INET)
		all.last.b[3] &= 0xfe;
	return all;
}

bool range_start(struct range *range, const struct ip *first)
{
	if (!cidr_contains(&range->subnet, first) || ip_cmp(first, &range->span.last) > 0)
		return false;
	if (ip_cmp(first, &range->span.first) > 0)
		range->span.first = *first;
	return true;
}

bool range_end(struct range *range, const struct ip *last)
{
	if (!cidr_contains(&range->subnet, last) || ip_cmp(&range->span.first, last) > 0)
		return false;
	if (ip_cmp(last, &range->span.last) < 0)
		range->span.last = *last;
	return true;
}

bool range_parse(const char *text, struct range *ret)
{
	char left[IP_LEN], right[CIDR_LEN];
	struct range range = { .gateway_index = -1 };
	struct cidr end;
	struct ip first;
	bool bounded = split(text, '-', left, right);

	if (!cidr_parse(bounded ? right : text, &end))
		return false;
	range.subnet = (struct cidr){ cidr_first(&end), end.prefix };
	range.span = hosts_of(&range.subnet);
	if (bounded && (!ip_parse(left, &first) || !range_start(&range, &first) ||
			!range_end(&range, &end.ip)))
		return false;
	*ret = range;
	return true;
}

/* The excluded span that holds an address, or NULL. */
static const struct span *excluder(const struct range *range, const struct ip *ip)
{
	for (int i = 0; i < range->n_excludes; i++)
		if (span_contains(&range->excludes[i], ip))
			return &range->excludes[i];
	return NULL;
}

bool range_next(const struct range *range, struct ip *ip)
{
	struct ip at = *ip;

	if (ip_cmp(&at, &range->span.first) < 0)
		at = range->span.first;
	while (span_contains(&range->span, &at)) {
		const struct span *skip = excluder(range, &at);

		if (!skip && !ip_equal(&at, &range->gateway)) {
			*ip = at;
			return true;
		}
		if (!ip_add(skip ? &skip->last : &at, 1, &at))
			break;
	}
	return false;
}

bool range_usable(const struct range *range, const struct ip *ip)
{
	return span_contains(&range->span, ip) && !excluder(range, ip) &&
	       !ip_equal(ip, &range->gateway);
}

bool range_overlaps(const struct range *a, const struct range *b)
{
	return span_contains(&a->span, &b->span.first) ||
	       span_contains(&b->span, &a->span.first);
}

struct range range_part(const struct range *range, const struct ip *ip)
{
	struct range part = *range;
	struct span hosts;

	if (!range->block)
		return part;
	part.subnet = (struct cidr){ *ip, range->block };
	part.subnet.ip = cidr_first(&part.subnet);
	hosts = hosts_of(&part.subnet);
	if (ip_cmp(&hosts.first, &part.span.first) > 0)
		part.span.first = hosts.first;
	if (ip_cmp(&hosts.last, &part.span.last) < 0)
		part.span.last = hosts.last;
	if (range->gateway_index >= 0)
		(void)ip_add(&part.subnet.ip, range->gateway_index, &part.gateway);
	return part;
}

char *range_format(const struct range *range, char buf[RANGE_LEN])
{
	char first[IP_LEN], last[IP_LEN];
	int n = snprintf(buf, RANGE_LEN, "%s-%s/%d", ip_format(&range->span.first, first),
			 ip_format(&range->span.last, last), range->subnet.prefix);

	if (range->block)
		n += snprintf(buf + n, RANGE_LEN - n, " in /%d", range->block);
	if (range->block && range->gateway_index >= 0)
		snprintf(buf + n, RANGE_LEN - n, " gateway %lld",
			 (long long)range->gateway_index);
	return buf;
}

bool range_read(const char *text, struct range *ret)
{
	char plain[RANGE_LEN], again[RANGE_LEN];
	const char *in = strstr(text, " in /");
	struct range range;
	long long index = -1;

	snprintf(plain, sizeof(plain), "%.*s", in ? (int)(in - text) : (int)strlen(text),
		 text);
	if (!range_parse(plain, &range))
		return false;
	if (in && sscanf(in, " in /%d gateway %lld", &range.block, &index) < 1)
		return false;
	range.gateway_index = index;
	if (in && strcmp(range_format(&range, again), text))
		return false;
	*ret = range;
	return true;
}
