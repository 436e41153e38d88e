/* census.c - all that a listing of a pool tells. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/name.h"
#include "ipam/census.h"

static struct census_node *node_of(struct census *census, const char *name,
				   struct err *err)
{
	struct census_node *more, *node;

	for (int i = 0; i < census->n_nodes; i++)
		if (!strcmp(census->nodes[i].name, name))
			return &census->nodes[i];
	more = grow(census->nodes, census->n_nodes, sizeof(*more));
	if (!more) {
		err_set(err, ENOMEM, "count leases");
		return NULL;
	}
	census->nodes = more;
	node = &census->nodes[census->n_nodes++];
	*node = (struct census_node){ 0 };
	snprintf(node->name, sizeof(node->name), "%s", name);
	return node;
}

/* Files of one shard come one after the other. */
static struct census_shard *shard_of_entry(struct census *census, const char *name,
					   struct err *err)
{
	struct census_shard *more, *shard;

	if (census->n_shards && !strcmp(census->shards[census->n_shards - 1].name, name))
		return &census->shards[census->n_shards - 1];
	more = grow(census->shards, census->n_shards, sizeof(*more));
	if (!more) {
		err_set(err, ENOMEM, "count leases");
		return NULL;
	}
	census->shards = more;
	shard = &census->shards[census->n_shards++];
	snprintf(shard->name, sizeof(shard->name), "%s", name);
	memset(shard->cells, CELL_NONE, sizeof(shard->cells));
	return shard;
}

static char cell_of(const struct lease *lease)
{
	static const char cells[] = { [LEASE_FREE] = CELL_USED,
				      [LEASE_HELD] = CELL_HELD,
				      [LEASE_RESERVED] = CELL_RESERVED,
				      [LEASE_ODD] = CELL_ODD };

	return lease->state == LEASE_FREE && lease->freed < 0 ? CELL_FREE
							      : cells[lease->state];
}

static int note_lease(struct census *census, const struct pool_entry *entry,
		      const struct lease *lease, struct err *err)
{
	struct census_shard *shard = shard_of_entry(census, entry->shard, err);
	struct census_node *node;
	char name[NODE_LEN];

	if (!shard)
		return -1;
	shard->cells[lease->ip.b[ip_bytes(lease->ip.family) - 1]] = cell_of(lease);
	census->addresses[lease->state]++;
	if (lease->state != LEASE_HELD)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(lease->rest, ","), lease->rest);
	node = node_of(census, name, err);
	if (!node)
		return -1;
	node->leases++;
	return 0;
}

static int note_block(struct census *census, const struct block *block, struct err *err)
{
	struct census_node *node;

	census->blocks[block->state]++;
	if (block->state != LEASE_HELD)
		return 0;
	node = node_of(census, block->node, err);
	if (!node)
		return -1;
	node->blocks++;
	return 0;
}

static int note(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct block block;
	struct lease lease;

	if (blockdir_is_name(entry->shard))
		return block_parse(entry->name, &block) ? note_block(ctx, &block, err)
							: 0;
	return lease_parse(entry->name, &lease) ? note_lease(ctx, entry, &lease, err) : 0;
}

static int cmp_nodes(const void *a, const void *b)
{
	return strcmp(((const struct census_node *)a)->name,
		      ((const struct census_node *)b)->name);
}

static struct ip ip_of(const struct census_shard *shard)
{
	struct ip ip = { 0 };
	char text[IP_LEN];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(shard->name, "-"), shard->name);
	(void)ip_parse(text, &ip);
	return ip;
}

static int cmp_shards(const void *a, const void *b)
{
	struct ip one = ip_of(a), two = ip_of(b);

	return ip_cmp(&one, &two);
}

static void sort(struct census *census)
{
	if (census->n_nodes)
		qsort(census->nodes, census->n_nodes, sizeof(*census->nodes), cmp_nodes);
	if (census->n_shards)
		qsort(census->shards, census->n_shards, sizeof(*census->shards),
		      cmp_shards);
}

/* Up to 2^128: digits as far as they are worth telling. */
static void tell_size(const struct conf *made, char *buf, size_t size)
{
	double sum = 0;

	for (int i = 0; i < made->n_ranges; i++) {
		const struct span *span = &made->ranges[i].span;
		double n = 0;

		for (int k = 0; k < ip_bytes(span->first.family); k++)
			n = n * 256 + span->last.b[k] - span->first.b[k];
		sum += n + 1;
	}
	snprintf(buf, size, sum < 1e15 ? "%.0f" : "%.3g", sum);
}

int census_take(const struct store *store, const char *name, struct census *ret,
		struct err *err)
{
	struct pool pool = { .store = store, .name = name, .node = "" };
	_autocensus_ struct census census = { .store = store->path, .pool = name };
	_autofree_ struct conf *made = calloc(1, sizeof(*made));

	if (!made)
		return err_set(err, ENOMEM, "read " POOL_FILE);
	if (pool_read(&pool, made, err) || pool_each(&pool, note, &census, err))
		return -1;
	conf_ranges(made, ", ", census.ranges);
	tell_size(made, census.size, sizeof(census.size));
	sort(&census);
	*ret = census;
	census = (struct census){ 0 };
	return 0;
}

static void put_counts(struct cJSON *obj, const char *key, const int counts[])
{
	struct cJSON *inner = cJSON_AddObjectToObject(obj, key);

	cJSON_AddNumberToObject(inner, "free", counts[LEASE_FREE]);
	cJSON_AddNumberToObject(inner, "leased", counts[LEASE_HELD]);
	cJSON_AddNumberToObject(inner, "reserved", counts[LEASE_RESERVED]);
	cJSON_AddNumberToObject(inner, "odd", counts[LEASE_ODD]);
}

struct cJSON *census_json(const struct census *census)
{
	struct cJSON *obj = cJSON_CreateObject(), *nodes;
	char name[256];

	cJSON_AddStringToObject(obj, "store", census->store);
	cJSON_AddStringToObject(obj, "pool", census->pool);
	cJSON_AddStringToObject(obj, "ranges", census->ranges);
	cJSON_AddRawToObject(obj, "size", census->size);
	put_counts(obj, "addresses", census->addresses);
	put_counts(obj, "blocks", census->blocks);
	nodes = cJSON_AddArrayToObject(obj, "nodes");
	for (int i = 0; i < census->n_nodes; i++) {
		struct cJSON *node = cJSON_CreateObject();

		if (!name_unescape(census->nodes[i].name, name, sizeof(name)))
			snprintf(name, sizeof(name), "%s", census->nodes[i].name);
		cJSON_AddStringToObject(node, "node", name);
		cJSON_AddNumberToObject(node, "leases", census->nodes[i].leases);
		cJSON_AddNumberToObject(node, "blocks", census->nodes[i].blocks);
		cJSON_AddItemToArray(nodes, node);
	}
	return obj;
}

void census_clear(struct census *census)
{
	free(census->nodes);
	free(census->shards);
	*census = (struct census){ 0 };
}
