/* peers_pods.c - the peers that a file of Kubernetes names: pods, endpoints, slices. */
#include <stdio.h>
#include <string.h>

#include "pkg/json.h"
#include "plugins/rdma-probe/peers.h"

static int add(struct peers *peers, const struct json *value, const char *owner,
	       struct err *err)
{
	const char *text;
	struct ip ip;

	if (json_string(value, &text, err) < 0)
		return -1;
	if (!ip_parse(text, &ip))
		return json_bad(value, "an IP address", err);
	return peers_add_address(peers, &ip, owner, err);
}

/* A pod that has not got an address yet is none, nor is one that is over. */
static int add_pod(struct peers *peers, const struct json *status, struct err *err)
{
	const char *phase = "";
	struct json address;
	int r;

	if (json_get_string(status, "phase", &phase, err) < 0)
		return -1;
	if (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed"))
		return 0;
	r = json_get(status, "podIP", &address, err);
	return r > 0 ? add(peers, &address, "", err) : r;
}

/* "NAMESPACE/NAME" of the pod behind an endpoint: of either family it is one peer. */
static int read_owner(const struct json *endpoint, char *ret, size_t size,
		      struct err *err)
{
	const char *namespace = "", *name = "";
	struct json target;
	int r = json_get_object(endpoint, "targetRef", &target, err);

	*ret = '\0';
	if (r <= 0)
		return r;
	if (json_get_string(&target, "namespace", &namespace, err) < 0 ||
	    json_get_string(&target, "name", &name, err) < 0)
		return -1;
	if (strlen(namespace) + strlen(name) + 2 <= size)
		snprintf(ret, size, "%s/%s", namespace, name);
	return 0;
}

/* Ready or not: a pod whose rails are broken may well be the latter. */
static int add_slice(struct peers *peers, const struct json *endpoints, struct err *err)
{
	struct json endpoint = { 0 }, addresses;

	while (json_next(endpoints, &endpoint)) {
		struct json address = { 0 };
		char owner[sizeof(((struct peer *)0)->owner)];
		int r;

		if (json_object(&endpoint, err))
			return -1;
		r = json_get_array(&endpoint, "addresses", &addresses, err);
		if (r < 0 || read_owner(&endpoint, owner, sizeof(owner), err))
			return -1;
		/* What more there are is the same pod's. */
		if (r > 0 && json_next(&addresses, &address) &&
		    add(peers, &address, owner, err))
			return -1;
	}
	return 0;
}

static int add_subset(struct peers *peers, const struct json *subset, const char *key,
		      struct err *err)
{
	struct json addresses, item = { 0 }, ip;
	int r = json_get_array(subset, key, &addresses, err);

	while (r > 0 && json_next(&addresses, &item)) {
		char owner[sizeof(((struct peer *)0)->owner)];

		if (json_object(&item, err))
			return -1;
		r = json_get(&item, "ip", &ip, err);
		if (r == 0)
			return json_bad(&item, "an address with ip", err);
		if (r < 0 || read_owner(&item, owner, sizeof(owner), err) ||
		    add(peers, &ip, owner, err))
			return -1;
	}
	return r < 0 ? -1 : 0;
}

static int add_endpoints(struct peers *peers, const struct json *subsets, struct err *err)
{
	struct json subset = { 0 };

	while (json_next(subsets, &subset))
		if (json_object(&subset, err) ||
		    add_subset(peers, &subset, "addresses", err) ||
		    add_subset(peers, &subset, "notReadyAddresses", err))
			return -1;
	return 0;
}

/* In a list of the API's own items do not say what they are, but look it. */
static int check_kind(const struct json *object, struct err *err)
{
	static const char *const known[] = { "Pod", "Endpoints", "EndpointSlice" };
	const char *kind = "";

	if (json_get_string(object, "kind", &kind, err) < 0)
		return -1;
	for (size_t i = 0; *kind && i < ARRAY_SIZE(known); i++)
		if (!strcmp(kind, known[i]))
			return 0;
	return *kind ? json_bad(object, "a Pod, Endpoints or an EndpointSlice", err) : 0;
}

/* Without any pods, endpoints have none of these keys. */
static int add_object(struct peers *peers, const struct json *object, struct err *err)
{
	struct json part;
	int r;

	if (json_object(object, err) || check_kind(object, err))
		return -1;
	r = json_get_array(object, "endpoints", &part, err);
	if (r)
		return r < 0 ? -1 : add_slice(peers, &part, err);
	r = json_get_array(object, "subsets", &part, err);
	if (r)
		return r < 0 ? -1 : add_endpoints(peers, &part, err);
	r = json_get_object(object, "status", &part, err);
	return r > 0 ? add_pod(peers, &part, err) : r;
}

int peers_parse_k8s(struct peers *ret, const char *text, size_t len, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	struct json root, items, item = { 0 };
	int r;

	if (!doc)
		return -1;
	root = json_root(doc);
	r = json_get_array(&root, "items", &items, err);
	if (r <= 0)
		return r < 0 ? -1 : add_object(ret, &root, err);
	while (json_next(&items, &item))
		if (add_object(ret, &item, err))
			return -1;
	return 0;
}
