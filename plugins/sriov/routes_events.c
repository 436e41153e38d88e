/* routes_events.c - what changes in the kernel that matters to routes between nodes. */
#include <errno.h>
#include <string.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "pkg/nl.h"
#include "plugins/sriov/routes_events.h"

/* IFF_LOWER_UP of linux/if.h, which does not go together with net/if.h. */
#define LOWER_UP (1 << 16)

#define MESSAGES_MAX 4096 /* in one go */

int events_open(struct err *err)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_NEIGH,
	};
	_autoclose_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
				    NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return err_set(err, errno, "listen to changes of interfaces");
	return take_fd(fd);
}

static bool is_link(const struct own *own, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[IFLA_MAX + 1];
	const char *name;

	nl_attrs(nlh, sizeof(*ifi), attrs, IFLA_MAX);
	name = nl_str(attrs[IFLA_IFNAME], "");
	for (int i = 0; i < own->n_rails; i++) {
		const struct own_rail *rail = &own->rails[i];
		bool up = (ifi->ifi_flags & IFF_UP) && (ifi->ifi_flags & LOWER_UP);

		if (rail->ifindex == ifi->ifi_index)
			return nlh->nlmsg_type == RTM_DELLINK || rail->up != up;
		if (!strcmp(rail->name, name))
			return true;
	}
	return !own->n_rails; /* no round has succeeded yet */
}

static bool is_address(const struct own *own, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

	for (int i = 0; i < own->n_rails; i++)
		if (own->rails[i].ifindex == (int)ifa->ifa_index ||
		    !own->rails[i].ifindex)
			return true;
	for (int i = 0; i < own->all.count; i++)
		if (own->all.list[i].ifindex == (int)ifa->ifa_index)
			for (int j = 0; j < own->n_addresses; j++)
				if (ip_equal(&own->all.list[i].cidr.ip,
					     &own->addresses[j]))
					return true;
	return !own->n_rails;
}

/* A next hop that has begun to be silent, or has ended. */
static bool is_neighbour(const struct own *own, const struct nlmsghdr *nlh)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[NDA_MAX + 1];
	struct ip gw = { .family = ndm->ndm_family };
	const void *bytes;

	if (ndm->ndm_family != AF_INET && ndm->ndm_family != AF_INET6)
		return false;
	nl_attrs(nlh, sizeof(*ndm), attrs, NDA_MAX);
	bytes = nl_data(attrs[NDA_DST], ip_bytes(gw.family));
	if (!bytes || (ndm->ndm_state & NUD_INCOMPLETE))
		return false;
	memcpy(gw.b, bytes, ip_bytes(gw.family));
	for (int i = 0; i < own->n_rails; i++)
		if (own->rails[i].ifindex == ndm->ndm_ifindex)
			return !(ndm->ndm_state & NUD_FAILED) ==
			       silent_has(&own->silent, ndm->ndm_ifindex, &gw);
	return false;
}

static bool matters(const struct own *own, const struct nlmsghdr *nlh)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return is_link(own, nlh);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return is_address(own, nlh);
	case RTM_NEWNEIGH:
		return is_neighbour(own, nlh);
	default:
		return false;
	}
}

bool events_read(int fd, const struct own *own)
{
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool any = false;

	for (int i = 0; i < MESSAGES_MAX; i++) {
		const struct nlmsghdr *nlh = (const void *)buf;
		ssize_t got = recv(fd, buf, sizeof(buf), 0);
		int len = got;

		if (got < 0 && errno == ENOBUFS)
			any = true; /* who knows what it was */
		else if (got <= 0)
			break;
		for (; got > 0 && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			any |= matters(own, nlh);
	}
	return any;
}
