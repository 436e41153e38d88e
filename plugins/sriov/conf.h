/* conf.h - the network configuration of rail-sriov, checked as far as it can be
 * without looking at the system. */
#ifndef SRIOV_CONF_H
#define SRIOV_CONF_H

#include "pkg/cni_result.h"
#include "pkg/link_vf.h"
#include "pkg/log.h"
#include "pkg/rdma_nl.h"
#include "pkg/route.h"

#define CONF_MAX_ROUTES 64

enum rdma_want {
	RDMA_WANT_AUTO,	     /* as the machine's mode is; without a device: nothing */
	RDMA_WANT_EXCLUSIVE, /* fail when the machine is in the other mode */
	RDMA_WANT_SHARED,
	RDMA_WANT_NONE,
};

enum preflight { PREFLIGHT_OFF, PREFLIGHT_WARN, PREFLIGHT_FAIL };

struct conf_rdma {
	enum rdma_want mode;
	const char *name; /* of the device in the pod; NULL: as found */
	int tos;	  /* 0-255; -1: leave it */
	int gid_timeout;  /* ms */
	enum preflight preflight;
};

struct conf_rail {
	bool source_routing;
	uint32_t table; /* 0: the first free one */
	bool strict_arp;
};

struct conf_route {
	struct route route;
	int weight; /* multipath: 1-256; 0: a route of its own */
};

struct conf {
	char device[DEVICE_LEN]; /* the VF; "" when pf says where to find one */
	char pf[IFNAMSIZ];
	bool has_mac;	  /* then it is in admin.mac */
	unsigned int mtu; /* 0: leave it */
	struct vf_settings
		admin; /* what the PF shall hold of the VF; has: what is asked */
	struct conf_rdma rdma;
	struct conf_rail rail;
	bool announce, dad, flr;
	const char *ipam; /* type of the delegate, or NULL: no address */
	struct conf_route routes[CONF_MAX_ROUTES];
	int n_routes;
	const char *device_info; /* file for the device-info specification, or NULL */
	enum log_level log_level;
	const char *log_file; /* NULL: stderr */
};

/* Strings are borrowed from the call. Errors name the key's path (CNI_BAD_CONFIG). */
int conf_parse(const struct cni_call *call, struct conf *ret, struct err *err);

/* The same before it is settled which VF it will be: for STATUS. */
int conf_parse_any(const struct cni_call *call, struct conf *ret, struct err *err);

/* Only what every verb needs of it, forgiving everything else: DEL must come through
 * whatever became of the configuration. */
void conf_parse_leniently(const struct cni_call *call, struct conf *ret);

/* For the files that conf.c is split into. */

struct word {
	const char *text;
	int value;
};

/* A string that must be one of a few, ended by a NULL text; 1 found, 0 absent. */
int conf_get_word(const struct json *obj, const char *key, const struct word *words,
		  int *ret, struct err *err);

int conf_parse_admin(const struct json *root, struct vf_settings *ret, struct err *err);
int conf_parse_routes(const struct json *root, struct conf *ret, struct err *err);
int conf_parse_rdma(const struct json *root, struct conf_rdma *ret, struct err *err);
int conf_parse_rail(const struct json *root, struct conf_rail *ret, struct err *err);

#endif
