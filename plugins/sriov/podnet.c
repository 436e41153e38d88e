/* podnet.c - the VF's interface in the pod: up, addresses, routes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/addr.h"
#include "pkg/clock.h"
#include "pkg/file.h"
#include "pkg/log.h"
#include "pkg/multipath.h"
#include "plugins/sriov/announce.h"
#include "plugins/sriov/podnet.h"
#include "plugins/sriov/rail.h"

#define SCOPE_LINK     253
#define DAD_TIMEOUT_MS 6000
#define DAD_STEP_MS    20

static const struct ip *gateway_of(const struct cni_result *result, int family)
{
	for (int i = 0; i < result->n_ips; i++)
		if (result->ips[i].gateway.family == family)
			return &result->ips[i].gateway;
	return NULL;
}

/* As the reference code does; a route of link scope has no next hop. */
static void complete(struct cni_route *route, const struct cni_result *result)
{
	const struct ip *gw = gateway_of(result, route->dst.ip.family);

	if (!route->gw.family && route->scope < SCOPE_LINK && gw)
		route->gw = *gw;
}

int podnet_plan_routes(const struct conf *conf, struct cni_result *result,
		       struct err *err)
{
	for (int i = 0; i < conf->n_routes; i++) {
		const struct route *from = &conf->routes[i].route;
		struct cni_route *to = cni_result_route(result, err);

		if (!to)
			return -1;
		*to = (struct cni_route){ .dst = from->dst,
					  .gw = from->gw,
					  .mtu = from->mtu,
					  .advmss = from->advmss,
					  .priority = from->priority,
					  .table = from->table,
					  .scope = from->scope };
	}
	for (int i = 0; i < result->n_routes; i++)
		complete(&result->routes[i], result);
	return 0;
}

static struct route to_route(const struct cni_route *cni)
{
	return (struct route){ .dst = cni->dst,
			       .gw = cni->gw,
			       .mtu = cni->mtu,
			       .advmss = cni->advmss,
			       .priority = cni->priority,
			       .table = cni->table,
			       .scope = cni->scope };
}

/* Routes of the configuration come last in the result, which cannot say all that the
 * configuration says of them. NULL: this one is the IPAM plugin's. */
static const struct conf_route *origin(const struct conf *conf,
				       const struct cni_result *result, int i)
{
	int at = i - (result->n_routes - conf->n_routes);

	return at < 0 ? NULL : &conf->routes[at];
}

static int add_one(const struct pod *pod, const struct link *link,
		   const struct cni_route *cni, const struct conf_route *from,
		   struct err *err)
{
	struct route route = to_route(cni);

	if (from) {
		route.src = from->route.src;
		route.onlink = from->route.onlink;
	}
	if (from && from->weight)
		return rail_join(pod, link, &route, from->weight, err);
	return route_add(pod->nl, link->index, &route, err);
}

/* On-link routes first: they make the next hops of the others reachable. */
static int add_routes(const struct pod *pod, const struct conf *conf,
		      const struct link *link, const struct cni_result *result,
		      struct err *err)
{
	for (int via = 0; via <= 1; via++) {
		for (int i = 0; i < result->n_routes; i++) {
			const struct cni_route *cni = &result->routes[i];

			if ((cni->gw.family != 0) == via &&
			    add_one(pod, link, cni, origin(conf, result, i), err))
				return -1;
		}
	}
	return 0;
}

static int write_sysctl(const char *ifname, const char *key, const char *value,
			struct err *err)
{
	_autoclose_ int fd = -1;
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", ifname, key);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write_all(fd, value, strlen(value)))
		return err_set(err, errno, "set %s to %s", path, value);
	return 0;
}

static int enable_ipv6_here(void *ifname, struct err *err)
{
	return write_sysctl(ifname, "disable_ipv6", "0", err) ||
			       write_sysctl(ifname, "keep_addr_on_down", "1", err)
		       ? -1
		       : 0;
}

/* IPv6 may be switched off in the pod, and addresses must outlive a link that goes
 * down. No netlink attribute exists for these: enter the namespace. */
static int enable_ipv6(const struct pod *pod, const char *ifname, struct err *err)
{
	return netns_run(pod->netns, enable_ipv6_here, (char *)ifname, err);
}

