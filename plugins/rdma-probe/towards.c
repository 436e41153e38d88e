/* towards.c - which rails lead to a peer of which nothing is known but its addresses. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "plugins/rdma-probe/egress.h"
#include "plugins/rdma-probe/towards.h"

static struct ip ip_of(const struct sockaddr *addr)
{
	struct ip ip = { .family = addr->sa_family };

	if (ip.family == AF_INET)
		memcpy(ip.b, &((const struct sockaddr_in *)addr)->sin_addr, 4);
	else
		memcpy(ip.b, &((const struct sockaddr_in6 *)addr)->sin6_addr, 16);
	return ip;
}

/* On the link, or by a route that leaves by the rail. */
static bool leads_to(const struct rail *rail, const struct ip *dst)
{
	struct egress route;

	if (!rail_usable(rail) || rail->ip.ip.family != dst->family)
		return false;
	return cidr_contains(&rail->ip, dst) ||
	       (!egress_get(&rail->ip.ip, dst, 0, &route) && route.type == RTN_UNICAST &&
		route.ifindex == rail->ifindex);
}

/* Of the same name as ours, so that they pair. */
static void add(struct rails *theirs, const struct rail *mine, const struct ip *dst)
{
	struct rail *rail = &theirs->v[theirs->n++];

	*rail = (struct rail){ .ip = { *dst, ip_bits(dst->family) }, .numa = -1 };
	memcpy(rail->name, mine->name, sizeof(rail->name));
	if (cidr_contains(&mine->ip, dst))
		rail->ip.prefix = mine->ip.prefix;
	gid_from_ip(dst, rail->gid);
}

static void find(struct path_plan *plan, const struct addrinfo *list)
{
	plan->theirs.n = 0;
	for (int i = 0; i < plan->mine.n; i++)
		for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
			struct ip dst = ip_of(ai->ai_addr);

			if (!leads_to(&plan->mine.v[i], &dst))
				continue;
			add(&plan->theirs, &plan->mine.v[i], &dst);
			break;
		}
}

int towards_peer(struct path_plan *plan, struct err *err)
{
	struct addrinfo hints = { .ai_family = plan->family, .ai_socktype = SOCK_DGRAM },
			*list;
	int r;

	if (endpoint_is_path(&plan->peer))
		return err_set(err, 0, "%s: rails do not lead to a UNIX socket",
			       plan->peer.host);
	r = getaddrinfo(plan->peer.host, NULL, &hints, &list);

	if (r)
		return err_set(err, 0, "resolve %s: %s", plan->peer.host,
			       gai_strerror(r));
	find(plan, list);
	freeaddrinfo(list);
	return plan->theirs.n
		       ? 0
		       : err_set(err, 0, "no rail of ours leads to %s", plan->peer.host);
}

void towards_keep(struct path_plan *plan)
{
	int kept = 0;

	for (int i = 0; i < plan->mine.n; i++)
		for (int k = 0; k < plan->theirs.n; k++)
			if (!strcmp(plan->mine.v[i].name, plan->theirs.v[k].name))
				plan->mine.v[kept++] = plan->mine.v[i];
	plan->mine.n = kept;
}
