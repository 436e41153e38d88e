/* hostroute.c - routes to single addresses over groups of next hops, of one protocol. */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "pkg/grow.h"
#include "pkg/hostroute.h"

#define METRIC_IPV6 1024 /* of a route that is made without one */

struct dump {
	struct hostroutes routes;
	uint8_t protocol;
};

static void read_route(const struct rtmsg *rtm, const struct nlattr *const *attrs,
		       struct hostroute *ret)
{
	*ret = (struct hostroute){
		.dst = { .ip = nl_ip(attrs[RTA_DST], rtm->rtm_family),
			 .prefix = rtm->rtm_dst_len },
		.src = nl_ip(attrs[RTA_PREFSRC], rtm->rtm_family),
		.nexthop = nl_u32(attrs[RTA_NH_ID], 0),
		.table = nl_u32(attrs[RTA_TABLE], rtm->rtm_table),
		.priority = nl_u32(attrs[RTA_PRIORITY], 0),
	};
	ret->dst.ip.family = rtm->rtm_family; /* a default route says no address */
	ret->odd = ret->table != RT_TABLE_MAIN || rtm->rtm_type != RTN_UNICAST ||
		   rtm->rtm_tos || rtm->rtm_dst_len != ip_bits(rtm->rtm_family) ||
		   ret->priority != (rtm->rtm_family == AF_INET6 ? METRIC_IPV6 : 0);
}

static int on_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[RTA_MAX + 1];
	struct dump *dump = data;
	struct hostroutes *all = &dump->routes;
	struct hostroute *grown;

	if (rtm->rtm_protocol != dump->protocol || (rtm->rtm_flags & RTM_F_CLONED) ||
	    (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6))
		return MNL_CB_OK;
	grown = grow(all->list, all->count, sizeof(*grown));
	if (!grown)
		return MNL_CB_ERROR;
	all->list = grown;
	nl_attrs(nlh, sizeof(*rtm), attrs, RTA_MAX);
	read_route(rtm, attrs, &all->list[all->count++]);
	return MNL_CB_OK;
}

/* Those that are not odd come first of their address. */
static int by_dst(const void *a, const void *b)
{
	const struct hostroute *x = a, *y = b;
	int order = ip_cmp(&x->dst.ip, &y->dst.ip);

	return order ? order : x->odd - y->odd;
}

int hostroutes_get(struct nl *nl, uint8_t protocol, struct hostroutes *ret,
		   struct err *err)
{
	struct dump dump = { .protocol = protocol };
	struct rtmsg *rtm = nl_begin(nl, RTM_GETROUTE, NLM_F_DUMP, sizeof(*rtm));

	rtm->rtm_protocol = protocol; /* for nl_strict() */
	if (nl_dump(nl, on_route, &dump, &dump.routes.count, err)) {
		hostroutes_clear(&dump.routes);
		return err_wrap(err, "list routes of protocol %u", protocol);
	}
	if (dump.routes.count)
		qsort(dump.routes.list, dump.routes.count, sizeof(*dump.routes.list),
		      by_dst);
	*ret = dump.routes;
	return 0;
}

const struct hostroute *hostroutes_find(const struct hostroutes *routes,
					const struct ip *dst)
{
	const struct hostroute key = { .dst.ip = *dst };

	return routes->count ? bsearch(&key, routes->list, routes->count,
				       sizeof(*routes->list), by_dst)
			     : NULL;
}

void hostroutes_clear(struct hostroutes *routes)
{
	free(routes->list);
	*routes = (struct hostroutes){ 0 };
}

void hostroute_begin_add(struct nl *nl, uint8_t protocol, const struct hostroute *route)
{
	struct rtmsg *rtm =
		nl_begin(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*rtm));
	int len = ip_bytes(route->dst.ip.family);

	rtm->rtm_family = route->dst.ip.family;
	rtm->rtm_dst_len = route->dst.prefix;
	rtm->rtm_protocol = protocol;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_table = RT_TABLE_MAIN;
	nl_put(nl, RTA_DST, route->dst.ip.b, len);
	nl_put(nl, RTA_PREFSRC, route->src.b, len);
	nl_put_u32(nl, RTA_NH_ID, route->nexthop);
}

/* Neither kind nor scope are said: what an older version of us made shall go, too. */
void hostroute_begin_del(struct nl *nl, uint8_t protocol, const struct hostroute *route)
{
	struct rtmsg *rtm = nl_begin(nl, RTM_DELROUTE, 0, sizeof(*rtm));
	int len = ip_bytes(route->dst.ip.family);

	rtm->rtm_family = route->dst.ip.family;
	rtm->rtm_dst_len = route->dst.prefix;
	rtm->rtm_protocol = protocol;
	rtm->rtm_scope = RT_SCOPE_NOWHERE;
	nl_put_u32(nl, RTA_TABLE, route->table);
	if (route->dst.prefix)
		nl_put(nl, RTA_DST, route->dst.ip.b, len);
	if (route->priority)
		nl_put_u32(nl, RTA_PRIORITY, route->priority);
}

struct match {
	const struct ip *dst;
	int found; /* protocol, or -1 */
};

static int on_match(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct match *match = data;

	if (rtm->rtm_family == match->dst->family &&
	    rtm->rtm_dst_len == ip_bits(match->dst->family))
		match->found = rtm->rtm_protocol;
	return MNL_CB_OK;
}

int hostroute_foreign(struct nl *nl, const struct ip *dst, uint8_t protocol, uint8_t *ret,
		      struct err *err)
{
	struct rtmsg *rtm = nl_begin(nl, RTM_GETROUTE, 0, sizeof(*rtm));
	struct match match = { .dst = dst, .found = -1 };
	char text[IP_LEN];

	rtm->rtm_family = dst->family;
	rtm->rtm_dst_len = ip_bits(dst->family);
	rtm->rtm_flags = RTM_F_FIB_MATCH; /* the route, not where it leads */
	nl_put(nl, RTA_DST, dst->b, ip_bytes(dst->family));
	if (nl_talk(nl, on_match, &match, err)) {
		if (err->no == ENETUNREACH || err->no == EHOSTUNREACH ||
		    err->no == EACCES || err->no == EINVAL)
			return 0; /* no route, or one that says no */
		return err_wrap(err, "look up the route to %s", ip_format(dst, text));
	}
	if (match.found < 0 || match.found == protocol)
		return 0;
	*ret = match.found;
	return 1;
}
