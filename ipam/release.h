/*
 * release.h - give leases back.
 *
 * A release names a lease by its whole name, which no other lease ever has. So it can
 * be sent twice, come late, or come after somebody else took the lease away: it frees
 * that lease or nothing.
 */
#ifndef IPAM_RELEASE_H
#define IPAM_RELEASE_H

#include "ipam/pool.h"
#include "ipam/record.h"

/* One file of a listing: 1 when it is free now, 0 when it was gone, or -1. */
int release_entry(const struct pool_entry *entry, const struct ip *ip, struct err *err);

/* The same for the file of an address or of a block, whoever has it. */
int release_name(const struct pool_entry *entry, struct err *err);

/* One lease by what a record says; a lease that is not there is fine. */
int release_claim(const struct pool *pool, const char *owner, const struct claim *claim,
		  struct err *err);

/* The claims of a record from number `from` on, and what is found by listing if the
 * record says so. All are tried; *err is of the first that failed. */
int release_record(const struct pool *pool, const struct record *record, int from,
		   struct err *err);

/* All leases of an owner, of whatever boot, by listing: how many, or -1. */
int release_owned(const struct pool *pool, const char *owner, struct err *err);

#endif
