/* conf_rdma.c - the objects "rdma" and "rail" of a configuration. */
#include <string.h>

#include "plugins/sriov/conf.h"

#define GID_TIMEOUT_MS	   3000
#define MAX_GID_TIMEOUT_MS 60000

/* The kernel's rule for RDMA device names is laxer; these become file names. */
static int parse_name(const struct json *rdma, const char **ret, struct err *err)
{
	struct json value;
	int r = json_get_string(rdma, "name", ret, err);

	if (r <= 0)
		return r;
	if (cni_valid_name(*ret) && strlen(*ret) < RDMA_NAME_LEN)
		return 0;
	(void)json_get(rdma, "name", &value, err);
	return json_bad(&value, "a name of letters, digits, '_', '-' and '.'", err);
}

int conf_parse_rdma(const struct json *root, struct conf_rdma *ret, struct err *err)
{
	static const struct word modes[] = { { "auto", RDMA_WANT_AUTO },
					     { "exclusive", RDMA_WANT_EXCLUSIVE },
					     { "shared", RDMA_WANT_SHARED },
					     { "none", RDMA_WANT_NONE },
					     { 0 } };
	static const struct word severities[] = { { "off", PREFLIGHT_OFF },
						  { "warn", PREFLIGHT_WARN },
						  { "fail", PREFLIGHT_FAIL },
						  { 0 } };
	int mode = RDMA_WANT_AUTO, preflight = PREFLIGHT_WARN;
	int64_t tos = -1, timeout = GID_TIMEOUT_MS;
	struct json rdma;
	int r = json_get_object(root, "rdma", &rdma, err);

	*ret = (struct conf_rdma){ .tos = -1,
				   .gid_timeout = GID_TIMEOUT_MS,
				   .preflight = PREFLIGHT_WARN };
	if (r <= 0)
		return r;
	if (conf_get_word(&rdma, "mode", modes, &mode, err) < 0 ||
	    conf_get_word(&rdma, "preflight", severities, &preflight, err) < 0 ||
	    json_get_int(&rdma, "tos", 0, 255, &tos, err) < 0 ||
	    json_get_int(&rdma, "gidTimeout", 0, MAX_GID_TIMEOUT_MS, &timeout, err) < 0 ||
	    parse_name(&rdma, &ret->name, err) < 0)
		return -1;
	ret->mode = mode;
	ret->preflight = preflight;
	ret->tos = tos;
	ret->gid_timeout = timeout;
	return 0;
}

/* "auto", or a number that is not one of the kernel's own tables. */
static int parse_table(const struct json *rail, uint32_t *ret, struct err *err)
{
	struct json value;
	int64_t table;
	int r = json_get(rail, "table", &value, err);

	if (r <= 0)
		return r;
	if (cJSON_IsString(value.node) && !strcmp(value.node->valuestring, "auto"))
		return 0;
	if (!cJSON_IsNumber(value.node))
		return json_bad(&value, "\"auto\" or a number", err);
	if (json_get_int(rail, "table", 1, UINT32_MAX, &table, err) < 0)
		return -1;
	if (table >= 253 && table <= 255)
		return json_bad(&value, "a table that is not the kernel's (253 to 255)",
				err);
	*ret = table;
	return 0;
}

int conf_parse_rail(const struct json *root, struct conf_rail *ret, struct err *err)
{
	static const struct word arps[] = { { "default", 0 }, { "strict", 1 }, { 0 } };
	struct json rail;
	int arp, r = json_get_object(root, "rail", &rail, err);

	*ret = (struct conf_rail){ 0 };
	if (r <= 0)
		return r;
	if (json_get_bool(&rail, "sourceRouting", &ret->source_routing, err) < 0 ||
	    parse_table(&rail, &ret->table, err) < 0)
		return -1;
	r = conf_get_word(&rail, "arp", arps, &arp, err);
	if (r < 0)
		return -1;
	ret->strict_arp = r ? arp : ret->source_routing;
	return 0;
}
