/* stats.c - rail-ipam stats: how full pools are, for people, programs and Prometheus. */
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/name.h"
#include "pkg/table.h"
#include "ipam/census.h"
#include "ipam/report.h"
#include "ipam/tally.h"
#include "ipam/waiting.h"

struct stats {
	struct census *list;
	int n;
};

static void stats_clear(struct stats *stats)
{
	for (int i = 0; i < stats->n; i++) {
		free((char *)stats->list[i].store);
		free((char *)stats->list[i].pool);
		census_clear(&stats->list[i]);
	}
	free(stats->list);
}

static int take(void *ctx, const struct store *store, const char *pool, struct err *err)
{
	struct stats *stats = ctx;
	struct census *more = grow(stats->list, stats->n, sizeof(*more));

	if (!more)
		return err_set(err, 0, "out of memory");
	stats->list = more;
	more += stats->n;
	if (census_take(store, pool, more, err))
		return -1;
	more->store = strdup(store->path); /* both end with the visit */
	more->pool = strdup(pool);
	stats->n++;
	return 0;
}

static int take_store(void *ctx, const struct store *store, const char *pool,
		      struct err *err)
{
	return target_pools(store, pool, take, ctx, err);
}

static void print_table(const struct stats *stats)
{
	_autotable_ struct table table = { .columns = 7, .right = 0x7e };
	static const char *const head[] = { "POOL", "LEASED", "FREE", "ASIDE",
					    "SIZE", "BLOCKS", "NODES" };

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		table_cell(&table, "%s", head[i]);
	for (int i = 0; i < stats->n; i++) {
		const struct census *census = &stats->list[i];

		table_cell(&table, "%s/%s", census->store, census->pool);
		table_cell(&table, "%d", census->addresses[LEASE_HELD]);
		table_cell(&table, "%d", census->addresses[LEASE_FREE]);
		table_cell(&table, "%d", census->addresses[LEASE_RESERVED]);
		table_cell(&table, "%s", census->size);
		table_cell(&table, "%d", census->blocks[LEASE_HELD]);
		table_cell(&table, "%d", census->n_nodes);
	}
	table_print(&table, stdout);
}

static void print_failure(void *ctx, const char *verb, long count)
{
	(void)ctx;
	if (count)
		printf("%s failed %ld times since this node booted\n", verb, count);
}

static void print_text(const struct stats *stats)
{
	struct waiting waiting = waiting_now();

	print_table(stats);
	if (waiting.n)
		printf("%d releases are pending, the oldest for %ld s\n", waiting.n,
		       waiting.oldest);
	tally_each(print_failure, NULL);
}

static void add_failure(void *ctx, const char *verb, long count)
{
	cJSON_AddNumberToObject(ctx, verb, count);
}

static int print_all(const struct stats *stats, struct err *err)
{
	struct cJSON *doc = cJSON_CreateObject();
	struct cJSON *pools = cJSON_AddArrayToObject(doc, "pools");
	struct waiting waiting = waiting_now();

	for (int i = 0; i < stats->n; i++)
		cJSON_AddItemToArray(pools, census_json(&stats->list[i]));
	cJSON_AddNumberToObject(doc, "pending", waiting.n);
	cJSON_AddNumberToObject(doc, "oldestPending", waiting.oldest);
	tally_each(add_failure, cJSON_AddObjectToObject(doc, "failures"));
	return print_json(doc, err);
}

static void metric(const char *name, const char *type, const char *help)
{
	printf("# HELP rail_ipam_%s %s\n# TYPE rail_ipam_%s %s\n", name, help, name,
	       type);
}

/* A label's value: backslash, quote and line break are escaped. */
static void label(const char *key, const char *value, const char *end)
{
	printf("%s=\"", key);
	for (; *value; value++)
		if (*value == '\n')
			fputs("\\n", stdout);
		else
			printf("%s%c", strchr("\\\"", *value) ? "\\" : "", *value);
	printf("\"%s", end);
}

static void sample(const char *name, const struct census *census, const char *end)
{
	printf("rail_ipam_%s{", name);
	label("store", census->store, ",");
	label("pool", census->pool, end);
}

static void print_states(const char *name, const struct census *census,
			 const int counts[])
{
	static const char *const states[] = { "free", "leased", "reserved", "odd" };

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		sample(name, census, ",");
		label("state", states[i], "}");
		printf(" %d\n", counts[i]);
	}
}

static void print_nodes(const char *name, const struct census *census, bool blocks)
{
	for (int i = 0; i < census->n_nodes; i++) {
		const struct census_node *node = &census->nodes[i];
		char text[256];

		if (!name_unescape(node->name, text, sizeof(text)))
			continue;
		sample(name, census, ",");
		label("node", text, "}");
		printf(" %d\n", blocks ? node->blocks : node->leases);
	}
}

static void print_failures(void *ctx, const char *verb, long count)
{
	(void)ctx;
	printf("rail_ipam_failures_total{verb=\"%s\"} %ld\n", verb, count);
}

static void print_here(void)
{
	struct waiting waiting = waiting_now();

	metric("pending", "gauge", "Releases that this node could not do yet.");
	printf("rail_ipam_pending %d\n", waiting.n);
	metric("pending_oldest_seconds", "gauge", "Age of the oldest of them.");
	printf("rail_ipam_pending_oldest_seconds %ld\n", waiting.oldest);
	metric("failures_total", "counter", "Calls that failed since this node booted.");
	tally_each(print_failures, NULL);
}

static void print_prometheus(const struct stats *stats)
{
	metric("size", "gauge", "Addresses that the ranges of a pool span.");
	for (int i = 0; i < stats->n; i++) {
		sample("size", &stats->list[i], "}");
		printf(" %s\n", stats->list[i].size);
	}
	metric("addresses", "gauge", "Addresses that have files, by state.");
	for (int i = 0; i < stats->n; i++)
		print_states("addresses", &stats->list[i], stats->list[i].addresses);
	metric("blocks", "gauge", "Blocks that have files, by state.");
	for (int i = 0; i < stats->n; i++)
		print_states("blocks", &stats->list[i], stats->list[i].blocks);
	metric("node_leases", "gauge", "Addresses that a node holds.");
	for (int i = 0; i < stats->n; i++)
		print_nodes("node_leases", &stats->list[i], false);
	metric("node_blocks", "gauge", "Blocks that a node holds.");
	for (int i = 0; i < stats->n; i++)
		print_nodes("node_blocks", &stats->list[i], true);
	print_here();
}

int admin_stats(const struct options *options, struct err *err)
{
	_cleanup_(stats_clear) struct stats stats = { 0 };

	if (target_each(options->args[0], take_store, &stats, err))
		return -1;
	if (has(options, OPT_JSON))
		return print_all(&stats, err);
	if (has(options, OPT_PROMETHEUS))
		print_prometheus(&stats);
	else
		print_text(&stats);
	return 0;
}
