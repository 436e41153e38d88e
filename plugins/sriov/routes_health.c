/* routes_health.c - what keeps routes between nodes that are right from doing what they
 * are for. */
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "plugins/sriov/routes_health.h"

/* Its value, or -1 when there is none. */
static int sysctl(const char *family, const char *path)
{
	char file[160], text[16];

	snprintf(file, sizeof(file), "/proc/sys/net/%s/%s", family, path);
	return file_first_word(file, text, sizeof(text)) ? atoi(text) : -1;
}

static void ask_hash_policy(const struct routes_now *now, int family, struct notes *notes)
{
	const char *name = family == AF_INET ? "ipv4" : "ipv6";
	bool any = false;

	for (int i = 0; i < now->routes.count; i++)
		any |= now->routes.list[i].dst.ip.family == family;
	if (any && sysctl(name, "fib_multipath_hash_policy") == 0)
		note(notes,
		     "net.%s.fib_multipath_hash_policy is 0: all traffic between two "
		     "addresses takes one rail; 1 spreads connections",
		     name);
}

/* Of the value for all interfaces and that for this one, the larger counts. */
static void ask_rp_filter(int ifindex, struct notes *notes)
{
	int all = sysctl("ipv4", "conf/all/rp_filter"), here;
	char name[IFNAMSIZ], path[64];

	if (!if_indextoname(ifindex, name))
		return;
	snprintf(path, sizeof(path), "conf/%s/rp_filter", name);
	here = sysctl("ipv4", path);
	if ((here > all ? here : all) == 1)
		note(notes,
		     "net.ipv4.conf.%s.rp_filter is 1: packets of peers that this node "
		     "has no route to over this rail are dropped; use 2 or 0",
		     name);
}

static bool is_hop(const struct nexthop *nexthop)
{
	return nexthop->protocol == ROUTES_PROTOCOL && !nexthop->n && nexthop->ifindex &&
	       nexthop->gw.family == AF_INET;
}

void routes_health(const struct routes_now *now, struct notes *notes)
{
	int rails[PEER_RAILS], n = 0;

	ask_hash_policy(now, AF_INET, notes);
	ask_hash_policy(now, AF_INET6, notes);
	for (int i = 0; i < now->nexthops.count && n < PEER_RAILS; i++) {
		const struct nexthop *nexthop = &now->nexthops.list[i];
		bool known = !is_hop(nexthop);

		for (int j = 0; j < n; j++)
			known |= rails[j] == nexthop->ifindex;
		if (!known)
			rails[n++] = nexthop->ifindex;
	}
	for (int i = 0; i < n; i++)
		ask_rp_filter(rails[i], notes);
}
