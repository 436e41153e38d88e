/* multipath.c - one route that several interfaces share, a next hop each. */
#include <errno.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "pkg/multipath.h"
#include "pkg/rule.h"

#define MAX_HOPS 64

struct hop {
	int ifindex, weight;
	struct ip gw; /* AF_UNSPEC: on link */
	uint8_t flags;
};

struct found {
	const struct route *wanted;
	int count; /* routes to the prefix, ours or not */
	bool foreign;
	struct hop hops[MAX_HOPS];
	int n_hops;
};

static void add_hop(struct found *found, const struct hop *hop)
{
	if (found->n_hops < MAX_HOPS)
		found->hops[found->n_hops++] = *hop;
}

/* Next hops follow one another in the attribute, each with attributes of its own. */
static void read_hops(struct found *found, const struct nlattr *multipath)
{
	int left = mnl_attr_get_payload_len(multipath);
	const struct rtnexthop *nh = mnl_attr_get_payload(multipath);
	int family = found->wanted->dst.ip.family;

	for (; RTNH_OK(nh, left); left -= NLMSG_ALIGN(nh->rtnh_len), nh = RTNH_NEXT(nh)) {
		struct hop hop = { .ifindex = nh->rtnh_ifindex,
				   .weight = nh->rtnh_hops + 1,
				   .flags = nh->rtnh_flags & RTNH_F_ONLINK };
		const struct nlattr *attr = (const void *)RTNH_DATA(nh);
		int rest = nh->rtnh_len - sizeof(*nh);

		for (; mnl_attr_ok(attr, rest);
		     rest -= NLA_ALIGN(attr->nla_len), attr = mnl_attr_next(attr))
			if (mnl_attr_get_type(attr) == RTA_GATEWAY)
				hop.gw = nl_ip(attr, family);
		add_hop(found, &hop);
	}
}

static bool is_wanted(const struct rtmsg *rtm, const struct nlattr *const *attrs,
		      const struct route *wanted)
{
	struct ip dst = nl_ip(attrs[RTA_DST], wanted->dst.ip.family);
	struct ip first = cidr_first(&wanted->dst);
	/* IPv6 gives every route a metric of 1024 that has none. */
	uint32_t none = wanted->dst.ip.family == AF_INET6 ? 1024 : 0;

	return rtm->rtm_family == wanted->dst.ip.family &&
	       rtm->rtm_dst_len == wanted->dst.prefix &&
	       (!rtm->rtm_dst_len || ip_equal(&dst, &first)) &&
	       nl_u32(attrs[RTA_TABLE], rtm->rtm_table) == route_table(wanted) &&
	       nl_u32(attrs[RTA_PRIORITY], 0) == (wanted->priority == ROUTE_UNSET
							  ? none
							  : (uint32_t)wanted->priority);
}

static int on_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[RTA_MAX + 1];
	struct found *found = data;
	struct hop hop = { .weight = 1 };

	nl_attrs(nlh, sizeof(*rtm), attrs, RTA_MAX);
	if (!is_wanted(rtm, attrs, found->wanted))
		return MNL_CB_OK;
	if (!found->count++)
		found->n_hops = 0; /* a dump that started anew */
	if (rtm->rtm_protocol != RAIL_PROTOCOL) {
		found->foreign = true;
		return MNL_CB_OK;
	}
	if (attrs[RTA_MULTIPATH]) {
		read_hops(found, attrs[RTA_MULTIPATH]);
		return MNL_CB_OK;
	}
	hop.ifindex = nl_u32(attrs[RTA_OIF], 0);
	hop.gw = nl_ip(attrs[RTA_GATEWAY], rtm->rtm_family);
	hop.flags = rtm->rtm_flags & RTNH_F_ONLINK;
	add_hop(found, &hop);
	return MNL_CB_OK;
}

static int find(struct nl *nl, const struct route *route, struct found *ret,
		struct err *err)
{
	struct rtmsg *rtm = nl_begin(nl, RTM_GETROUTE, NLM_F_DUMP, sizeof(*rtm));
	char dst[CIDR_LEN];

	*ret = (struct found){ .wanted = route };
	rtm->rtm_family = route->dst.ip.family;
	if (nl_dump(nl, on_route, ret, &ret->count, err))
		return err_wrap(err, "look for route %s", cidr_format(&route->dst, dst));
	return 0;
}

