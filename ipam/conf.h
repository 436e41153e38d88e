/*
 * conf.h - what a network configuration says to rail-ipam.
 *
 * Known keys of the wrong type or value are refused with CNI_BAD_CONFIG and the key's
 * path; unknown ones are ignored. The spellings of both widespread IPAM plugins are
 * read. No input or output here.
 */
#ifndef IPAM_CONF_H
#define IPAM_CONF_H

#include "pkg/cni_result.h"
#include "ipam/range.h"

#define CONF_STORE	"/var/lib/cni/rail-ipam" /* the default: one machine's own */
#define CONF_MAX_RANGES 16
#define CONF_MAX_ROUTES 64

struct conf {
	const char *store; /* an absolute path */
	bool own_store;	   /* the default one, which makes itself */
	const char *pool;
	const char *node;    /* "" when the configuration does not name the node */
	long deadline;	     /* ms that the store may take to answer */
	int64_t reuse_delay; /* seconds */
	bool sticky;	     /* the search starts where the pod's name says */

	struct range ranges[CONF_MAX_RANGES]; /* sorted by their set */
	int n_ranges, n_sets;
	struct ip wanted[CONF_MAX_RANGES]; /* by set; AF_UNSPEC: any */

	struct cni_route routes[CONF_MAX_ROUTES];
	int n_routes;
	const struct cJSON *dns; /* or NULL */
	const char *resolv_conf; /* a file that says as much, or NULL */

	/* Of the result as they are, and of no range: nobody looks after them. */
	struct fixed {
		struct cidr address;
		struct ip gateway;
	} fixed[CONF_MAX_RANGES];
	int n_fixed;
};

/* Strings are borrowed from the call. Whoever reads more than one configuration clears
 * each, also one that was refused. */
int conf_parse(const struct cni_call *call, struct conf *ret, struct err *err);
void conf_clear(struct conf *conf);

/* The addresses that the call asks for: runtimeConfig.ips over args.cni.ips over IP in
 * CNI_ARGS. CNI_NO_ADDRESS when one is not to be had whatever the store holds. */
int conf_wanted(const struct cni_call *call, struct conf *conf, struct err *err);

/* Only where the addresses are kept, forgiving everything else; false when even that
 * is unclear. For DEL, which must come through whatever became of the rest. */
bool conf_parse_leniently(const struct cni_call *call, struct conf *ret);

/* Do nodes take blocks of a range? */
bool conf_has_blocks(const struct conf *conf);

/* The ranges in one text, each on a line of its own, for nodes to agree on. */
#define CONF_RANGES_LEN (CONF_MAX_RANGES * RANGE_LEN)
char *conf_ranges(const struct conf *conf, const char *between,
		  char buf[CONF_RANGES_LEN]);

#endif
