/* conf_result.c - what of a configuration goes into the result as it is. */
#include "ipam/conf_result.h"

static int too_many(const struct json *list, int max, struct err *err)
{
	return err_cni(err, CNI_BAD_CONFIG, "%s: more than %d", list->path, max);
}

static int parse_routes(const struct json *ipam, struct conf *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(ipam, "routes", &list, err);

	if (r <= 0)
		return r;
	if (json_size(&list) > CONF_MAX_ROUTES)
		return too_many(&list, CONF_MAX_ROUTES, err);
	while (json_next(&list, &item)) {
		struct cni_route *route = &ret->routes[ret->n_routes++];

		*route = (struct cni_route){ .mtu = CNI_UNSET,
					     .advmss = CNI_UNSET,
					     .priority = CNI_UNSET,
					     .table = CNI_UNSET,
					     .scope = CNI_UNSET };
		if (cni_route_parse(&item, route, err))
			return -1;
	}
	return 0;
}

static int parse_address(const struct json *item, struct fixed *ret, struct err *err)
{
	struct json at = *item;
	const char *text = "";
	int r = cJSON_IsObject(item->node) ? json_get(item, "address", &at, err) : 0;

	if (r < 0 || (r > 0 && json_string(&at, &text, err) < 0))
		return -1;
	if (!cidr_parse(text, &ret->address))
		return json_bad(&at, "an address with its prefix length", err);
	r = json_get(item, "gateway", &at, err);
	if (r <= 0)
		return r;
	if (json_string(&at, &text, err) < 0)
		return -1;
	return !*text || ip_parse(text, &ret->gateway) ? 0
						       : json_bad(&at, "an address", err);
}

static int parse_addresses(const struct json *ipam, struct conf *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(ipam, "addresses", &list, err);

	if (r <= 0)
		return r;
	if (json_size(&list) > CONF_MAX_RANGES)
		return too_many(&list, CONF_MAX_RANGES, err);
	while (json_next(&list, &item))
		if (parse_address(&item, &ret->fixed[ret->n_fixed++], err))
			return -1;
	return 0;
}

static int parse_dns(const struct json *ipam, struct conf *ret, struct err *err)
{
	struct json dns;
	int r = json_get_object(ipam, "dns", &dns, err);

	if (r > 0 && dns.node->child)
		ret->dns = dns.node;
	if (r < 0 || json_get_string(ipam, "resolvConf", &ret->resolv_conf, err) < 0)
		return -1;
	if (ret->resolv_conf && !*ret->resolv_conf)
		ret->resolv_conf = NULL;
	return 0;
}

int conf_parse_result(const struct json *ipam, struct conf *ret, struct err *err)
{
	return parse_routes(ipam, ret, err) || parse_addresses(ipam, ret, err) ||
			       parse_dns(ipam, ret, err)
		       ? -1
		       : 0;
}
