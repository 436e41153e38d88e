/* link_vf.c - what a physical function holds of one of its VFs. */
#include <errno.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "pkg/link_vf.h"

static const char *const names[] = { "mac",	 "vlan",  "min_tx_rate, max_tx_rate",
				     "spoofchk", "trust", "link_state" };

const char *vf_setting_name(enum vf_setting setting)
{
	return names[__builtin_ctz(setting)];
}

struct search {
	unsigned int vf;
	bool found;
	struct vf_settings *ret;
};

/* IFLA_VF_VLAN_LIST knows the protocol; IFLA_VF_VLAN is what older kernels have. */
static void read_vlan(const struct nlattr **attrs, struct vf_settings *ret)
{
	const struct ifla_vf_vlan *vlan = nl_data(attrs[IFLA_VF_VLAN], sizeof(*vlan));
	const struct ifla_vf_vlan_info *info = NULL;
	const struct nlattr *list[IFLA_VF_VLAN_INFO_MAX + 1];

	if (attrs[IFLA_VF_VLAN_LIST]) {
		nl_nested(attrs[IFLA_VF_VLAN_LIST], list, IFLA_VF_VLAN_INFO_MAX);
		info = nl_data(list[IFLA_VF_VLAN_INFO], sizeof(*info));
	}
	if (info) {
		ret->vlan = info->vlan;
		ret->qos = info->qos;
		ret->vlan_proto = ntohs(info->vlan_proto);
	} else if (vlan) {
		ret->vlan = vlan->vlan;
		ret->qos = vlan->qos;
		ret->vlan_proto = ETH_P_8021Q;
	} else {
		return;
	}
	ret->has |= VF_VLAN;
}

/* Flags that a driver does not know are reported as all ones. */
static void read_flag(const struct nlattr *attr, enum vf_setting setting, bool *flag,
		      struct vf_settings *ret)
{
	const struct ifla_vf_trust *value = nl_data(attr, sizeof(*value));

	if (!value || value->setting == UINT32_MAX)
		return;
	*flag = value->setting;
	ret->has |= setting;
}

static void read_vf(const struct nlattr **attrs, struct vf_settings *ret)
{
	const struct ifla_vf_mac *mac = nl_data(attrs[IFLA_VF_MAC], sizeof(*mac));
	const struct ifla_vf_rate *rate = nl_data(attrs[IFLA_VF_RATE], sizeof(*rate));
	const struct ifla_vf_link_state *state =
		nl_data(attrs[IFLA_VF_LINK_STATE], sizeof(*state));

	*ret = (struct vf_settings){ 0 };
	if (mac) {
		memcpy(ret->mac, mac->mac, MAC_LEN);
		ret->has |= VF_MAC;
	}
	if (rate) {
		ret->min_rate = rate->min_tx_rate;
		ret->max_rate = rate->max_tx_rate;
		ret->has |= VF_RATE;
	}
	if (state) {
		ret->link_state = state->link_state;
		ret->has |= VF_LINK_STATE;
	}
	read_vlan(attrs, ret);
	/* ifla_vf_spoofchk and ifla_vf_trust are the same two words. */
	read_flag(attrs[IFLA_VF_SPOOFCHK], VF_SPOOFCHK, &ret->spoofchk, ret);
	read_flag(attrs[IFLA_VF_TRUST], VF_TRUST, &ret->trust, ret);
}

static int on_pf(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[IFLA_MAX + 1], *vf_attrs[IFLA_VF_MAX + 1], *vf;
	struct search *search = data;

	nl_attrs(nlh, sizeof(struct ifinfomsg), attrs, IFLA_MAX);
	if (!attrs[IFLA_VFINFO_LIST])
		return MNL_CB_OK;
	mnl_attr_for_each_nested(vf, attrs[IFLA_VFINFO_LIST]) {
		const struct ifla_vf_mac *mac;

		nl_nested(vf, vf_attrs, IFLA_VF_MAX);
		mac = nl_data(vf_attrs[IFLA_VF_MAC], sizeof(*mac));
		if (!mac || mac->vf != search->vf)
			continue;
		read_vf(vf_attrs, search->ret);
		search->found = true;
		return MNL_CB_OK;
	}
	return MNL_CB_OK;
}

