/*
 * link_vf.h - what a physical function holds of one of its VFs.
 *
 * The setters of the kernel (do_setvfinfo() in net/core/rtnetlink.c) take several
 * attributes in one request and apply them one after the other: a failure in the
 * middle leaves the earlier ones applied.
 */
#ifndef PKG_LINK_VF_H
#define PKG_LINK_VF_H

#include "pkg/link.h"

/* One bit a setting; its key in a configuration is vf_setting_name(). */
enum vf_setting {
	VF_MAC = 1 << 0,
	VF_VLAN = 1 << 1, /* with qos and protocol */
	VF_RATE = 1 << 2, /* both limits */
	VF_SPOOFCHK = 1 << 3,
	VF_TRUST = 1 << 4,
	VF_LINK_STATE = 1 << 5,
};
#define VF_SETTINGS_MAX 6

struct vf_settings {
	unsigned int has; /* which of the fields mean something */
	uint8_t mac[MAC_LEN];
	int vlan, qos;
	int vlan_proto;		/* ETH_P_8021Q or ETH_P_8021AD, host order */
	int min_rate, max_rate; /* Mbit/s, 0: no limit */
	bool spoofchk, trust;
	int link_state; /* IFLA_VF_LINK_STATE_AUTO, _ENABLE, _DISABLE */
};

const char *vf_setting_name(enum vf_setting setting);

/*
 * Read the settings of VF number vf. The kernel offers no way to ask for one VF: it
 * answers with those of all, so call this only when a setting is to be changed.
 * err->no is EMSGSIZE when there are more than fit its answer, ENOENT when the PF has
 * no VF of that number.
 */
int vf_get(struct nl *nl, int pf_index, int vf, struct vf_settings *ret, struct err *err);

/* Change the settings in `has`, all in one request. If that is refused they are tried
 * one by one, to tell which: the message names its key. */
int vf_set(struct nl *nl, int pf_index, int vf, const struct vf_settings *settings,
	   struct err *err);

/* Which settings of `wanted` differ from what is. */
unsigned int vf_differs(const struct vf_settings *wanted, const struct vf_settings *is);

#endif
