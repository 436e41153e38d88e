/* rail.c - source routing and shared routes of the rails of one pod. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "pkg/addr.h"
#include "pkg/clock.h"
#include "pkg/multipath.h"
#include "pkg/rule.h"
#include "plugins/sriov/rail.h"

#define FIRST_TABLE	100
#define LOCK_TIMEOUT_MS 10000
#define LOCK_STEP_MS	5

/* Attachments of one pod come one after the other from a runtime, but nothing makes
 * them: the namespace itself is the lock. */
static int lock_pod(const struct pod *pod, struct err *err)
{
	long deadline = clock_ms() + LOCK_TIMEOUT_MS;

	while (flock(pod->netns, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || clock_ms() > deadline)
			return err_set(err, errno, "lock the pod's network namespace");
		sleep_ms(LOCK_STEP_MS);
	}
	return 0;
}

static void unlock_pod(const struct pod *pod)
{
	(void)flock(pod->netns, LOCK_UN);
}

int rail_free_table(const struct pod *pod, uint32_t *ret, struct err *err)
{
	return table_first_free(pod->nl, FIRST_TABLE, ret, err);
}

int rail_join(const struct pod *pod, const struct link *link, const struct route *route,
	      int weight, struct err *err)
{
	int r;

	if (lock_pod(pod, err))
		return -1;
	r = multipath_join(pod->nl, link->index, route, weight, err);
	unlock_pod(pod);
	return r;
}

static struct route empty_route(const struct plan *plan)
{
	return (struct route){ .mtu = ROUTE_UNSET,
			       .advmss = ROUTE_UNSET,
			       .priority = ROUTE_UNSET,
			       .scope = ROUTE_UNSET,
			       .table = plan->table };
}

/* The address's own network, and everything else by its gateway if it has one. */
static int route_address(const struct pod *pod, const struct plan *plan,
			 const struct link *link, const struct cni_ip *ip,
			 struct err *err)
{
	struct route network = empty_route(plan), rest = empty_route(plan);
	int family = ip->address.ip.family;

	network.dst = ip->address;
	if (family == AF_INET)
		network.src = ip->address.ip;
	rest.dst = (struct cidr){ .ip = { .family = family } };
	rest.gw = ip->gateway;
	if (route_add(pod->nl, link->index, &network, err))
		return -1;
	return ip->gateway.family ? route_add(pod->nl, link->index, &rest, err) : 0;
}

/* Routes of the attachment hold for its own packets too, each by this rail alone. */
static int copy_routes(const struct pod *pod, const struct plan *plan,
		       const struct link *link, const struct cni_result *result,
		       struct err *err)
{
	for (int i = 0; i < result->n_routes; i++) {
		const struct cni_route *from = &result->routes[i];
		struct route route = { .dst = from->dst,
				       .gw = from->gw,
				       .mtu = from->mtu,
				       .advmss = from->advmss,
				       .priority = from->priority,
				       .scope = from->scope,
				       .table = plan->table };

		if (from->table == CNI_UNSET &&
		    route_add(pod->nl, link->index, &route, err))
			return -1;
	}
	return 0;
}

int rail_source_routing(const struct pod *pod, const struct plan *plan,
			const struct link *link, const struct cni_result *result,
			struct err *err)
{
	if (!plan->table)
		return 0;
	for (int i = 0; i < result->n_ips; i++)
		if (route_address(pod, plan, link, &result->ips[i], err))
			return -1;
	if (copy_routes(pod, plan, link, result, err))
		return -1;
	for (int i = 0; i < result->n_ips; i++)
		if (rule_add(pod->nl, &result->ips[i].address.ip, plan->table, err))
			return -1;
	return 0;
}

static int leave_rules(const struct pod *pod, const struct plan *plan,
		       const struct link *link, struct err *err)
{
	struct addr addrs[ADDR_MAX];
	int n;

	if (!plan->table)
		return 0;
	n = addr_list(pod->nl, link->index, addrs, err);
	for (int i = 0; i < n; i++)
		if (rule_del(pod->nl, &addrs[i].cidr.ip, plan->table, err))
			return -1;
	return n < 0 ? -1 : 0;
}

/* Which routes are shared, the configuration of the ADD says. */
static int leave_shared(const struct pod *pod, const struct plan *plan,
			const struct link *link, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(plan->conf, strlen(plan->conf), err);
	struct json root = json_root(doc);
	struct conf conf = { 0 };
	int r = 0;

	if (!doc || conf_parse_routes(&root, &conf, err) || lock_pod(pod, err))
		return -1;
	for (int i = 0; i < conf.n_routes && !r; i++)
		if (conf.routes[i].weight)
			r = multipath_leave(pod->nl, link->index, &conf.routes[i].route,
					    err);
	unlock_pod(pod);
	return r;
}

int rail_leave(const struct pod *pod, const struct plan *plan, const struct link *link,
	       struct err *err)
{
	return leave_rules(pod, plan, link, err) || leave_shared(pod, plan, link, err)
		       ? -1
		       : 0;
}

int rail_check(const struct pod *pod, const struct plan *plan,
	       const struct cni_result *result, struct err *err)
{
	char text[IP_LEN];

	for (int i = 0; i < result->n_ips && plan->table; i++) {
		const struct ip *ip = &result->ips[i].address.ip;
		int r = rule_exists(pod->nl, ip, plan->table, err);

		if (r < 0)
			return -1;
		if (!r)
			return err_cni(err, CNI_CHECK_FAILED,
				       "rule from %s lookup %u is not there any more",
				       ip_format(ip, text), plan->table);
	}
	return 0;
}
