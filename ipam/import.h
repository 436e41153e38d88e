/*
 * import.h - lease what another plugin has allocated, without an address changing hands.
 *
 * First all rows are held against the configuration and the store; if one of them cannot
 * be, none is touched. A row of this node becomes a lease, just as if its container had
 * asked for that address. A row of another node becomes
 *
 *	192.168.1.8=reserved,import,gpu08,3f9c0c5d,net1
 *
 * which nobody gets, and a lease when the same list is imported on that node: only there
 * it is known which boot the container belongs to, and there its DEL looks for it.
 */
#ifndef IPAM_IMPORT_H
#define IPAM_IMPORT_H

#include "ipam/import_rows.h"
#include "ipam/session.h"

#define IMPORT_ASIDE_FOR "reserved,import,"

struct import {
	struct cni_call call; /* of the configuration's network */
	struct conf *conf;
	struct worker worker; /* of a command nobody waits for: no deadline but its own */
	struct import_rows rows;
	long deadline; /* ms */
};

/* Start a session for a row, or for none (NULL). */
int import_session(struct import *import, const struct import_row *row,
		   struct session *ret, struct err *err);

/* Is it a row of this node? */
bool import_is_own(const struct session *session, const struct import_row *row);

/* The range that hands its address out, and the shard; NULL when there is none. */
const struct range *import_range(const struct conf *conf, const struct ip *ip,
				 struct shard *ret);

/* The name of an address that is set aside for a row. */
char *import_aside_name(const struct import_row *row, const struct session *session,
			char buf[LEASE_LEN]);

/* Fill the state of every row, from fresh listings; how many were refused, or -1. */
int import_plan(struct import *import, struct err *err);

/* Do what the plan says of a row. */
int import_take(struct import *import, const struct import_row *row, struct err *err);

#endif
