/* link.c - network interfaces: look at one, move it, change it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>

#include "pkg/link.h"
#include "pkg/name.h"

/* IFF_LOWER_UP of linux/if.h, which does not go together with net/if.h. */
#define LOWER_UP (1 << 16)

/* The kernel takes any bytes for a name, newlines as well. */
static void read_altnames(const struct nlattr *list, struct link *ret)
{
	char name[3 * ALTNAME_LEN];
	const struct nlattr *attr;
	size_t n = 0;

	mnl_attr_for_each_nested(attr, list) {
		if (mnl_attr_get_type(attr) != IFLA_ALT_IFNAME ||
		    !name_escape(nl_str(attr, ""), "", name, sizeof(name)) || !*name ||
		    n + strlen(name) + 2 > sizeof(ret->altnames))
			continue;
		n += snprintf(ret->altnames + n, sizeof(ret->altnames) - n, "%s\n", name);
	}
}

static void read_link(const struct nlmsghdr *nlh, struct link *ret)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[IFLA_MAX + 1];
	const void *mac;

	nl_attrs(nlh, sizeof(*ifi), attrs, IFLA_MAX);
	*ret = (struct link){
		.index = ifi->ifi_index,
		.flags = ifi->ifi_flags,
		.mtu = nl_u32(attrs[IFLA_MTU], 0),
		.carrier = ifi->ifi_flags & LOWER_UP,
	};
	mac = nl_data(attrs[IFLA_ADDRESS], MAC_LEN);
	if (mac)
		memcpy(ret->mac, mac, MAC_LEN);
	snprintf(ret->name, sizeof(ret->name), "%s", nl_str(attrs[IFLA_IFNAME], ""));
	if (attrs[IFLA_PROP_LIST])
		read_altnames(attrs[IFLA_PROP_LIST], ret);
	snprintf(ret->device, sizeof(ret->device), "%s",
		 nl_str(attrs[IFLA_PARENT_DEV_NAME], ""));
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	read_link(nlh, data);
	return MNL_CB_OK;
}

static struct ifinfomsg *begin_get(struct nl *nl, uint16_t flags)
{
	struct ifinfomsg *ifi = nl_begin(nl, RTM_GETLINK, flags, sizeof(*ifi));

	/* Counters are a third of the answer, and reading them costs the driver. */
	nl_put_u32(nl, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return ifi;
}

int link_get(struct nl *nl, int index, struct link *ret, struct err *err)
{
	begin_get(nl, 0)->ifi_index = index;
	if (nl_talk(nl, on_link, ret, err))
		return err_wrap(err, "look up interface %d", index);
	return 0;
}

int link_get_by_name(struct nl *nl, const char *name, struct link *ret, struct err *err)
{
	begin_get(nl, 0);
	nl_put_str(nl, IFLA_IFNAME, name);
	if (nl_talk(nl, on_link, ret, err))
		return err_wrap(err, "look up interface %s", name);
	return 0;
}

struct search {
	const char *device;
	struct link *found;
	int count;
};

static int on_candidate(const struct nlmsghdr *nlh, void *data)
{
	struct search *search = data;
	struct link link;

	read_link(nlh, &link);
	if (strcmp(link.device, search->device))
		return MNL_CB_OK;
	*search->found = link;
	search->count = 1;
	return MNL_CB_OK;
}

int link_find_device(struct nl *nl, const char *device, struct link *ret, struct err *err)
{
	struct search search = { .device = device, .found = ret };

	begin_get(nl, NLM_F_DUMP);
	if (nl_dump(nl, on_candidate, &search, &search.count, err))
		return err_wrap(err, "look for the interface of %s", device);
	return search.count;
}

int link_move(struct nl *nl, int index, int netns_fd, const char *name, struct err *err)
{
	struct ifinfomsg *ifi = nl_begin(nl, RTM_NEWLINK, 0, sizeof(*ifi));

	ifi->ifi_index = index;
	nl_put_u32(nl, IFLA_NET_NS_FD, netns_fd);
	nl_put_str(nl, IFLA_IFNAME, name);
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "move interface %d to a network namespace as %s",
				index, name);
	return 0;
}

int link_rename(struct nl *nl, int index, const char *name, struct err *err)
{
	struct ifinfomsg *ifi = nl_begin(nl, RTM_NEWLINK, 0, sizeof(*ifi));

	ifi->ifi_index = index;
	nl_put_str(nl, IFLA_IFNAME, name);
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "rename interface %d to %s", index, name);
	return 0;
}

