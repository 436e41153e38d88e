/* cni_result.c - read the success object of ADD, whatever version wrote it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/cni_result.h"

#define APPEND(array, count, what)                                                       \
	((count) < (int)ARRAY_SIZE(array)                                                \
		 ? &(array)[(count)++]                                                   \
		 : (err_cni(err, CNI_BAD_CONFIG, "more than %zu %s in a result",         \
			    ARRAY_SIZE(array), what),                                    \
		    NULL))

struct cni_result *cni_result_new(struct err *err)
{
	struct cni_result *result = malloc(sizeof(*result));

	if (!result) {
		err_set(err, ENOMEM, "hold a result");
		return NULL;
	}
	/* The lists are filled as they grow: to zero them would be half of the work of a
	 * plugin that returns one address. */
	result->n_ifaces = result->n_ips = result->n_routes = 0;
	result->dns = result->doc = NULL;
	return result;
}

void cni_result_free(struct cni_result *result)
{
	if (result)
		cJSON_Delete(result->doc);
	free(result);
}

struct cni_iface *cni_result_iface(struct cni_result *result, struct err *err)
{
	struct cni_iface *iface = APPEND(result->ifaces, result->n_ifaces, "interfaces");

	if (iface)
		*iface = (struct cni_iface){ 0 };
	return iface;
}

struct cni_ip *cni_result_ip(struct cni_result *result, struct err *err)
{
	struct cni_ip *ip = APPEND(result->ips, result->n_ips, "addresses");

	if (ip)
		*ip = (struct cni_ip){ .iface = -1 };
	return ip;
}

struct cni_route *cni_result_route(struct cni_result *result, struct err *err)
{
	struct cni_route *route = APPEND(result->routes, result->n_routes, "routes");

	if (route)
		*route = (struct cni_route){
			.mtu = CNI_UNSET,
			.advmss = CNI_UNSET,
			.priority = CNI_UNSET,
			.table = CNI_UNSET,
			.scope = CNI_UNSET,
		};
	return route;
}

/* 1 found, 0 absent, -1 not an address with prefix length. */
static int get_cidr(const struct json *obj, const char *key, struct cidr *ret,
		    struct err *err)
{
	const char *text;
	int r = json_get_string(obj, key, &text, err);
	struct json value;

	if (r <= 0)
		return r;
	if (cidr_parse(text, ret))
		return 1;
	(void)json_get(obj, key, &value, err);
	return json_bad(&value, "an address with a prefix length such as 192.168.1.5/24",
			err);
}

static int get_ip(const struct json *obj, const char *key, struct ip *ret,
		  struct err *err)
{
	const char *text = "";
	int r = json_get_string(obj, key, &text, err);
	struct json value;

	if (r <= 0 || !*text)
		return r < 0 ? -1 : 0;
	if (ip_parse(text, ret))
		return 1;
	(void)json_get(obj, key, &value, err);
	return json_bad(&value, "an address", err);
}

static int required(int r, const struct json *obj, const char *key, struct err *err)
{
	if (r == 0)
		return err_cni(err, CNI_BAD_CONFIG, "%s.%s is missing", obj->path, key);
	return r < 0 ? -1 : 0;
}

