/* show.c - rail-ipam show: a pool at a glance, and as a picture. */
#include <stdio.h>
#include <string.h>

#include "pkg/table.h"
#include "ipam/census.h"
#include "ipam/report.h"

#define CELLS_A_LINE 64

static enum colour colour_of(char cell)
{
	switch (cell) {
	case CELL_HELD:
		return GREEN;
	case CELL_RESERVED:
		return YELLOW;
	case CELL_ODD:
		return RED;
	default:
		return PLAIN;
	}
}

static void print_cells(const char *cells, int n)
{
	const char *plain = colour_code(PLAIN, stdout);

	for (int i = 0; i < n; i++) {
		enum colour colour = colour_of(cells[i]);

		if (colour == PLAIN)
			putchar(cells[i]);
		else
			printf("%s%c%s", colour_code(colour, stdout), cells[i], plain);
	}
}

static bool is_blank(const char *cells, int n)
{
	for (int i = 0; i < n; i++)
		if (cells[i] != CELL_NONE)
			return false;
	return true;
}

/* The address in the line's first cell. */
static void print_start(const struct census_shard *shard, int at)
{
	char text[IP_LEN];
	struct ip ip;

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(shard->name, "-"), shard->name);
	if (!ip_parse(text, &ip))
		return;
	ip.b[ip_bytes(ip.family) - 1] = at;
	printf("%-15s ", ip_format(&ip, text));
}

static void print_map(const struct census *census)
{
	puts("\n  . never used  o free again  # leased  R set aside  ? odd  (blank: no "
	     "file)\n");
	for (int i = 0; i < census->n_shards; i++)
		for (int at = 0; at < 256; at += CELLS_A_LINE) {
			const char *cells = census->shards[i].cells + at;

			if (is_blank(cells, CELLS_A_LINE))
				continue;
			print_start(&census->shards[i], at);
			print_cells(cells, CELLS_A_LINE);
			putchar('\n');
		}
}

static void print_nodes(const struct census *census)
{
	_autotable_ struct table table = { .columns = 3, .right = 6 };

	if (!census->n_nodes)
		return;
	table_cell(&table, "NODE");
	table_cell(&table, "LEASES");
	table_cell(&table, "BLOCKS");
	for (int i = 0; i < census->n_nodes; i++) {
		table_cell(&table, "%s", census->nodes[i].name);
		table_cell(&table, "%d", census->nodes[i].leases);
		table_cell(&table, "%d", census->nodes[i].blocks);
	}
	putchar('\n');
	table_print(&table, stdout);
}

static int sum(const int counts[])
{
	return counts[LEASE_FREE] + counts[LEASE_HELD] + counts[LEASE_RESERVED] +
	       counts[LEASE_ODD];
}

static void print_counts(const char *what, const int counts[])
{
	printf("%s: %d leased, %d free, %d set aside", what, counts[LEASE_HELD],
	       counts[LEASE_FREE], counts[LEASE_RESERVED]);
	printf(counts[LEASE_ODD] ? ", %d odd\n" : "\n", counts[LEASE_ODD]);
}

static void print_text(const struct census *census, bool map)
{
	printf("pool %s of %s: %s\n", census->pool, census->store, census->ranges);
	printf("%s addresses, of which %d have files\n", census->size,
	       sum(census->addresses));
	print_counts("addresses", census->addresses);
	if (sum(census->blocks))
		print_counts("blocks", census->blocks);
	print_nodes(census);
	if (map)
		print_map(census);
}

static void add_map(struct cJSON *obj, const struct census *census)
{
	struct cJSON *map = cJSON_AddObjectToObject(obj, "map");
	char cells[sizeof(census->shards->cells) + 1];

	for (int i = 0; i < census->n_shards; i++) {
		snprintf(cells, sizeof(cells), "%.*s", (int)sizeof(census->shards->cells),
			 census->shards[i].cells);
		cJSON_AddStringToObject(map, census->shards[i].name, cells);
	}
}

static int show(void *ctx, const struct store *store, const char *pool, struct err *err)
{
	const struct options *options = ctx;
	_autocensus_ struct census census = { 0 };
	struct cJSON *doc;

	if (census_take(store, pool, &census, err))
		return -1;
	if (!has(options, OPT_JSON)) {
		print_text(&census, has(options, OPT_MAP));
		return 0;
	}
	doc = census_json(&census);
	if (has(options, OPT_MAP))
		add_map(doc, &census);
	return print_json(doc, err);
}

int admin_show(const struct options *options, struct err *err)
{
	return target_pool(options->args[0], show, (void *)options, err);
}
