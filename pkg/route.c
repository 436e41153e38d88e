/* route.c - static routes over one interface. */
#include <errno.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "pkg/route.h"

#define PROTOCOL RTPROT_STATIC /* as `ip route add` by an administrator would say */

uint32_t route_table(const struct route *route)
{
	return route->table == ROUTE_UNSET ? RT_TABLE_MAIN : (uint32_t)route->table;
}

/* On-link routes of IPv4 have link scope, as iproute2 chooses; IPv6 knows no scopes. */
static uint8_t scope_of(const struct route *route)
{
	if (route->scope != ROUTE_UNSET)
		return route->scope;
	return route->dst.ip.family == AF_INET && !route->gw.family ? RT_SCOPE_LINK
								    : RT_SCOPE_UNIVERSE;
}

static void put_metrics(struct nl *nl, const struct route *route)
{
	struct nlattr *metrics;

	if (route->mtu == ROUTE_UNSET && route->advmss == ROUTE_UNSET)
		return;
	metrics = nl_nest(nl, RTA_METRICS | NLA_F_NESTED);
	if (route->mtu != ROUTE_UNSET)
		nl_put_u32(nl, RTAX_MTU, route->mtu);
	if (route->advmss != ROUTE_UNSET)
		nl_put_u32(nl, RTAX_ADVMSS, route->advmss);
	nl_nest_end(nl, metrics);
}

void route_begin(struct nl *nl, uint16_t type, uint16_t flags, uint8_t protocol,
		 const struct route *route)
{
	struct rtmsg *rtm = nl_begin(nl, type, flags, sizeof(*rtm));
	int len = ip_bytes(route->dst.ip.family);

	rtm->rtm_family = route->dst.ip.family;
	rtm->rtm_dst_len = route->dst.prefix;
	rtm->rtm_protocol = protocol;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_scope = scope_of(route);
	rtm->rtm_flags = route->onlink ? RTNH_F_ONLINK : 0;
	nl_put_u32(nl, RTA_TABLE, route_table(route));
	nl_put(nl, RTA_DST, cidr_first(&route->dst).b, len);
	if (route->src.family)
		nl_put(nl, RTA_PREFSRC, route->src.b, len);
	if (route->priority != ROUTE_UNSET)
		nl_put_u32(nl, RTA_PRIORITY, route->priority);
	put_metrics(nl, route);
}

int route_add(struct nl *nl, int ifindex, const struct route *route, struct err *err)
{
	char dst[CIDR_LEN], gw[IP_LEN];

	route_begin(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, PROTOCOL, route);
	nl_put_u32(nl, RTA_OIF, ifindex);
	if (route->gw.family)
		nl_put(nl, RTA_GATEWAY, route->gw.b, ip_bytes(route->gw.family));
	if (!nl_talk(nl, NULL, NULL, err) || err->no == EEXIST)
		return 0;
	return err_wrap(err, "add route %s%s%s table %u over interface %d",
			cidr_format(&route->dst, dst), route->gw.family ? " via " : "",
			ip_format(&route->gw, gw), route_table(route), ifindex);
}

struct search {
	const struct route *wanted;
	int ifindex, count;
};

static bool same_ip(const struct nlattr *attr, const struct ip *wanted)
{
	const void *got = nl_data(attr, ip_bytes(wanted->family));

	return !wanted->family ||
	       (got && !memcmp(got, wanted->b, ip_bytes(wanted->family)));
}

static bool same_number(const struct nlattr *attr, int64_t wanted)
{
	return wanted == ROUTE_UNSET || (attr && nl_u32(attr, 0) == (uint32_t)wanted);
}

static bool same_metrics(const struct nlattr *attr, const struct route *wanted)
{
	const struct nlattr *metrics[RTAX_MAX + 1] = { 0 };

	if (attr)
		nl_nested(attr, metrics, RTAX_MAX);
	return same_number(metrics[RTAX_MTU], wanted->mtu) &&
	       same_number(metrics[RTAX_ADVMSS], wanted->advmss);
}

static bool same_prefix(const struct rtmsg *rtm, const struct nlattr *dst,
			const struct route *wanted)
{
	struct ip first = cidr_first(&wanted->dst);

	if (rtm->rtm_family != wanted->dst.ip.family ||
	    rtm->rtm_dst_len != wanted->dst.prefix)
		return false;
	return wanted->dst.prefix == 0 || same_ip(dst, &first);
}

static int on_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[RTA_MAX + 1];
	struct search *search = data;
	const struct route *wanted = search->wanted;

	nl_attrs(nlh, sizeof(*rtm), attrs, RTA_MAX);
	if (nl_u32(attrs[RTA_OIF], 0) == (uint32_t)search->ifindex &&
	    nl_u32(attrs[RTA_TABLE], rtm->rtm_table) == route_table(wanted) &&
	    same_prefix(rtm, attrs[RTA_DST], wanted) &&
	    same_ip(attrs[RTA_GATEWAY], &wanted->gw) &&
	    same_ip(attrs[RTA_PREFSRC], &wanted->src) &&
	    same_number(attrs[RTA_PRIORITY], wanted->priority) &&
	    same_metrics(attrs[RTA_METRICS], wanted))
		search->count++;
	return MNL_CB_OK;
}

int route_exists(struct nl *nl, int ifindex, const struct route *route, struct err *err)
{
	struct rtmsg *rtm = nl_begin(nl, RTM_GETROUTE, NLM_F_DUMP, sizeof(*rtm));
	struct search search = { .wanted = route, .ifindex = ifindex };
	char dst[CIDR_LEN];

	rtm->rtm_family = route->dst.ip.family;
	if (nl_dump(nl, on_route, &search, &search.count, err))
		return err_wrap(err, "look for route %s", cidr_format(&route->dst, dst));
	return search.count > 0;
}
