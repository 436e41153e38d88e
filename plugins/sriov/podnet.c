/* podnet.c - the VF's interface in the pod: up, addresses, routes. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "pkg/addr.h"
#include "pkg/file.h"
#include "pkg/log.h"
#include "plugins/sriov/podnet.h"

#define SCOPE_LINK 253

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
		const struct route *from = &conf->routes[i];
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

/* What a result cannot say of a route is in the configuration it came from. */
static struct route to_route(const struct cni_route *cni, const struct conf *conf,
			     int from_conf)
{
	struct route route = { .dst = cni->dst,
			       .gw = cni->gw,
			       .mtu = cni->mtu,
			       .advmss = cni->advmss,
			       .priority = cni->priority,
			       .table = cni->table,
			       .scope = cni->scope };

	if (conf && from_conf >= 0) {
		route.src = conf->routes[from_conf].src;
		route.onlink = conf->routes[from_conf].onlink;
	}
	return route;
}

/* On-link routes first: they make the next hops of the others reachable. */
static int add_routes(const struct pod *pod, const struct conf *conf,
		      const struct link *link, const struct cni_result *result,
		      struct err *err)
{
	int first_of_conf = result->n_routes - conf->n_routes;

	for (int via = 0; via <= 1; via++) {
		for (int i = 0; i < result->n_routes; i++) {
			const struct cni_route *cni = &result->routes[i];
			struct route route = to_route(cni, conf, i - first_of_conf);

			if ((cni->gw.family != 0) == via &&
			    route_add(pod->nl, link->index, &route, err))
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

/* IPv6 may be switched off in the pod, and addresses must outlive a link that goes
 * down. No netlink attribute exists for these: enter the namespace. */
static int enable_ipv6(const struct pod *pod, const char *ifname, struct err *err)
{
	_autoclose_ int home = netns_open_own(err);
	int r;

	if (home < 0)
		return -1;
	if (setns(pod->netns, CLONE_NEWNET))
		return err_set(err, errno, "enter the pod's network namespace");
	r = write_sysctl(ifname, "disable_ipv6", "0", err) ||
	    write_sysctl(ifname, "keep_addr_on_down", "1", err);
	if (setns(home, CLONE_NEWNET))
		abort(); /* stranded in the wrong namespace: touch nothing more */
	return r ? -1 : 0;
}

static bool has_family(const struct cni_result *result, int family)
{
	for (int i = 0; i < result->n_ips; i++)
		if (result->ips[i].address.ip.family == family)
			return true;
	return false;
}

int podnet_configure(const struct pod *pod, const struct conf *conf,
		     const struct link *link, const struct cni_result *result,
		     struct err *err)
{
	if (has_family(result, AF_INET6) && enable_ipv6(pod, link->name, err))
		return -1;
	if (link_set_up(pod->nl, link->index, true, err))
		return -1;
	for (int i = 0; i < result->n_ips; i++)
		if (addr_add(pod->nl, link->index, &result->ips[i].address, err))
			return -1;
	return add_routes(pod, conf, link, result, err);
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

int podnet_check(const struct pod *pod, const struct link *link,
		 const struct cni_result *result, struct err *err)
{
	if (!(link->flags & IFF_UP))
		return err_cni(err, CNI_CHECK_FAILED, "interface %s is down", link->name);
	if (check_addresses(pod, link, result, err))
		return -1;
	for (int i = 0; i < result->n_routes; i++) {
		struct route route = to_route(&result->routes[i], NULL, -1);
		int r = route_exists(pod->nl, link->index, &route, err);
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
