/* expect.c - what a node should have: the file of check-local's --expect. */
#include <string.h>

#include "pkg/json.h"
#include "plugins/rdma-probe/expect.h"
#include "plugins/rdma-probe/input.h"

#define FILE_MAX 65536

static int get(const struct json *obj, const char *key, int64_t max, int *ret,
	       struct err *err)
{
	int64_t value = 0;

	if (json_get_int(obj, key, 1, max, &value, err) < 0)
		return -1;
	*ret = (int)value;
	return 0;
}

static int get_pfc(const struct json *obj, int *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(obj, "pfc", &list, err);

	if (r <= 0)
		return r;
	while (json_next(&list, &item)) {
		if (!cJSON_IsNumber(item.node) || item.node->valueint < 0 ||
		    item.node->valueint > 7)
			return json_bad(&item, "a priority from 0 to 7", err);
		*ret |= 1 << item.node->valueint;
	}
	return 0;
}

/* A key with a typing error would expect nothing, silently. */
static int check_keys(const struct cJSON *doc, struct err *err)
{
	static const char *const keys[] = { "rails", "gbps", "netdev_mtu", "active_mtu",
					    "pfc" };
	const struct cJSON *item;

	cJSON_ArrayForEach(item, doc) {
		size_t i = 0;

		while (i < ARRAY_SIZE(keys) && strcmp(item->string, keys[i]))
			i++;
		if (i == ARRAY_SIZE(keys))
			return err_set(err, 0, "%s: no such key", item->string);
	}
	return 0;
}

int expect_parse(const char *text, unsigned long len, struct expect *ret, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	struct json root = json_root(doc);
	struct expect expect = { 0 };

	if (!doc || check_keys(doc, err) || get(&root, "rails", 32, &expect.rails, err) ||
	    get(&root, "gbps", 10000, &expect.gbps, err) ||
	    get(&root, "netdev_mtu", 1 << 16, &expect.netdev_mtu, err) ||
	    get(&root, "active_mtu", 4096, &expect.active_mtu, err) ||
	    get_pfc(&root, &expect.pfc, err))
		return -1;
	*ret = expect;
	return 0;
}

int expect_read(const char *path, struct expect *ret, struct err *err)
{
	size_t len;
	_autofree_ char *text = input_read(path, FILE_MAX, &len, err);

	if (!text)
		return -1;
	return expect_parse(text, len, ret, err) ? err_wrap(err, "%s", path) : 0;
}