int vf_get(struct nl *nl, int pf_index, int vf, struct vf_settings *ret, struct err *err)
{
	struct ifinfomsg *ifi = nl_begin(nl, RTM_GETLINK, 0, sizeof(*ifi));
	struct search search = { .vf = vf, .ret = ret };

	ifi->ifi_index = pf_index;
	nl_put_u32(nl, IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
	if (nl_talk(nl, on_pf, &search, err))
		return err_wrap(err, "read VF %d of PF %d", vf, pf_index);
	if (!search.found)
		return err_set(err, ENOENT, "read VF %d of PF %d", vf, pf_index);
	return 0;
}

static void put_vlan(struct nl *nl, int vf, const struct vf_settings *s)
{
	struct ifla_vf_vlan vlan = { vf, s->vlan, s->qos };
	struct ifla_vf_vlan_info info = { vf, s->vlan, s->qos, htons(s->vlan_proto) };
	struct nlattr *list;

	/* Old drivers refuse the newer attribute whatever it says. */
	if (s->vlan_proto != ETH_P_8021AD) {
		nl_put(nl, IFLA_VF_VLAN, &vlan, sizeof(vlan));
		return;
	}
	list = nl_nest(nl, IFLA_VF_VLAN_LIST | NLA_F_NESTED);
	nl_put(nl, IFLA_VF_VLAN_INFO, &info, sizeof(info));
	nl_nest_end(nl, list);
}

static void put_mac(struct nl *nl, int vf, const struct vf_settings *s)
{
	struct ifla_vf_mac mac = { .vf = vf };

	memcpy(mac.mac, s->mac, MAC_LEN);
	nl_put(nl, IFLA_VF_MAC, &mac, sizeof(mac));
}

static void put_rate(struct nl *nl, int vf, const struct vf_settings *s)
{
	struct ifla_vf_rate rate = { vf, s->min_rate, s->max_rate };

	nl_put(nl, IFLA_VF_RATE, &rate, sizeof(rate));
}

static void put_spoofchk(struct nl *nl, int vf, const struct vf_settings *s)
{
	struct ifla_vf_spoofchk spoofchk = { vf, s->spoofchk };

	nl_put(nl, IFLA_VF_SPOOFCHK, &spoofchk, sizeof(spoofchk));
}

static void put_trust(struct nl *nl, int vf, const struct vf_settings *s)
{
	struct ifla_vf_trust trust = { vf, s->trust };

	nl_put(nl, IFLA_VF_TRUST, &trust, sizeof(trust));
}

static void put_link_state(struct nl *nl, int vf, const struct vf_settings *s)
{
	struct ifla_vf_link_state state = { vf, s->link_state };

	nl_put(nl, IFLA_VF_LINK_STATE, &state, sizeof(state));
}

static int send_settings(struct nl *nl, int pf_index, int vf, const struct vf_settings *s,
			 unsigned int which, struct err *err)
{
	static void (*const put[])(struct nl *, int, const struct vf_settings *) = {
		put_mac, put_vlan, put_rate, put_spoofchk, put_trust, put_link_state,
	};
	struct ifinfomsg *ifi = nl_begin(nl, RTM_NEWLINK, 0, sizeof(*ifi));
	struct nlattr *list, *info;

	ifi->ifi_index = pf_index;
	list = nl_nest(nl, IFLA_VFINFO_LIST | NLA_F_NESTED);
	info = nl_nest(nl, IFLA_VF_INFO | NLA_F_NESTED);
	for (int i = 0; i < VF_SETTINGS_MAX; i++)
		if (which & 1u << i)
			put[i](nl, vf, s);
	nl_nest_end(nl, info);
	nl_nest_end(nl, list);
	return nl_talk(nl, NULL, NULL, err);
}

int vf_set(struct nl *nl, int pf_index, int vf, const struct vf_settings *settings,
	   struct err *err)
{
	unsigned int has = settings->has;

	if (!has || !send_settings(nl, pf_index, vf, settings, has, err))
		return 0;
	for (unsigned int left = has; left; left &= left - 1) {
		unsigned int one = left & -left;

		if (send_settings(nl, pf_index, vf, settings, one, err))
			return err_wrap(err, "set %s of VF %d through PF %d",
					vf_setting_name(one), vf, pf_index);
	}
	return 0; /* each was taken on its own: what kept all from it has passed */
}

unsigned int vf_differs(const struct vf_settings *wanted, const struct vf_settings *is)
{
	const struct {
		enum vf_setting setting;
		bool differs;
	} all[] = {
		{ VF_MAC, memcmp(wanted->mac, is->mac, MAC_LEN) != 0 },
		{ VF_VLAN,
		  wanted->vlan != is->vlan || wanted->qos != is->qos ||
			  (wanted->vlan && wanted->vlan_proto != is->vlan_proto) },
		{ VF_RATE,
		  wanted->min_rate != is->min_rate || wanted->max_rate != is->max_rate },
		{ VF_SPOOFCHK, wanted->spoofchk != is->spoofchk },
		{ VF_TRUST, wanted->trust != is->trust },
		{ VF_LINK_STATE, wanted->link_state != is->link_state },
	};
	unsigned int differs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if ((wanted->has & all[i].setting) &&
		    (all[i].differs || !(is->has & all[i].setting)))
			differs |= all[i].setting;
	return differs;
}
