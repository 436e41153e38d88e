/* addr.c - addresses of an interface. */
#include <errno.h>
#include <string.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "pkg/addr.h"
#include "pkg/grow.h"

int addr_add(struct nl *nl, int ifindex, const struct cidr *cidr, struct err *err)
{
	struct ifaddrmsg *ifa =
		nl_begin(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*ifa));
	int len = ip_bytes(cidr->ip.family);
	char text[CIDR_LEN];

	ifa->ifa_family = cidr->ip.family;
	ifa->ifa_prefixlen = cidr->prefix;
	ifa->ifa_index = ifindex;
	nl_put(nl, IFA_LOCAL, cidr->ip.b, len);
	nl_put(nl, IFA_ADDRESS, cidr->ip.b, len);
	if (cidr->ip.family == AF_INET && cidr->prefix < 31)
		nl_put(nl, IFA_BROADCAST, cidr_last(cidr).b, len);

	if (nl_talk(nl, NULL, NULL, err) && err->no != EEXIST)
		return err_wrap(err, "add address %s to interface %d",
				cidr_format(cidr, text), ifindex);
	return 0;
}

struct list {
	int ifindex, count;
	struct addr *addrs;
};

/* False when it is none of an IP family. */
static bool read_addr(const struct nlmsghdr *nlh, struct addr *ret)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[IFA_MAX + 1];
	const void *bytes;

	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return false;
	nl_attrs(nlh, sizeof(*ifa), attrs, IFA_MAX);
	/* IFA_ADDRESS is the peer's on point-to-point links, our own otherwise. */
	bytes = nl_data(attrs[attrs[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS],
			ip_bytes(ifa->ifa_family));
	if (!bytes)
		return false;
	*ret = (struct addr){
		.ifindex = (int)ifa->ifa_index,
		.cidr = { .ip = { .family = ifa->ifa_family },
			  .prefix = ifa->ifa_prefixlen },
		.flags = nl_u32(attrs[IFA_FLAGS], ifa->ifa_flags),
	};
	memcpy(ret->cidr.ip.b, bytes, ip_bytes(ifa->ifa_family));
	return true;
}

static int on_addr(const struct nlmsghdr *nlh, void *data)
{
	struct list *list = data;
	struct addr addr;

	if (list->count < ADDR_MAX && read_addr(nlh, &addr) &&
	    addr.ifindex == list->ifindex)
		list->addrs[list->count++] = addr;
	return MNL_CB_OK;
}

int addr_list(struct nl *nl, int ifindex, struct addr ret[ADDR_MAX], struct err *err)
{
	struct list list = { .ifindex = ifindex, .addrs = ret };
	struct ifaddrmsg *ifa = nl_begin(nl, RTM_GETADDR, NLM_F_DUMP, sizeof(*ifa));

	/* Kernels before 4.20 ignore the index: on_addr() looks again. */
	ifa->ifa_index = ifindex;
	if (nl_dump(nl, on_addr, &list, &list.count, err))
		return err_wrap(err, "list addresses of interface %d", ifindex);
	return list.count;
}

static int on_any_addr(const struct nlmsghdr *nlh, void *data)
{
	struct addrs *addrs = data;
	struct addr *grown = grow(addrs->list, addrs->count, sizeof(*grown));

	if (!grown)
		return MNL_CB_ERROR;
	addrs->list = grown;
	addrs->count += read_addr(nlh, &addrs->list[addrs->count]);
	return MNL_CB_OK;
}

int addrs_get(struct nl *nl, struct addrs *ret, struct err *err)
{
	_autoaddrs_ struct addrs addrs = { 0 };

	nl_begin(nl, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	if (nl_dump(nl, on_any_addr, &addrs, &addrs.count, err))
		return err_wrap(err, "list addresses");
	*ret = addrs;
	addrs = (struct addrs){ 0 };
	return 0;
}

void addrs_clear(struct addrs *addrs)
{
	free(addrs->list);
	*addrs = (struct addrs){ 0 };
}

int addr_settled(struct nl *nl, int ifindex, struct err *err)
{
	struct addr addrs[ADDR_MAX] = { 0 };
	int n = addr_list(nl, ifindex, addrs, err), tentative = 0;
	char text[CIDR_LEN];

	for (int i = 0; i < n; i++) {
		if (addrs[i].flags & IFA_F_DADFAILED)
			return err_set(err, EADDRINUSE, "another node has the address %s",
				       cidr_format(&addrs[i].cidr, text));
		/* Link-local ones are not ours to wait for. */
		tentative += (addrs[i].flags & IFA_F_TENTATIVE) &&
			     !ip_is_link_local(&addrs[i].cidr.ip);
	}
	return n < 0 ? -1 : !tentative;
}
