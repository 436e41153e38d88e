/*
 * ipam_exec.h - delegate to an IPAM plugin (CNI specification, section 4).
 *
 *	struct ipam_run run = { .type = "rail-ipam", .verb = "ADD", .call = call };
 *	_cleanup_(ipam_stop) struct ipam *ipam = NULL;
 *
 *	if (ipam_start(&run, &ipam, err))
 *		return -1;
 *	... something that need not wait for the address ...
 *	return ipam_finish(ipam, &result, err);
 *
 * The plugin gets our whole environment with the CNI variables of the run, the
 * configuration as we got it on stdin, and our stderr.
 */
#ifndef PKG_IPAM_EXEC_H
#define PKG_IPAM_EXEC_H

#include "pkg/cni_result.h"

struct ipam;

struct ipam_run {
	const char *type; /* of the plugin: its file name */
	const char *verb; /* "ADD", "DEL", ... */
	const char *path; /* CNI_PATH: where to look, ':' between directories */
	const char *container, *netns, *ifname, *args;
	const char *text; /* the configuration */
	size_t len;
	enum cni_version version; /* what a result without a version is taken for */

	/* A descriptor that the plugin inherits as IPAM_KEEPS and so holds open to its
	 * end; 0: none. With a flock on it, who waits for that lock also waits for a
	 * plugin that has outlived us. */
	int keeps;
};

#define IPAM_KEEPS 3

/* The run that a call asks for. */
struct ipam_run ipam_run_of(const struct cni_call *call, const char *type,
			    const char *verb);

/* Is there such a plugin? Costs one stat() a directory and changes nothing. */
int ipam_find(const struct ipam_run *run, char *ret, size_t size, struct err *err);

/* Start it; returns at once. */
int ipam_start(const struct ipam_run *run, struct ipam **ret, struct err *err);

/* Wait for it and read its answer (ret may be NULL). An error of the plugin comes back
 * as ours, with its code. ret->ips may be empty: what that means is the caller's
 * business. What ret borrows from it owns. */
int ipam_finish(struct ipam *ipam, struct cni_result *ret, struct err *err);

/* Kill it if it still runs, reap it, free. NULL and finished ones are fine. */
void ipam_stop(struct ipam **ipam);

/* Start and finish. */
int ipam_call(const struct ipam_run *run, struct cni_result *ret, struct err *err);

#endif
