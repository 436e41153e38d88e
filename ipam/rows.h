/* rows.h - the addresses of a pool as an operator sees them: a table or JSON. */
#ifndef IPAM_ROWS_H
#define IPAM_ROWS_H

#include "pkg/json.h"
#include "ipam/block.h"
#include "ipam/comment.h"
#include "ipam/conf.h"
#include "ipam/lease.h"

struct row {
	struct ip ip;
	enum lease_state state;
	int64_t since; /* seconds since 1970; -1: unknown, or never used */
	struct holder holder;
	char pod[COMMENT_POD_LEN];
	char note[LEASE_LEN]; /* what a name that is no lease says */
};

struct rows {
	const char *store, *pool;
	char ranges[CONF_RANGES_LEN];
	struct row *list;
	int n;
	int counts[LEASE_ODD + 1]; /* by state, also of addresses that are no rows */
	struct block *blocks;	   /* that nodes have */
	int n_blocks;
};

int rows_add_block(struct rows *rows, const struct block *block, struct err *err);
struct row *rows_add(struct rows *rows, struct err *err);

/* Tell the pod of a lease, if it is there and does not say so itself. */
void rows_pod(struct rows *rows, const struct ip *ip, const char *nonce, const char *pod);

void rows_sort(struct rows *rows);

/* An aligned table with a line above and one below, and before it an empty line. */
void rows_print(const struct rows *rows, bool gap);

struct cJSON *rows_json(const struct rows *rows);

void rows_clear(struct rows *rows);
#define _autorows_ _cleanup_(rows_clear)

#endif
