/* block.c - parts of a range that nodes take for themselves, as files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipam/block.h"

#define DIR_PREFIX "blocks-"
#define DIR_BITS   8 /* of blocks in a directory */

static struct cidr block_of(const struct range *range, const struct ip *ip)
{
	struct cidr block = { *ip, range->block };

	block.ip = cidr_first(&block);
	return block;
}

struct blockdir blockdir_of(const struct range *range, const struct ip *ip)
{
	int prefix = range->block > DIR_BITS ? range->block - DIR_BITS : 0;
	struct cidr whole = { *ip, prefix };
	struct blockdir dir = { .span = { cidr_first(&whole), cidr_last(&whole) } };
	char text[IP_LEN];

	snprintf(dir.name, sizeof(dir.name), DIR_PREFIX "%s-%d",
		 ip_format(&dir.span.first, text), prefix);
	return dir;
}

bool blockdir_is_name(const char *name)
{
	return !strncmp(name, DIR_PREFIX, strlen(DIR_PREFIX));
}

bool blockdir_is_of(const struct blockdir *dir, const struct range *range)
{
	struct blockdir same;

	return range->block && range->subnet.ip.family == dir->span.first.family &&
	       blockdir_parse(range, dir->name, &same);
}

bool blockdir_parse(const struct range *range, const char *name, struct blockdir *ret)
{
	const char *dash = strrchr(name, '-');
	size_t skip = strlen(DIR_PREFIX);
	struct blockdir dir;
	char text[IP_LEN];
	struct ip ip;

	if (!range->block || !blockdir_is_name(name) || dash < name + skip ||
	    dash - name - skip >= IP_LEN)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(dash - name - skip), name + skip);
	if (!ip_parse(text, &ip) || ip.family != range->subnet.ip.family)
		return false;
	dir = blockdir_of(range, &ip);
	if (strcmp(dir.name, name) || ip_cmp(&dir.span.last, &range->span.first) < 0 ||
	    ip_cmp(&dir.span.first, &range->span.last) > 0)
		return false;
	*ret = dir;
	return true;
}

int blockdir_cmp(const void *a, const void *b)
{
	const struct blockdir *one = a, *two = b;

	return ip_cmp(&one->span.first, &two->span.first);
}

bool blockdir_next(const struct range *range, const struct blockdir *made, int n_made,
		   struct blockdir *ret)
{
	struct ip ip = range->span.first;

	while (range_next(range, &ip)) {
		struct blockdir dir = blockdir_of(range, &ip);

		if (!n_made || !bsearch(&dir, made, n_made, sizeof(dir), blockdir_cmp)) {
			*ret = dir;
			return true;
		}
		if (!ip_add(&dir.span.last, 1, &ip))
			break;
	}
	return false;
}

bool block_behind(const struct range *range, struct ip *ip)
{
	struct cidr block = block_of(range, ip);
	struct ip last = cidr_last(&block);

	return ip_add(&last, 1, ip);
}

bool block_next(const struct range *range, const struct blockdir *dir, struct ip *ip)
{
	struct ip at = *ip;

	while (range_next(range, &at) && span_contains(&dir->span, &at)) {
		struct range part = range_part(range, &at);
		struct ip first = part.span.first;

		if (range_next(&part, &first)) {
			*ip = part.subnet.ip;
			return true;
		}
		if (!block_behind(range, &at))
			break;
	}
	return false;
}

static bool parse_cidr(const char *name, size_t len, struct cidr *ret)
{
	char text[CIDR_LEN], again[CIDR_LEN], *dash;
	struct cidr cidr;

	if (len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, name);
	dash = strrchr(text, '-');
	if (!dash)
		return false;
	*dash = '/';
	if (!cidr_parse(text, &cidr) || strcmp(cidr_format(&cidr, again), text))
		return false;
	*ret = cidr;
	return true;
}

static bool is_hex8(const char *text)
{
	return strlen(text) == 8 && strspn(text, "0123456789abcdef") == 8;
}

static void parse_holder(const char *rest, struct block *ret)
{
	const char *comma = strrchr(rest, ',');

	snprintf(ret->note, sizeof(ret->note), "%s", rest);
	ret->state = LEASE_ODD;
	if (!strcmp(rest, "reserved") || !strncmp(rest, "reserved,", 9)) {
		ret->state = LEASE_RESERVED;
	} else if (comma && comma - rest < NODE_LEN && is_hex8(comma + 1)) {
		ret->state = LEASE_HELD;
		snprintf(ret->node, sizeof(ret->node), "%.*s", (int)(comma - rest), rest);
		strcpy(ret->nonce, comma + 1);
		*ret->note = '\0';
	}
}

bool block_parse(const char *name, struct block *ret)
{
	size_t len = strcspn(name, "=@");
	struct block block = { .state = LEASE_FREE, .freed = -1 };
	const char *time = name + len + 1;

	if (!parse_cidr(name, len, &block.cidr))
		return false;
	if (name[len] == '=')
		parse_holder(name + len + 1, &block);
	else if (name[len] == '@' && strlen(time) < 16 && *time &&
		 strspn(time, "0123456789") == strlen(time))
		block.freed = strtoll(time, NULL, 10);
	else if (name[len])
		block.state = LEASE_ODD;
	*ret = block;
	return true;
}

static int put_cidr(const struct cidr *cidr, char buf[LEASE_LEN])
{
	char text[IP_LEN];

	return snprintf(buf, LEASE_LEN, "%s-%d", ip_format(&cidr->ip, text),
			cidr->prefix);
}

char *block_free_name(const struct range *range, const struct ip *ip, int64_t freed,
		      char buf[LEASE_LEN])
{
	struct cidr cidr = block_of(range, ip);
	int n = put_cidr(&cidr, buf);

	if (freed >= 0)
		snprintf(buf + n, LEASE_LEN - n, "@%lld", (long long)freed);
	return buf;
}

char *block_held_name(const struct range *range, const struct ip *ip, const char *node,
		      const char *nonce, char buf[LEASE_LEN])
{
	struct cidr cidr = block_of(range, ip);
	int n = put_cidr(&cidr, buf);

	snprintf(buf + n, LEASE_LEN - n, "=%s,%s", node, nonce);
	return buf;
}

char *block_key(const struct cidr *block, char buf[BLOCK_KEY_LEN])
{
	char text[IP_LEN];

	snprintf(buf, BLOCK_KEY_LEN, "%s-%d", ip_format(&block->ip, text), block->prefix);
	return buf;
}
