/* cni_print.c - write the success object of ADD in the shape a version wants. */
#include <stdio.h>
#include <string.h>

#include "pkg/cni_result.h"

/*
 * The differences (SPEC.md of each tag):
 *	0.1.0, 0.2.0	ip4 and ip6 with the first address of each family, no lists
 *	0.3.0 - 0.4.0	lists; every address names its version; dns always there
 *	1.0.0		no version in an address; dns only when not empty
 *	1.1.0		mtu, socketPath and pciID of interfaces; numbers of routes
 * Numbers of routes are written from 0.3.0 on, as the reference code does.
 */

static void put_text(struct cJSON *obj, const char *key, const char *text)
{
	if (text)
		cJSON_AddStringToObject(obj, key, text);
}

static void put_ip(struct cJSON *obj, const char *key, const struct ip *ip)
{
	char text[IP_LEN];

	if (ip->family)
		cJSON_AddStringToObject(obj, key, ip_format(ip, text));
}

static void put_cidr(struct cJSON *obj, const char *key, const struct cidr *cidr)
{
	char text[CIDR_LEN];

	cJSON_AddStringToObject(obj, key, cidr_format(cidr, text));
}

static void put_number(struct cJSON *obj, const char *key, int64_t value)
{
	if (value != CNI_UNSET)
		cJSON_AddNumberToObject(obj, key, value);
}

static void put_ifaces(struct cJSON *obj, const struct cni_result *result,
		       enum cni_version version)
{
	struct cJSON *list = cJSON_AddArrayToObject(obj, "interfaces");

	for (int i = 0; i < result->n_ifaces; i++) {
		const struct cni_iface *iface = &result->ifaces[i];
		struct cJSON *item = cJSON_CreateObject();

		put_text(item, "name", iface->name);
		put_text(item, "mac", iface->mac);
		if (version >= CNI_1_1_0) {
			put_number(item, "mtu", iface->mtu ? iface->mtu : CNI_UNSET);
			put_text(item, "socketPath", iface->socket);
		}
		put_text(item, "sandbox", iface->sandbox);
		if (version >= CNI_1_1_0)
			put_text(item, "pciID", iface->pci);
		cJSON_AddItemToArray(list, item);
	}
}

static void put_ips(struct cJSON *obj, const struct cni_result *result,
		    enum cni_version version)
{
	struct cJSON *list = cJSON_AddArrayToObject(obj, "ips");

	for (int i = 0; i < result->n_ips; i++) {
		const struct cni_ip *ip = &result->ips[i];
		struct cJSON *item = cJSON_CreateObject();

		if (version < CNI_1_0_0)
			put_text(item, "version",
				 ip->address.ip.family == AF_INET ? "4" : "6");
		if (ip->iface >= 0)
			cJSON_AddNumberToObject(item, "interface", ip->iface);
		put_cidr(item, "address", &ip->address);
		put_ip(item, "gateway", &ip->gateway);
		cJSON_AddItemToArray(list, item);
	}
}

static struct cJSON *route_object(const struct cni_route *route, bool numbers)
{
	struct cJSON *item = cJSON_CreateObject();

	put_cidr(item, "dst", &route->dst);
	put_ip(item, "gw", &route->gw);
	if (numbers) {
		put_number(item, "mtu", route->mtu);
		put_number(item, "advmss", route->advmss);
		put_number(item, "priority", route->priority);
		put_number(item, "table", route->table);
		put_number(item, "scope", route->scope);
	}
	return item;
}

static void put_routes(struct cJSON *obj, const struct cni_result *result)
{
	struct cJSON *list;

	if (!result->n_routes)
		return;
	list = cJSON_AddArrayToObject(obj, "routes");
	for (int i = 0; i < result->n_routes; i++)
		cJSON_AddItemToArray(list, route_object(&result->routes[i], true));
}

static void put_family(struct cJSON *obj, const struct cni_result *result, int family,
		       const char *key)
{
	struct cJSON *item = NULL, *routes = NULL;

	for (int i = 0; i < result->n_ips && !item; i++) {
		const struct cni_ip *ip = &result->ips[i];

		if (ip->address.ip.family != family)
			continue;
		item = cJSON_AddObjectToObject(obj, key);
		put_cidr(item, "ip", &ip->address);
		put_ip(item, "gateway", &ip->gateway);
	}
	for (int i = 0; i < result->n_routes && item; i++) {
		const struct cni_route *route = &result->routes[i];

		if (route->dst.ip.family != family)
			continue;
		if (!routes)
			routes = cJSON_AddArrayToObject(item, "routes");
		cJSON_AddItemToArray(routes, route_object(route, false));
	}
}

static void put_dns(struct cJSON *obj, const struct cni_result *result,
		    enum cni_version version)
{
	if (result->dns)
		cJSON_AddItemToObject(obj, "dns", cJSON_Duplicate(result->dns, true));
	else if (version >= CNI_0_3_0 && version < CNI_1_0_0)
		cJSON_AddObjectToObject(obj, "dns");
}

char *cni_result_text(const struct cni_result *result, enum cni_version version)
{
	_autojson_ struct cJSON *obj = cJSON_CreateObject();
	_autofree_ char *text = NULL;
	char *line = NULL;

	put_text(obj, "cniVersion", cni_version_text(version));
	if (version <= CNI_0_2_0) {
		put_family(obj, result, AF_INET, "ip4");
		put_family(obj, result, AF_INET6, "ip6");
	} else {
		if (result->n_ifaces)
			put_ifaces(obj, result, version);
		put_ips(obj, result, version);
		put_routes(obj, result);
	}
	put_dns(obj, result, version);

	text = cJSON_PrintUnformatted(obj);
	if (!text || asprintf(&line, "%s\n", text) < 0)
		return NULL;
	return line;
}
