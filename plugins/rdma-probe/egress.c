/* route.c - which way would a packet go? libnl-3, for the reason in nlq.h. */
#include <errno.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "plugins/rdma-probe/egress.h"
#include "plugins/rdma-probe/nlq.h"

static void copy_ip(struct ip *ret, int family, const struct nlattr *attr)
{
	if (!attr || nla_len(attr) != ip_bytes(family))
		return;
	*ret = (struct ip){ .family = family };
	memcpy(ret->b, nla_data(attr), ip_bytes(family));
}

static int on_route(struct nl_msg *msg, void *arg)
{
	const struct rtmsg *rtm = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *oif = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*rtm), RTA_OIF);
	struct egress *ret = arg;

	ret->type = rtm->rtm_type;
	ret->ifindex = oif ? (int)nla_get_u32(oif) : 0;
	copy_ip(&ret->gateway, rtm->rtm_family,
		nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*rtm), RTA_GATEWAY));
	return NL_OK;
}

static struct nl_msg *question(const struct ip *src, const struct ip *dst, int oif)
{
	int len = ip_bytes(dst->family);
	struct rtmsg rtm = { .rtm_family = dst->family,
			     .rtm_dst_len = 8 * len,
			     .rtm_src_len = 8 * len };
	_autonlmsg_ struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);

	if (!msg || nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) ||
	    nla_put(msg, RTA_DST, len, dst->b) || nla_put(msg, RTA_SRC, len, src->b) ||
	    (oif && nla_put_u32(msg, RTA_OIF, oif)))
		return NULL;
	return take_ptr(msg);
}

/* IPv6 answers with a route that leads nowhere where IPv4 answers with an error. */
static int refusal(int type)
{
	switch (type) {
	case RTN_UNREACHABLE:
		return EHOSTUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	case RTN_BLACKHOLE:
		return EINVAL;
	default:
		return 0;
	}
}

int egress_get(const struct ip *src, const struct ip *dst, int oif, struct egress *ret)
{
	struct err ignored;
	_autonlq_ struct nl_sock *sk = nlq_open(NETLINK_ROUTE, &ignored);
	_autonlmsg_ struct nl_msg *msg = question(src, dst, oif);
	struct egress route = { 0 };
	int no;

	if (!sk || !msg)
		return ENOMEM;
	no = nlq_ask(sk, msg, on_route, &route);
	if (!no)
		no = refusal(route.type);
	if (!no)
		*ret = route;
	return no;
}

static int leaves_elsewhere(const struct rail *rail, const struct ip *dst,
			    const struct egress *seen, struct fault *fault)
{
	char from[IP_LEN], to[IP_LEN], other[IF_NAMESIZE] = "?";

	ip_format(&rail->ip.ip, from);
	ip_format(dst, to);
	if (seen->type == RTN_LOCAL) {
		fault_set(fault, REASON_WRONG_EGRESS, 0,
			  "%s is an address of this namespace: traffic would loop inside "
			  "it "
			  "and test no path",
			  to);
		return fault_fix(fault,
				 "ask from another namespace; or two have one address");
	}
	(void)if_indextoname(seen->ifindex, other);
	return fault_set(fault, REASON_WRONG_EGRESS, 0,
			 "from %s to %s the route leaves by %s, not by %s", from, to,
			 other, rail->netdev);
}

int egress_check(const struct rail *rail, const struct ip *dst, struct egress *ret,
		 struct fault *fault)
{
	char from[IP_LEN], to[IP_LEN];
	struct egress route;
	int no = egress_get(&rail->ip.ip, dst, 0, &route);

	if (no)
		return fault_set(fault, REASON_NO_ROUTE, no, "route from %s to %s",
				 ip_format(&rail->ip.ip, from), ip_format(dst, to));
	if (route.ifindex != rail->ifindex || route.type != RTN_UNICAST)
		return leaves_elsewhere(rail, dst, &route, fault);

	/* What RDMA will ask: the same with the interface given, which may find another
	 * next hop. */
	no = egress_get(&rail->ip.ip, dst, rail->ifindex, &route);
	if (no)
		return fault_set(fault, REASON_NO_ROUTE, no, "route from %s to %s by %s",
				 ip_format(&rail->ip.ip, from), ip_format(dst, to),
				 rail->netdev);
	*ret = route;
	return 0;
}