int cni_route_parse(const struct json *obj, struct cni_route *ret, struct err *err)
{
	const struct {
		const char *key;
		int64_t *value, max;
	} numbers[] = {
		{ "mtu", &ret->mtu, 0x7fffffff },
		{ "advmss", &ret->advmss, 0x7fffffff },
		{ "priority", &ret->priority, UINT32_MAX },
		{ "table", &ret->table, UINT32_MAX },
		{ "scope", &ret->scope, 255 },
	};

	if (!cJSON_IsObject(obj->node))
		return json_bad(obj, "a route object", err);
	if (required(get_cidr(obj, "dst", &ret->dst, err), obj, "dst", err) ||
	    get_ip(obj, "gw", &ret->gw, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (json_get_int(obj, numbers[i].key, 0, numbers[i].max, numbers[i].value,
				 err) < 0)
			return -1;
	return 0;
}

static int parse_routes(const struct json *obj, struct cni_result *ret, struct err *err)
{
	struct json routes, item = { 0 };
	int r = json_get_array(obj, "routes", &routes, err);

	if (r <= 0)
		return r;
	while (json_next(&routes, &item)) {
		struct cni_route *route = cni_result_route(ret, err);

		if (!route || cni_route_parse(&item, route, err))
			return -1;
	}
	return 0;
}

static int parse_iface(const struct json *obj, struct cni_result *ret, struct err *err)
{
	struct cni_iface *iface = cni_result_iface(ret, err);

	if (!iface)
		return -1;
	if (!cJSON_IsObject(obj->node))
		return json_bad(obj, "an interface object", err);
	if (json_get_string(obj, "name", &iface->name, err) < 0 ||
	    json_get_string(obj, "mac", &iface->mac, err) < 0 ||
	    json_get_string(obj, "sandbox", &iface->sandbox, err) < 0 ||
	    json_get_string(obj, "pciID", &iface->pci, err) < 0 ||
	    json_get_string(obj, "socketPath", &iface->socket, err) < 0 ||
	    json_get_int(obj, "mtu", 0, UINT32_MAX, &iface->mtu, err) < 0)
		return -1;
	return 0;
}

static int parse_ip(const struct json *obj, struct cni_result *ret, struct err *err)
{
	struct cni_ip *ip = cni_result_ip(ret, err);
	int64_t iface = -1;

	if (!ip)
		return -1;
	if (!cJSON_IsObject(obj->node))
		return json_bad(obj, "an object with an address", err);
	if (required(get_cidr(obj, "address", &ip->address, err), obj, "address", err) ||
	    get_ip(obj, "gateway", &ip->gateway, err) < 0 ||
	    json_get_int(obj, "interface", 0, CNI_MAX_IFACES, &iface, err) < 0)
		return -1;
	ip->iface = iface;
	return 0;
}

static int parse_list(const struct json *obj, const char *key,
		      int (*item)(const struct json *, struct cni_result *, struct err *),
		      struct cni_result *ret, struct err *err)
{
	struct json list, value = { 0 };
	int r = json_get_array(obj, key, &list, err);

	if (r <= 0)
		return r;
	while (json_next(&list, &value))
		if (item(&value, ret, err))
			return -1;
	return 0;
}

/* 0.1.0 and 0.2.0: one object a family, with the routes inside. */
static int parse_ip4_or_ip6(const struct json *obj, const char *key,
			    struct cni_result *ret, struct err *err)
{
	struct json family;
	struct cni_ip *ip;
	int r = json_get_object(obj, key, &family, err);

	if (r <= 0)
		return r;
	ip = cni_result_ip(ret, err);
	if (!ip ||
	    required(get_cidr(&family, "ip", &ip->address, err), &family, "ip", err) ||
	    get_ip(&family, "gateway", &ip->gateway, err) < 0)
		return -1;
	return parse_routes(&family, ret, err);
}

static int parse_version(const struct json *obj, enum cni_version *version,
			 struct err *err)
{
	const char *text = "";

	if (json_get_string(obj, "cniVersion", &text, err) < 0)
		return -1;
	if (*text && !cni_version_parse(text, version))
		return err_cni(err, CNI_BAD_VERSION, "unsupported result version \"%s\"",
			       text);
	return 0;
}

int cni_result_parse(const struct json *obj, enum cni_version version,
		     struct cni_result *ret, struct err *err)
{
	struct json dns;

	*ret = (struct cni_result){ 0 };
	if (parse_version(obj, &version, err))
		return -1;
	if (json_get_object(obj, "dns", &dns, err) < 0)
		return -1;
	if (json_get_object(obj, "dns", &dns, err) > 0 && dns.node->child)
		ret->dns = dns.node;
	if (version <= CNI_0_2_0)
		return parse_ip4_or_ip6(obj, "ip4", ret, err) ||
				       parse_ip4_or_ip6(obj, "ip6", ret, err)
			       ? -1
			       : 0;
	return parse_list(obj, "interfaces", parse_iface, ret, err) ||
			       parse_list(obj, "ips", parse_ip, ret, err) ||
			       parse_routes(obj, ret, err)
		       ? -1
		       : 0;
}