static int change_altname(struct nl *nl, uint16_t type, uint16_t flags, int index,
			  const char *name, struct err *err)
{
	struct ifinfomsg *ifi = nl_begin(nl, type, flags, sizeof(*ifi));
	struct nlattr *list;
	char text[ALTNAME_LEN];

	if (!name_unescape_any(name, text, sizeof(text)))
		return err_set(err, EINVAL, "alternative name %s", name);
	ifi->ifi_index = index;
	list = nl_nest(nl, IFLA_PROP_LIST | NLA_F_NESTED);
	nl_put_str(nl, IFLA_ALT_IFNAME, text);
	nl_nest_end(nl, list);
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "alternative name %s of interface %d", name, index);
	return 0;
}

int link_altname_add(struct nl *nl, int index, const char *name, struct err *err)
{
	return change_altname(nl, RTM_NEWLINKPROP,
			      NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, index, name, err);
}

int link_altname_del(struct nl *nl, int index, const char *name, struct err *err)
{
	return change_altname(nl, RTM_DELLINKPROP, 0, index, name, err);
}

/*
 * Interface settings of IPv4 ("conf") over netlink: no /proc, which would need the
 * namespace to be entered. inet_set_link_af() in net/ipv4/devinet.c takes each as an
 * attribute numbered as in linux/ip.h.
 */
static void put_strict_arp(struct nl *nl)
{
	struct nlattr *spec = nl_nest(nl, IFLA_AF_SPEC | NLA_F_NESTED);
	struct nlattr *inet = nl_nest(nl, AF_INET | NLA_F_NESTED);
	struct nlattr *conf = nl_nest(nl, IFLA_INET_CONF | NLA_F_NESTED);

	nl_put_u32(nl, IPV4_DEVCONF_ARP_IGNORE, 1);
	nl_put_u32(nl, IPV4_DEVCONF_ARP_ANNOUNCE, 2);
	nl_put_u32(nl, IPV4_DEVCONF_RP_FILTER, 2);
	nl_nest_end(nl, conf);
	nl_nest_end(nl, inet);
	nl_nest_end(nl, spec);
}

int link_configure(struct nl *nl, int index, const struct link_change *change,
		   struct err *err)
{
	struct ifinfomsg *ifi = nl_begin(nl, RTM_NEWLINK, 0, sizeof(*ifi));
	char mac[MAC_TEXT_LEN] = "";

	ifi->ifi_index = index;
	if (change->set_mac)
		nl_put(nl, IFLA_ADDRESS, change->mac, MAC_LEN);
	if (change->mtu)
		nl_put_u32(nl, IFLA_MTU, change->mtu);
	if (change->strict_arp)
		put_strict_arp(nl);
	if (!nl_talk(nl, NULL, NULL, err))
		return 0;

	if (change->set_mac)
		mac_format(change->mac, mac);
	return err_wrap(err, "configure interface %d%s%s%s (mtu %u)", index,
			*mac ? " (mac " : "", mac, *mac ? ")" : "", change->mtu);
}

int link_set_flags(struct nl *nl, int index, unsigned int flags, unsigned int mask,
		   struct err *err)
{
	struct ifinfomsg *ifi = nl_begin(nl, RTM_NEWLINK, 0, sizeof(*ifi));

	ifi->ifi_index = index;
	ifi->ifi_flags = flags;
	ifi->ifi_change = mask;
	if (nl_talk(nl, NULL, NULL, err))
		return err_wrap(err, "set flags %#x of interface %d to %#x", mask, index,
				flags & mask);
	return 0;
}

int link_set_up(struct nl *nl, int index, bool up, struct err *err)
{
	return link_set_flags(nl, index, up ? IFF_UP : 0, IFF_UP, err);
}

bool mac_parse(const char *text, uint8_t ret[MAC_LEN])
{
	static const uint8_t zero[MAC_LEN];
	unsigned int b[MAC_LEN];
	uint8_t mac[MAC_LEN];
	char sep = strlen(text) == MAC_TEXT_LEN - 1 ? text[2] : '\0';
	char end;

	if (sep != ':' && sep != '-')
		return false;
	for (int i = 0; i < MAC_LEN; i++) {
		const char *p = text + 3 * i;

		if (strspn(p, "0123456789abcdefABCDEF") != 2 ||
		    (i < MAC_LEN - 1 && p[2] != sep))
			return false;
		if (sscanf(p, "%2x%c", &b[i], &end) < 1)
			return false;
		mac[i] = b[i];
	}
	if ((mac[0] & 1) || !memcmp(mac, zero, MAC_LEN))
		return false;
	memcpy(ret, mac, MAC_LEN);
	return true;
}

char *mac_format(const uint8_t mac[MAC_LEN], char buf[MAC_TEXT_LEN])
{
	snprintf(buf, MAC_TEXT_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	return buf;
}
