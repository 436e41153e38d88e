/* conf.h - the network configuration of rail-sriov, checked as far as it can be
 * without looking at the system. */
#ifndef SRIOV_CONF_H
#define SRIOV_CONF_H

#include "pkg/cni_result.h"
#include "pkg/link_vf.h"
#include "pkg/log.h"
#include "pkg/route.h"

#define CONF_MAX_ROUTES 64

struct conf {
	char device[DEVICE_LEN]; /* the VF; "" when pf says where to find one */
	char pf[IFNAMSIZ];
	bool has_mac;	  /* then it is in admin.mac */
	unsigned int mtu; /* 0: leave it */
	struct vf_settings
		admin;	  /* what the PF shall hold of the VF; has: what is asked */
	const char *ipam; /* type of the delegate, or NULL: no address */
	struct route routes[CONF_MAX_ROUTES];
	int n_routes;
	enum log_level log_level;
	const char *log_file; /* NULL: stderr */
};

/* Strings are borrowed from the call. Errors name the key's path (CNI_BAD_CONFIG). */
int conf_parse(const struct cni_call *call, struct conf *ret, struct err *err);

/* Only what every verb needs of it, forgiving everything else: DEL must come through
 * whatever became of the configuration. */
void conf_parse_leniently(const struct cni_call *call, struct conf *ret);

#endif