/* Payload of RTA_MULTIPATH: it is no nest of attributes, hence laid out by hand. */
static size_t lay_out(const struct found *found, char *buf)
{
	size_t len = 0;

	for (int i = 0; i < found->n_hops; i++) {
		const struct hop *hop = &found->hops[i];
		int gw_len = hop->gw.family ? ip_bytes(hop->gw.family) : 0;
		struct rtnexthop nh = { .rtnh_ifindex = hop->ifindex,
					.rtnh_hops = hop->weight - 1,
					.rtnh_flags = hop->flags,
					.rtnh_len = sizeof(nh) };
		struct nlattr gw = { .nla_type = RTA_GATEWAY,
				     .nla_len = sizeof(gw) + gw_len };

		if (gw_len)
			nh.rtnh_len += gw.nla_len;
		memcpy(buf + len, &nh, sizeof(nh));
		if (gw_len) {
			memcpy(buf + len + sizeof(nh), &gw, sizeof(gw));
			memcpy(buf + len + sizeof(nh) + sizeof(gw), hop->gw.b, gw_len);
		}
		len += nh.rtnh_len;
	}
	return len;
}

/* Any next hop with a gateway makes it a route of universe scope; which next hop the
 * configuration names does not matter. */
static struct route shape_of(const struct route *route, const struct found *found)
{
	struct route shape = *route;

	if (!found->n_hops && shape.scope == ROUTE_UNSET)
		shape.scope = RT_SCOPE_NOWHERE; /* whichever it has */
	for (int i = 0; i < found->n_hops; i++)
		if (found->hops[i].gw.family)
			shape.gw = found->hops[i].gw;
	return shape;
}

static int write_back(struct nl *nl, const struct route *route, const struct found *found,
		      struct err *err)
{
	char buf[MAX_HOPS * (sizeof(struct rtnexthop) + sizeof(struct nlattr) + 16)];
	struct route shape = shape_of(route, found);
	char dst[CIDR_LEN];

	if (found->n_hops) {
		route_begin(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, RAIL_PROTOCOL,
			    &shape);
		nl_put(nl, RTA_MULTIPATH, buf, lay_out(found, buf));
	} else {
		route_begin(nl, RTM_DELROUTE, 0, RAIL_PROTOCOL, &shape);
	}
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "write route %s with %d next hops",
				cidr_format(&route->dst, dst), found->n_hops);
	return 0;
}

static int my_hop(const struct found *found, int ifindex)
{
	for (int i = 0; i < found->n_hops; i++)
		if (found->hops[i].ifindex == ifindex)
			return i;
	return -1;
}

int multipath_join(struct nl *nl, int ifindex, const struct route *route, int weight,
		   struct err *err)
{
	struct hop hop = { .ifindex = ifindex,
			   .weight = weight,
			   .gw = route->gw,
			   .flags = route->onlink ? RTNH_F_ONLINK : 0 };
	struct found found;
	char dst[CIDR_LEN];
	int mine;

	if (find(nl, route, &found, err))
		return -1;
	if (found.foreign)
		return err_set(err, EEXIST,
			       "share route %s: there is one that is not rail-cni's",
			       cidr_format(&route->dst, dst));
	mine = my_hop(&found, ifindex);
	if (mine >= 0)
		found.hops[mine] = hop;
	else if (found.n_hops == MAX_HOPS)
		return err_set(err, ENOSPC, "share route %s: it has %d next hops",
			       cidr_format(&route->dst, dst), MAX_HOPS);
	else
		add_hop(&found, &hop);
	return write_back(nl, route, &found, err);
}

int multipath_leave(struct nl *nl, int ifindex, const struct route *route,
		    struct err *err)
{
	struct found found;
	int mine;

	if (find(nl, route, &found, err))
		return -1;
	mine = my_hop(&found, ifindex);
	if (mine < 0)
		return 0;
	found.hops[mine] = found.hops[--found.n_hops];
	return write_back(nl, route, &found, err);
}

int multipath_has(struct nl *nl, int ifindex, const struct route *route, struct err *err)
{
	struct found found;

	if (find(nl, route, &found, err))
		return -1;
	return my_hop(&found, ifindex) >= 0;
}
