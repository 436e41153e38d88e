/* networks.c - what Multus says this pod's interfaces are: names for rails. No I/O. */
#include <stdio.h>
#include <string.h>

#include "pkg/json.h"
#include "pkg/text.h"
#include "plugins/rdma-probe/networks.h"

/* "device-info": {"pci": {"rdma-device": "mlx5_4"}}, or of another type of device. */
static bool has_rdma(const struct cJSON *item)
{
	const struct cJSON *info = cJSON_GetObjectItem(item, "device-info"), *kind;

	cJSON_ArrayForEach(kind, info) {
		const struct cJSON *device = cJSON_GetObjectItem(kind, "rdma-device");

		if (cJSON_IsString(device) && *device->valuestring)
			return true;
	}
	return false;
}

static int add(struct networks *ret, const struct json *item, struct err *err)
{
	struct network *network = &ret->v[ret->n];
	const char *name = "", *ifname = "", *slash;
	bool primary = false;

	if (json_object(item, err) || json_get_string(item, "name", &name, err) < 0 ||
	    json_get_string(item, "interface", &ifname, err) < 0 ||
	    json_get_bool(item, "default", &primary, err) < 0)
		return -1;
	if (primary || !*name || !*ifname || strlen(ifname) >= sizeof(network->ifname) ||
	    ret->n == RAIL_MAX)
		return 0;
	slash = strrchr(name, '/');
	*network = (struct network){ .rdma = has_rdma(item->node) };
	text_clean(network->name, sizeof(network->name), slash ? slash + 1 : name);
	text_clean(network->ifname, sizeof(network->ifname), ifname);
	ret->n++;
	return 0;
}

int networks_parse(const char *text, size_t len, struct networks *ret, struct err *err)
{
	_autofree_ char *wrapped = NULL; /* the parser wants an object */
	_autojson_ struct cJSON *doc = NULL;
	struct json root, list, item = { 0 };
	int n, r;

	*ret = (struct networks){ 0 };
	n = asprintf(&wrapped, "{\"network-status\":%.*s}", (int)len, text);
	if (n < 0)
		return err_set(err, 0, "no memory");
	doc = json_parse(wrapped, (size_t)n, err);
	if (!doc)
		return -1;
	root = json_root(doc);
	r = json_get_array(&root, "network-status", &list, err);
	if (r <= 0)
		return r;
	while (json_next(&list, &item))
		if (add(ret, &item, err))
			return -1;
	return 0;
}

static bool is_taken(const struct rails *rails, const char *name)
{
	for (int i = 0; i < rails->n; i++)
		if (!strcmp(rails->v[i].name, name))
			return true;
	return false;
}

static struct rail *rail_on(struct rails *rails, const char *ifname)
{
	for (int i = 0; i < rails->n; i++)
		if (!strcmp(rails->v[i].netdev, ifname))
			return &rails->v[i];
	return NULL;
}

static void add_missing(const struct network *network, struct rails *rails)
{
	struct rail *rail = &rails->v[rails->n];

	if (rails->n == RAIL_MAX)
		return;
	*rail = (struct rail){ .gid_index = -1, .numa = -1 };
	memcpy(rail->name, network->name, sizeof(rail->name));
	memcpy(rail->netdev, network->ifname, sizeof(rail->netdev));
	fault_set(&rail->fault, REASON_NO_DEVICE, 0,
		  "%s was given an RDMA device, and there is none for it now",
		  network->ifname);
	rails->n++;
}

void networks_apply(const struct networks *networks, struct rails *rails)
{
	for (int i = 0; i < networks->n; i++) {
		const struct network *network = &networks->v[i];
		struct rail *rail = rail_on(rails, network->ifname);

		if (is_taken(rails, network->name))
			continue; /* two of one network keep their interfaces' names */
		if (rail)
			memcpy(rail->name, network->name, sizeof(rail->name));
		else if (network->rdma)
			add_missing(network, rails);
	}
}
