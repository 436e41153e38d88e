/*
 * cni_result.h - the success object of ADD, read and written in every version.
 *
 * Strings are borrowed: from a document, or from whoever filled them in.
 * The 1.1.0 shape is the one kept; older ones are made from it and read into it.
 */
#ifndef PKG_CNI_RESULT_H
#define PKG_CNI_RESULT_H

#include "pkg/cni.h"
#include "pkg/ip.h"

#define CNI_MAX_IFACES 32
#define CNI_MAX_IPS    64
#define CNI_MAX_ROUTES 512

struct cni_iface {
	const char *name, *mac, *sandbox, *pci, *socket; /* NULL when absent */
	int64_t mtu;					 /* 0: absent */
};

struct cni_ip {
	struct cidr address;
	struct ip gateway; /* AF_UNSPEC: none */
	int iface;	   /* index into ifaces, or -1 */
};

#define CNI_UNSET (-1) /* for the numbers of a route */

struct cni_route {
	struct cidr dst;
	struct ip gw;
	int64_t mtu, advmss, priority, table, scope;
};

struct cni_result {
	struct cni_iface ifaces[CNI_MAX_IFACES];
	struct cni_ip ips[CNI_MAX_IPS];
	struct cni_route routes[CNI_MAX_ROUTES];
	int n_ifaces, n_ips, n_routes;
	const struct cJSON *dns; /* an object, or NULL */
	struct cJSON *doc; /* what strings are borrowed from, if we own it; or NULL */
};

/* An empty one; NULL with *err when memory is out. Free with cni_result_free(). */
struct cni_result *cni_result_new(struct err *err);
void cni_result_free(struct cni_result *result); /* NULL is fine */

static inline void cni_result_freep(struct cni_result **result)
{
	cni_result_free(*result);
}
#define _autoresult_ _cleanup_(cni_result_freep)

/* Append; NULL with *err when there is no room. */
struct cni_iface *cni_result_iface(struct cni_result *result, struct err *err);
struct cni_ip *cni_result_ip(struct cni_result *result, struct err *err);
struct cni_route *cni_result_route(struct cni_result *result, struct err *err);

/* Read a result. Without a cniVersion of its own it is taken to be of `version`. A
 * wrong shape is CNI_BAD_CONFIG, naming the place. */
int cni_result_parse(const struct json *obj, enum cni_version version,
		     struct cni_result *ret, struct err *err);

/* One route object of CNI 1.1: dst, gw, mtu, advmss, priority, table, scope. */
int cni_route_parse(const struct json *obj, struct cni_route *ret, struct err *err);

/* The object as a version wants it, with newline; free() it. NULL: out of memory. */
char *cni_result_text(const struct cni_result *result, enum cni_version version);

#endif
