/* conf.c - what a network configuration says to rail-ipam. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipam/conf_range.h"
#include "ipam/conf_result.h"

#define DEFAULT_DEADLINE    10 /* seconds */
#define DEFAULT_REUSE_DELAY 60

static int parse_store(const struct json *ipam, struct conf *ret, struct err *err)
{
	const char *key = "store";
	int r = json_get_string(ipam, key, &ret->store, err);

	if (r == 0)
		r = json_get_string(ipam, key = "dataDir", &ret->store, err);
	if (r < 0)
		return -1;
	if (*ret->store != '/' || strpbrk(ret->store, "\n\r") ||
	    strlen(ret->store) >= PATH_MAX / 2)
		return err_cni(err, CNI_BAD_CONFIG,
			       "ipam.%s: expected an absolute path, got \"%.80s\"", key,
			       ret->store);
	ret->own_store = !strcmp(ret->store, CONF_STORE);
	return 0;
}

/* The store keeps files of its own beside the pools. */
static bool is_taken_name(const char *pool)
{
	return !strcmp(pool, "nodes") || !strcmp(pool, "store.json");
}

static int parse_pool(const struct json *ipam, const char *network, struct conf *ret,
		      struct err *err)
{
	const char *key = "pool";
	int r = json_get_string(ipam, key, &ret->pool, err);

	if (r == 0) /* as another plugin spells it */
		r = json_get_string(ipam, key = "network_name", &ret->pool, err);
	if (r < 0)
		return -1;
	if (!*ret->pool)
		ret->pool = network;
	if (!cni_valid_name(ret->pool) || strlen(ret->pool) > 200)
		return err_cni(err, CNI_BAD_CONFIG,
			       "ipam.%s: expected a name of letters, digits and ._-, "
			       "got \"%.80s\"",
			       key, ret->pool);
	if (is_taken_name(ret->pool))
		return err_cni(err, CNI_BAD_CONFIG,
			       "ipam.%s: '%s' has another meaning in a store", key,
			       ret->pool);
	return 0;
}

static int parse_node(const struct json *ipam, struct conf *ret, struct err *err)
{
	struct json at;
	int r = json_get_string(ipam, "nodeName", &ret->node, err);

	if (r < 0)
		return -1;
	if (r > 0 && !*ret->node) {
		(void)json_get(ipam, "nodeName", &at, err);
		return json_bad(&at, "the node's name", err);
	}
	return 0;
}

static int parse_sticky(const struct json *ipam, struct conf *ret, struct err *err)
{
	const char *text = "pod";
	struct json at;

	if (json_get_string(ipam, "sticky", &text, err) < 0)
		return -1;
	ret->sticky = !strcmp(text, "pod");
	if (ret->sticky || !strcmp(text, "none"))
		return 0;
	(void)json_get(ipam, "sticky", &at, err);
	return json_bad(&at, "\"pod\" or \"none\"", err);
}

static int parse_times(const struct json *ipam, struct conf *ret, struct err *err)
{
	int64_t deadline = DEFAULT_DEADLINE;

	if (json_get_int(ipam, "deadline", 1, 3600, &deadline, err) < 0 ||
	    json_get_int(ipam, "reuseDelay", 0, 365 * 86400, &ret->reuse_delay, err) < 0)
		return -1;
	ret->deadline = deadline * 1000;
	return 0;
}

static void set_defaults(const struct cni_call *call, struct conf *ret)
{
	*ret = (struct conf){
		.store = CONF_STORE,
		.own_store = true,
		.pool = call->network,
		.node = "",
		.deadline = DEFAULT_DEADLINE * 1000,
		.reuse_delay = DEFAULT_REUSE_DELAY,
	};
}

int conf_parse(const struct cni_call *call, struct conf *ret, struct err *err)
{
	struct json ipam;
	int r = json_get_object(&call->conf, "ipam", &ipam, err);

	set_defaults(call, ret);
	if (r == 0)
		return err_cni(err, CNI_BAD_CONFIG, "ipam: missing: no IPAM section");
	if (r < 0 || parse_store(&ipam, ret, err) ||
	    parse_pool(&ipam, call->network, ret, err) || parse_node(&ipam, ret, err) ||
	    parse_sticky(&ipam, ret, err) || parse_times(&ipam, ret, err) ||
	    conf_parse_ranges(&call->conf, &ipam, ret, err) ||
	    conf_parse_result(&ipam, ret, err))
		return -1;
	return 0;
}

void conf_clear(struct conf *conf)
{
	/* All of them: one that was refused halfway is not counted yet. */
	for (int i = 0; i < CONF_MAX_RANGES; i++)
		free((void *)conf->ranges[i].excludes);
	*conf = (struct conf){ 0 };
}

bool conf_parse_leniently(const struct cni_call *call, struct conf *ret)
{
	struct err ignored;
	struct json ipam;

	set_defaults(call, ret);
	if (json_get_object(&call->conf, "ipam", &ipam, &ignored) <= 0)
		return false;
	if (parse_times(&ipam, ret, &ignored))
		ret->deadline = DEFAULT_DEADLINE * 1000;
	return !parse_store(&ipam, ret, &ignored) &&
	       !parse_pool(&ipam, call->network, ret, &ignored) &&
	       !parse_node(&ipam, ret, &ignored);
}

char *conf_ranges(const struct conf *conf, const char *between, char buf[CONF_RANGES_LEN])
{
	char text[RANGE_LEN];
	size_t n = 0;

	for (int i = 0; i < conf->n_ranges; i++)
		n += snprintf(buf + n, CONF_RANGES_LEN - n, "%s%s", i ? between : "",
			      range_format(&conf->ranges[i], text));
	return buf;
}

bool conf_has_blocks(const struct conf *conf)
{
	for (int i = 0; i < conf->n_ranges; i++)
		if (conf->ranges[i].block)
			return true;
	return false;
}
