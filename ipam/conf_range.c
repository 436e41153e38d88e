/* conf_range.c - the ranges of a configuration, in all their spellings. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ipam/conf_range.h"

/* The value of the first of two spellings that is there: 1, 0 or -1. */
static int get_either(const struct json *obj, const char *a, const char *b,
		      struct json *ret, struct err *err)
{
	int r = json_get(obj, a, ret, err);

	return r ? r : json_get(obj, b, ret, err);
}

static int get_ip(const struct json *obj, const char *a, const char *b, struct json *at,
		  struct ip *ret, struct err *err)
{
	int r = get_either(obj, a, b, at, err);
	const char *text;

	if (r <= 0)
		return r;
	if (json_string(at, &text, err) < 0)
		return -1;
	if (!*text)
		return 0;
	return ip_parse(text, ret) ? 1 : json_bad(at, "an address", err);
}

static int parse_bounds(const struct json *obj, struct range *range, struct err *err)
{
	char wanted[RANGE_LEN + 32], text[RANGE_LEN];
	struct json at;
	struct ip ip;
	int r = get_ip(obj, "range_start", "rangeStart", &at, &ip, err);

	snprintf(wanted, sizeof(wanted), "an address of %s", range_format(range, text));
	if (r > 0 && !range_start(range, &ip))
		r = json_bad(&at, wanted, err);
	if (r < 0)
		return -1;
	snprintf(wanted, sizeof(wanted), "an address of %s", range_format(range, text));
	r = get_ip(obj, "range_end", "rangeEnd", &at, &ip, err);
	if (r > 0 && !range_end(range, &ip))
		r = json_bad(&at, wanted, err);
	return r < 0 ? -1 : 0;
}

static int parse_exclude(const struct json *item, struct span *ret, struct err *err)
{
	const char *text;

	if (json_string(item, &text, err) < 0)
		return -1;
	if (!span_parse(text, ret))
		return json_bad(item, "an address, a range FIRST-LAST or a prefix", err);
	return 0;
}

/* conf_clear() frees them. */
static int parse_excludes(const struct json *obj, struct range *range, struct err *err)
{
	struct json list, item = { 0 };
	struct span *spans;
	int r = json_get_array(obj, "exclude", &list, err);

	if (r <= 0)
		return r;
	spans = calloc(json_size(&list) + 1, sizeof(*spans));
	if (!spans)
		return err_set(err, ENOMEM, "hold %s", list.path);
	range->excludes = spans;
	while (json_next(&list, &item))
		if (parse_exclude(&item, &spans[range->n_excludes++], err))
			return -1;
	return 0;
}

/* A network of which only the prefix is given has its gateway at the first address in
 * the plugin whose spelling "subnet" is. */
static int parse_gateway(const struct json *obj, bool subnet, struct range *range,
			 struct err *err)
{
	struct json at;
	struct ip first = cidr_first(&range->subnet);
	int r = get_ip(obj, "gateway", "gateway", &at, &range->gateway, err);

	if (r < 0)
		return -1;
	if (r > 0 && range->gateway.family != first.family)
		return json_bad(&at, "an address of the range's family", err);
	if (r > 0 && range->block && range->gateway_index >= 0)
		return json_bad(&at, "no gateway beside perNode.gatewayIndex", err);
	if (r == 0 && subnet && range->subnet.prefix < ip_bits(first.family) - 1)
		(void)ip_add(&first, 1, &range->gateway);
	return 0;
}

/* Another plugin's spelling, which has no gateways in blocks. */
static int parse_slice(const struct json *obj, int64_t *prefix, struct json *at,
		       struct err *err)
{
	const char *text = "";
	char *end;
	int r = json_get(obj, "node_slice_size", at, err);

	if (r > 0)
		r = json_string(at, &text, err);
	if (r <= 0 || !*text)
		return r;
	*prefix = strtol(text + (*text == '/'), &end, 10);
	return *end ? json_bad(at, "a prefix length such as \"/26\"", err) : 1;
}

/* 1 and *prefix, *index; 0 when the object says nothing of blocks; or -1. */
static int read_blocks(const struct json *obj, int64_t *prefix, int64_t *index,
		       struct json *at, struct err *err)
{
	struct json per_node;
	int r = json_get_object(obj, "perNode", &per_node, err);

	if (r == 0)
		return parse_slice(obj, prefix, at, err);
	if (r < 0 ||
	    json_get_int(&per_node, "gatewayIndex", 0, INT32_MAX, index, err) < 0)
		return -1;
	r = json_get(&per_node, "prefix", at, err);
	if (r > 0)
		r = json_get_int(&per_node, "prefix", 0, 128, prefix, err);
	return r ? r : json_bad(&per_node, "an object with a prefix", err);
}

static bool has_index(const struct range *range)
{
	struct cidr block = { range->span.first, range->block };
	struct ip first = cidr_first(&block), last = cidr_last(&block);

	return range->gateway_index < 0 ||
	       ip_distance(&first, &last) >= (uint64_t)range->gateway_index;
}

/* What the range does not say itself, the whole section may say. */
static int parse_blocks(const struct json *ipam, const struct json *obj,
			struct range *range, struct err *err)
{
	int bits = ip_bits(range->subnet.ip.family);
	int64_t prefix = 0;
	char wanted[64];
	struct json at;
	int r = read_blocks(obj, &prefix, &range->gateway_index, &at, err);

