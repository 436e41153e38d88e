/* conf_vf.c - the keys of a configuration that go through the PF. */
#include <stdio.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "plugins/sriov/conf.h"

static int get_switch(const struct json *root, const char *key, enum vf_setting setting,
		      bool *ret, struct vf_settings *admin, struct err *err)
{
	static const struct word words[] = { { "on", 1 }, { "off", 0 }, { 0 } };
	int value;
	int r = conf_get_word(root, key, words, &value, err);

	if (r > 0) {
		*ret = value;
		admin->has |= setting;
	}
	return r < 0 ? -1 : 0;
}

static int parse_vlan(const struct json *root, struct vf_settings *admin, struct err *err)
{
	static const struct word protocols[] = { { "802.1q", ETH_P_8021Q },
						 { "802.1ad", ETH_P_8021AD },
						 { 0 } };
	int64_t vlan = -1, qos = 0;
	int has_vlan = json_get_int(root, "vlan", 0, 4094, &vlan, err);
	int has_qos = json_get_int(root, "vlanQoS", 0, 7, &qos, err);
	int has_proto;

	admin->vlan_proto = ETH_P_8021Q;
	if (has_vlan < 0 || has_qos < 0)
		return -1;
	has_proto = conf_get_word(root, "vlanProto", protocols, &admin->vlan_proto, err);
	if (has_proto < 0)
		return -1;
	if ((qos || admin->vlan_proto == ETH_P_8021AD) && vlan <= 0)
		return err_cni(err, CNI_BAD_CONFIG, "%s: needs a vlan from 1 to 4094",
			       qos ? "vlanQoS" : "vlanProto");
	if (!has_vlan)
		return 0;
	admin->vlan = vlan;
	admin->qos = qos;
	admin->has |= VF_VLAN;
	return 0;
}

static int parse_rates(const struct json *root, struct vf_settings *admin,
		       struct err *err)
{
	int64_t min = 0, max = 0;
	int has_min = json_get_int(root, "min_tx_rate", 0, INT32_MAX, &min, err);
	int has_max = json_get_int(root, "max_tx_rate", 0, INT32_MAX, &max, err);

	if (has_min < 0 || has_max < 0)
		return -1;
	if (max && min > max)
		return err_cni(err, CNI_BAD_CONFIG,
			       "min_tx_rate: %lld is more than max_tx_rate %lld",
			       (long long)min, (long long)max);
	admin->min_rate = min;
	admin->max_rate = max;
	if (has_min || has_max)
		admin->has |= VF_RATE;
	return 0;
}

int conf_parse_admin(const struct json *root, struct vf_settings *admin, struct err *err)
{
	static const struct word states[] = { { "auto", IFLA_VF_LINK_STATE_AUTO },
					      { "enable", IFLA_VF_LINK_STATE_ENABLE },
					      { "disable", IFLA_VF_LINK_STATE_DISABLE },
					      { 0 } };
	int r;

	if (parse_vlan(root, admin, err) || parse_rates(root, admin, err) ||
	    get_switch(root, "spoofchk", VF_SPOOFCHK, &admin->spoofchk, admin, err) ||
	    get_switch(root, "trust", VF_TRUST, &admin->trust, admin, err))
		return -1;
	r = conf_get_word(root, "link_state", states, &admin->link_state, err);
	if (r > 0)
		admin->has |= VF_LINK_STATE;
	return r < 0 ? -1 : 0;
}
