/*
 * census.h - all that a listing of a pool tells: how many addresses and blocks are in
 * which state, and which nodes have how many.
 */
#ifndef IPAM_CENSUS_H
#define IPAM_CENSUS_H

#include "pkg/json.h"
#include "ipam/block.h"
#include "ipam/pool.h"

struct census_node {
	char name[NODE_LEN]; /* as it stands in file names */
	int leases, blocks;
};

struct census_shard {
	char name[BLOCKDIR_LEN];
	char cells[256]; /* by last byte: CELL_..., of addresses */
};

/* One character an address: what `show --map` draws. */
enum cell_kind {
	CELL_NONE = ' ',
	CELL_FREE = '.',
	CELL_USED = 'o', /* free, and was used before */
	CELL_HELD = '#',
	CELL_RESERVED = 'R',
	CELL_ODD = '?',
};

struct census {
	const char *store, *pool;
	char ranges[CONF_RANGES_LEN];
	char size[24];		      /* how many addresses the ranges span: a number */
	int addresses[LEASE_ODD + 1]; /* by state, of those that have files */
	int blocks[LEASE_ODD + 1];
	struct census_node *nodes; /* sorted by name */
	int n_nodes;
	struct census_shard *shards; /* in order of address */
	int n_shards;
};

int census_take(const struct store *store, const char *pool, struct census *ret,
		struct err *err);
struct cJSON *census_json(const struct census *census);
void census_clear(struct census *census);
#define _autocensus_ _cleanup_(census_clear)

#endif