	if (r == 0)
		r = read_blocks(ipam, &prefix, &range->gateway_index, &at, err);
	if (r <= 0)
		return r;
	snprintf(wanted, sizeof(wanted), "a prefix length from %d to %d",
		 range->subnet.prefix + 1, bits);
	if (prefix <= range->subnet.prefix || prefix > bits)
		return json_bad(&at, wanted, err);
	range->block = prefix;
	return has_index(range) ? 0
				: json_bad(&at, "blocks in which gatewayIndex lies", err);
}

/* One range of the next set: 1, 0 when the object names none, or -1. */
static int parse_range(const struct json *ipam, const struct json *obj, struct conf *ret,
		       struct err *err)
{
	struct range *range = &ret->ranges[ret->n_ranges];
	struct json at;
	const char *text;
	bool subnet;
	int r;

	if (!cJSON_IsObject(obj->node))
		return json_bad(obj, "an object with a range", err);
	r = json_get(obj, "range", &at, err);
	subnet = r == 0;
	if (subnet)
		r = json_get(obj, "subnet", &at, err);
	if (r <= 0)
		return r;
	if (ret->n_ranges == CONF_MAX_RANGES)
		return err_cni(err, CNI_BAD_CONFIG, "%s: more than %d ranges", obj->path,
			       CONF_MAX_RANGES);
	if (json_string(&at, &text, err) < 0)
		return -1;
	if (!range_parse(text, range))
		return json_bad(&at,
				"a range such as 192.168.1.0/24 or "
				"192.168.1.10-192.168.1.99/24",
				err);
	range->set = ret->n_sets;
	if (parse_bounds(obj, range, err) || parse_excludes(obj, range, err) ||
	    parse_blocks(ipam, obj, range, err) ||
	    parse_gateway(obj, subnet && !range->block, range, err))
		return -1;
	ret->n_ranges++;
	return 1;
}

static int required_range(const struct json *ipam, const struct json *obj,
			  struct conf *ret, struct err *err)
{
	int r = parse_range(ipam, obj, ret, err);

	if (r == 0)
		return json_bad(obj, "an object with a range", err);
	return r < 0 ? -1 : 0;
}

/* Each of these gives an address. */
static int parse_ip_ranges(const struct json *ipam, struct conf *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(ipam, "ipRanges", &list, err);

	while (r > 0 && json_next(&list, &item)) {
		if (required_range(ipam, &item, ret, err))
			return -1;
		ret->n_sets++;
	}
	return r < 0 ? -1 : 0;
}

/* Each inner list gives an address, from whichever of its ranges has one. */
static int parse_sets(const struct json *ipam, const struct json *obj, const char *key,
		      struct conf *ret, struct err *err)
{
	struct json list, set = { 0 };
	int r = json_get_array(obj, key, &list, err);

	while (r > 0 && json_next(&list, &set)) {
		struct json item = { 0 };

		if (!cJSON_IsArray(set.node) || !json_size(&set))
			return json_bad(&set, "a list of ranges", err);
		while (json_next(&set, &item))
			if (required_range(ipam, &item, ret, err))
				return -1;
		ret->n_sets++;
	}
	return r < 0 ? -1 : 0;
}

/* Two ranges that share an address, or two families in one set, are a mistake. */
static int check_ranges(const struct conf *conf, struct err *err)
{
	char one[RANGE_LEN], two[RANGE_LEN];

	for (int i = 0; i < conf->n_ranges; i++)
		for (int k = 0; k < i; k++) {
			const struct range *a = &conf->ranges[k], *b = &conf->ranges[i];

			range_format(a, one);
			range_format(b, two);
			if (range_overlaps(a, b))
				return err_cni(err, CNI_BAD_CONFIG,
					       "ipam: ranges %s and %s overlap", one,
					       two);
			if (a->set == b->set &&
			    a->subnet.ip.family != b->subnet.ip.family)
				return err_cni(err, CNI_BAD_CONFIG,
					       "ipam.ranges: %s and %s are alternatives "
					       "of two families",
					       one, two);
		}
	return 0;
}

/* One runtime writes what it gives with capitals: "Subnet", "RangeStart". */
static void uncapitalise(const struct json *ranges)
{
	const cJSON *set, *range, *value;

	cJSON_ArrayForEach(set, ranges->node)
		cJSON_ArrayForEach(range, set)
			cJSON_ArrayForEach(value, range)
				if (value->string)
					*value->string =
						tolower((unsigned char)*value->string);
}

/* What the runtime gives to a plugin with the capability "ipRanges". */
static int parse_runtime(const struct json *conf, const struct json *ipam,
			 struct conf *ret, struct err *err)
{
	struct json runtime, ranges;
	int r = json_get_object(conf, "runtimeConfig", &runtime, err);

	if (r > 0)
		r = json_get_array(&runtime, "ipRanges", &ranges, err);
	if (r <= 0)
		return r;
	uncapitalise(&ranges);
	return parse_sets(ipam, &runtime, "ipRanges", ret, err);
}

int conf_parse_ranges(const struct json *conf, const struct json *ipam, struct conf *ret,
		      struct err *err)
{
	int r = parse_runtime(conf, ipam, ret, err);

	if (r == 0)
		r = parse_range(ipam, ipam, ret, err);
	if (r < 0)
		return -1;
	ret->n_sets += r;
	if (parse_ip_ranges(ipam, ret, err) || parse_sets(ipam, ipam, "ranges", ret, err))
		return -1;
	if (!ret->n_ranges) {
		err_cni(err, CNI_BAD_CONFIG,
			"ipam.range: missing: which addresses may be handed out?");
		return err_hint(err, "for example \"range\": \"192.168.1.0/24\"");
	}
	return check_ranges(ret, err);
}
