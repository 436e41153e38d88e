/* rows.c - the addresses of a pool as an operator sees them: a table or JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/text.h"
#include "ipam/rows.h"

#define SHORT_ID 13 /* of a container: tools show as many digits */
#define COLUMNS	 7

static const char *const states[] = {
	[LEASE_FREE] = "free",
	[LEASE_HELD] = "leased",
	[LEASE_RESERVED] = "reserved",
	[LEASE_ODD] = "odd",
};

struct row *rows_add(struct rows *rows, struct err *err)
{
	struct row *more = grow(rows->list, rows->n, sizeof(*more));

	if (!more) {
		err_set(err, ENOMEM, "hold %d addresses", rows->n);
		return NULL;
	}
	rows->list = more;
	rows->list[rows->n] = (struct row){ .since = -1 };
	return &rows->list[rows->n++];
}

int rows_add_block(struct rows *rows, const struct block *block, struct err *err)
{
	struct block *more = grow(rows->blocks, rows->n_blocks, sizeof(*more));

	if (!more)
		return err_set(err, ENOMEM, "hold %d blocks", rows->n_blocks);
	rows->blocks = more;
	more[rows->n_blocks++] = *block;
	return 0;
}

void rows_clear(struct rows *rows)
{
	free(rows->list);
	free(rows->blocks);
	rows->list = NULL;
	rows->blocks = NULL;
}

void rows_pod(struct rows *rows, const struct ip *ip, const char *nonce, const char *pod)
{
	for (int i = 0; i < rows->n; i++) {
		struct row *row = &rows->list[i];

		if (ip_equal(&row->ip, ip) && !strcmp(row->holder.nonce, nonce) &&
		    !*row->pod)
			snprintf(row->pod, sizeof(row->pod), "%s", pod);
	}
}

static int cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct row *)a)->ip, &((const struct row *)b)->ip);
}

static int cmp_blocks(const void *a, const void *b)
{
	const struct block *one = a, *two = b;

	return ip_cmp(&one->cidr.ip, &two->cidr.ip);
}

void rows_sort(struct rows *rows)
{
	if (rows->n_blocks)
		qsort(rows->blocks, rows->n_blocks, sizeof(*rows->blocks), cmp_blocks);
	if (rows->n)
		qsort(rows->list, rows->n, sizeof(*rows->list), cmp);
}

struct cells {
	char text[COLUMNS][COMMENT_POD_LEN];
};

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void fill(const struct row *row, struct cells *ret)
{
	const size_t size = sizeof(ret->text[0]);
	const struct holder *holder = &row->holder;

	ip_format(&row->ip, ret->text[0]);
	snprintf(ret->text[1], size, "%s", states[row->state]);
	snprintf(ret->text[2], size, "%s", or_dash(holder->node));
	snprintf(ret->text[3], size, "%.*s", SHORT_ID, or_dash(holder->container));
	snprintf(ret->text[4], size, "%s", or_dash(holder->ifname));
	snprintf(ret->text[5], size, "%s", or_dash(*row->note ? row->note : row->pod));
	text_age(row->since, ret->text[6]);
}

static void widen(size_t width[COLUMNS], const struct cells *cells)
{
	for (int i = 0; i < COLUMNS; i++)
		if (strlen(cells->text[i]) > width[i])
			width[i] = strlen(cells->text[i]);
}

static void print_cells(const struct cells *cells, const size_t width[COLUMNS])
{
	for (int i = 0; i < COLUMNS - 1; i++)
		printf("%-*s  ", (int)width[i], cells->text[i]);
	puts(cells->text[COLUMNS - 1]);
}

void rows_print(const struct rows *rows, bool gap)
{
	const struct cells head = { { "ADDRESS", "STATE", "NODE", "CONTAINER",
				      "INTERFACE", "POD", "AGE" } };
	size_t width[COLUMNS] = { 0 };
	struct cells cells;
	char cidr[CIDR_LEN];

	printf("%spool %s of %s: %s\n", gap ? "\n" : "", rows->pool, rows->store,
	       rows->ranges);
	widen(width, &head);
	for (int i = 0; i < rows->n; i++) {
		fill(&rows->list[i], &cells);
		widen(width, &cells);
	}
	if (rows->n)
		print_cells(&head, width);
	for (int i = 0; i < rows->n; i++) {
		fill(&rows->list[i], &cells);
		print_cells(&cells, width);
	}
	for (int i = 0; i < rows->n_blocks; i++)
		printf("block %s: node %s\n", cidr_format(&rows->blocks[i].cidr, cidr),
		       rows->blocks[i].node);
	printf("%d leased, %d free, %d reserved%s\n", rows->counts[LEASE_HELD],
	       rows->counts[LEASE_FREE], rows->counts[LEASE_RESERVED],
	       rows->counts[LEASE_ODD] ? ", some with names that mean nothing" : "");
}

static void put(struct cJSON *obj, const char *key, const char *text)
{
	if (*text)
		cJSON_AddStringToObject(obj, key, text);
}

static struct cJSON *row_json(const struct row *row)
{
	struct cJSON *obj = cJSON_CreateObject();
	char text[IP_LEN];

	put(obj, "address", ip_format(&row->ip, text));
	put(obj, "state", states[row->state]);
	put(obj, "node", row->holder.node);
	put(obj, "boot", row->holder.boot);
	put(obj, "container", row->holder.container);
	put(obj, "interface", row->holder.ifname);
	put(obj, "nonce", row->holder.nonce);
	put(obj, "pod", row->pod);
	put(obj, "note", row->note);
	if (row->since >= 0)
		cJSON_AddNumberToObject(obj, "since", row->since);
	return obj;
}

struct cJSON *rows_json(const struct rows *rows)
{
	struct cJSON *obj = cJSON_CreateObject(), *list;
	char cidr[CIDR_LEN];

	put(obj, "store", rows->store);
	put(obj, "pool", rows->pool);
	put(obj, "ranges", rows->ranges);
	cJSON_AddNumberToObject(obj, "leased", rows->counts[LEASE_HELD]);
	cJSON_AddNumberToObject(obj, "free", rows->counts[LEASE_FREE]);
	cJSON_AddNumberToObject(obj, "reserved", rows->counts[LEASE_RESERVED]);
	cJSON_AddNumberToObject(obj, "odd", rows->counts[LEASE_ODD]);
	list = cJSON_AddArrayToObject(obj, "blocks");
	for (int i = 0; i < rows->n_blocks; i++) {
		struct cJSON *block = cJSON_CreateObject();

		put(block, "block", cidr_format(&rows->blocks[i].cidr, cidr));
		put(block, "node", rows->blocks[i].node);
		cJSON_AddItemToArray(list, block);
	}
	list = cJSON_AddArrayToObject(obj, "addresses");
	for (int i = 0; i < rows->n; i++)
		cJSON_AddItemToArray(list, row_json(&rows->list[i]));
	return obj;
}