static bool has_family(const struct cni_result *result, int family)
{
	for (int i = 0; i < result->n_ips; i++)
		if (result->ips[i].address.ip.family == family)
			return true;
	return false;
}

/* Without a carrier the kernel does not begin to ask. That is no reason to refuse the
 * pod a rail: IPv4 would not, either. */
static int dad_timeout(const struct pod *pod, const struct link *link, struct err *err)
{
	struct link now;

	if (link_get(pod->nl, link->index, &now, err))
		return -1;
	if (now.carrier)
		return err_set(err, ETIMEDOUT,
			       "wait for duplicate address detection on %s", link->name);
	log_warning("%s has no carrier: its IPv6 addresses stay tentative", link->name);
	return 0;
}

/* Another node may have the address: the kernel asks, for a second or two. */
static int wait_dad(const struct pod *pod, const struct link *link,
		    const struct cni_result *result, struct err *err)
{
	long deadline = clock_ms() + DAD_TIMEOUT_MS;
	int r;

	if (!has_family(result, AF_INET6))
		return 0;
	while ((r = addr_settled(pod->nl, link->index, err)) == 0) {
		if (clock_ms() > deadline)
			return dad_timeout(pod, link, err);
		sleep_ms(DAD_STEP_MS);
	}
	return r < 0 ? -1 : 0;
}

int podnet_configure(const struct pod *pod, const struct plan *plan,
		     const struct conf *conf, const struct link *link,
		     const struct cni_result *result, struct err *err)
{
	if (has_family(result, AF_INET6) && enable_ipv6(pod, link->name, err))
		return -1;
	if (link_set_up(pod->nl, link->index, true, err))
		return -1;
	if (conf->dad && announce_probe(pod, link, result, err))
		return -1;
	for (int i = 0; i < result->n_ips; i++)
		if (addr_add(pod->nl, link->index, &result->ips[i].address, err))
			return -1;
	if (wait_dad(pod, link, result, err) || add_routes(pod, conf, link, result, err))
		return -1;
	return rail_source_routing(pod, plan, link, result, err);
}

static int check_addresses(const struct pod *pod, const struct link *link,
			   const struct cni_result *result, struct err *err)
{
	struct addr addrs[ADDR_MAX];
	int n = addr_list(pod->nl, link->index, addrs, err);
	char text[CIDR_LEN];

	if (n < 0)
		return -1;
	for (int i = 0; i < result->n_ips; i++) {
		const struct cidr *wanted = &result->ips[i].address;
		bool found = false;

		for (int k = 0; k < n; k++)
			found |= cidr_equal(&addrs[k].cidr, wanted);
		if (!found)
			return err_cni(err, CNI_CHECK_FAILED,
				       "address %s is not on %s any more",
				       cidr_format(wanted, text), link->name);
	}
	return 0;
}

/* A shared route is there when our next hop is in it. */
static int has_route(const struct pod *pod, const struct link *link,
		     const struct route *route, bool shared, struct err *err)
{
	return shared ? multipath_has(pod->nl, link->index, route, err)
		      : route_exists(pod->nl, link->index, route, err);
}

static int check_routes(const struct pod *pod, const struct conf *conf,
			const struct link *link, const struct cni_result *result,
			struct err *err)
{
	for (int i = 0; i < result->n_routes; i++) {
		const struct conf_route *from = origin(conf, result, i);
		struct route route = to_route(&result->routes[i]);
		int r = has_route(pod, link, &route, from && from->weight, err);
		char dst[CIDR_LEN], gw[IP_LEN];

		if (r < 0)
			return -1;
		if (!r)
			return err_cni(err, CNI_CHECK_FAILED,
				       "route %s%s%s over %s is not there any more",
				       cidr_format(&route.dst, dst),
				       route.gw.family ? " via " : "",
				       ip_format(&route.gw, gw), link->name);
	}
	return 0;
}

int podnet_check(const struct pod *pod, const struct plan *plan, const struct conf *conf,
		 const struct link *link, const struct cni_result *result,
		 struct err *err)
{
	if (!(link->flags & IFF_UP))
		return err_cni(err, CNI_CHECK_FAILED, "interface %s is down", link->name);
	if (check_addresses(pod, link, result, err) ||
	    check_routes(pod, conf, link, result, err))
		return -1;
	return rail_check(pod, plan, result, err);
}
