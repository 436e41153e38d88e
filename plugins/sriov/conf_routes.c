/* conf_routes.c - the static routes of a configuration. */
#include "plugins/sriov/conf.h"

static int parse_route(const struct json *obj, struct route *ret, struct err *err)
{
	struct cni_route cni = { .mtu = CNI_UNSET,
				 .advmss = CNI_UNSET,
				 .priority = CNI_UNSET,
				 .table = CNI_UNSET,
				 .scope = CNI_UNSET };
	const char *src = NULL;

	if (cni_route_parse(obj, &cni, err) ||
	    json_get_string(obj, "src", &src, err) < 0 ||
	    json_get_bool(obj, "onlink", &ret->onlink, err) < 0)
		return -1;
	*ret = (struct route){ .dst = cni.dst,
			       .gw = cni.gw,
			       .onlink = ret->onlink,
			       .mtu = cni.mtu,
			       .advmss = cni.advmss,
			       .priority = cni.priority,
			       .table = cni.table,
			       .scope = cni.scope };
	if (src && (!ip_parse(src, &ret->src) || ret->src.family != cni.dst.ip.family))
		return err_cni(err, CNI_BAD_CONFIG,
			       "%s.src: expected an address of dst's family, got "
			       "\"%.80s\"",
			       obj->path, src);
	if (cni.gw.family && cni.gw.family != cni.dst.ip.family)
		return err_cni(err, CNI_BAD_CONFIG, "%s.gw: is not of dst's family",
			       obj->path);
	return 0;
}

/* false, or {"weight": 1}; the weight, 0 for a route of its own, -1. */
static int parse_multipath(const struct json *obj, struct err *err)
{
	struct json multipath;
	int64_t weight = 1;
	int r = json_get(obj, "multipath", &multipath, err);

	if (r <= 0)
		return r;
	if (cJSON_IsFalse(multipath.node))
		return 0;
	if (!cJSON_IsObject(multipath.node))
		return json_bad(&multipath, "false, or an object such as {\"weight\": 1}",
				err);
	/* The kernel keeps weight - 1 in a byte. */
	if (json_get_int(&multipath, "weight", 1, 256, &weight, err) < 0)
		return -1;
	return weight;
}

static int parse_one(const struct json *obj, struct conf_route *ret, struct err *err)
{
	if (parse_route(obj, &ret->route, err))
		return -1;
	ret->weight = parse_multipath(obj, err);
	return ret->weight < 0 ? -1 : 0;
}

int conf_parse_routes(const struct json *root, struct conf *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(root, "routes", &list, err);

	if (r <= 0)
		return r;
	while (json_next(&list, &item)) {
		if (ret->n_routes == CONF_MAX_ROUTES)
			return err_cni(err, CNI_BAD_CONFIG, "routes: more than %d",
				       CONF_MAX_ROUTES);
		if (parse_one(&item, &ret->routes[ret->n_routes++], err))
			return -1;
	}
	return 0;
}
