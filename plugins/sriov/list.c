/* list.c - rail-sriov list: the attachments of this node. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/table.h"
#include "pkg/text.h"
#include "plugins/sriov/admin.h"
#include "plugins/sriov/node.h"
#include "plugins/sriov/state.h"

#define SHORT_ID 13 /* of a container: tools show as many digits */

struct row {
	struct record record;
	struct plan plan;
	enum standing standing;
	char addresses[CNI_MAX_IPS * (CIDR_LEN + 1)];
};

static void clear(struct row *row)
{
	plan_clear(&row->plan);
}

/* What ADD returned; nothing when it has not come to its end. */
static void find_addresses(struct row *row)
{
	struct err ignored;
	_autoresult_ struct cni_result *result = cni_result_new(&ignored);
	_autojson_ struct cJSON *doc = NULL;
	struct json root;
	size_t n = 0;

	if (!row->plan.result || !result)
		return;
	doc = json_parse(row->plan.result, strlen(row->plan.result), &ignored);
	root = json_root(doc);
	if (!doc || cni_result_parse(&root, CNI_1_1_0, result, &ignored))
		return;
	for (int i = 0; i < result->n_ips; i++) {
		char text[CIDR_LEN];

		cidr_format(&result->ips[i].address, text);
		n += snprintf(row->addresses + n, sizeof(row->addresses) - n, "%s%s",
			      n ? " " : "", text);
	}
}

static void put(struct cJSON *obj, const char *key, const char *text)
{
	if (*text)
		cJSON_AddStringToObject(obj, key, text);
}

static void put_words(struct cJSON *obj, const char *key, char *words)
{
	struct cJSON *list = cJSON_AddArrayToObject(obj, key);

	for (char *rest = words, *word; (word = strsep(&rest, " "));)
		if (*word)
			cJSON_AddItemToArray(list, cJSON_CreateString(word));
}

static struct cJSON *row_json(struct row *row)
{
	const struct plan *plan = &row->plan;
	struct cJSON *obj = cJSON_CreateObject();

	put(obj, "state", standing_name(row->standing));
	put(obj, "pod", plan->owner.pod);
	put(obj, "container", row->record.container);
	put(obj, "netns", plan->owner.netns);
	put(obj, "interface", row->record.ifname);
	put(obj, "network", row->record.network);
	put(obj, "device", plan->vf.device);
	put(obj, "pf", plan->vf.pf);
	if (plan->vf.index >= 0)
		cJSON_AddNumberToObject(obj, "vf", plan->vf.index);
	put(obj, "nodeName", plan->was.name);
	put(obj, "rdmaDevice",
	    plan->rdma.moves ? plan->rdma.shall_name : plan->rdma.name);
	put_words(obj, "gidIndexes", row->plan.gids);
	put_words(obj, "addresses", row->addresses);
	if (plan->table)
		cJSON_AddNumberToObject(obj, "table", plan->table);
	cJSON_AddNumberToObject(obj, "since", plan->since);
	return obj;
}

static void row_cells(const struct row *row, struct table *table)
{
	static const enum colour colours[] = { GREEN, YELLOW, RED, YELLOW };
	const struct plan *plan = &row->plan;
	char age[AGE_LEN];

	table_cell(table, "%s", plan->owner.pod);
	table_cell(table, "%.*s", SHORT_ID, row->record.container);
	table_cell(table, "%s", row->record.ifname);
	table_cell(table, "%s", row->record.network);
	table_cell(table, "%s", plan->vf.device);
	table_cell(table, "%s", plan->vf.pf);
	table_cell(table, "%s",
		   plan->rdma.moves ? plan->rdma.shall_name : plan->rdma.name);
	table_cell(table, "%s", plan->gids);
	table_cell(table, "%s", row->addresses);
	table_cell(table, "%s", text_age(plan->since, age));
	table_cell(table, "%s", standing_name(row->standing));
	table_paint(table, colours[row->standing]);
}

static int list_row(const struct node *node, const struct record *record,
		    struct table *table, struct cJSON *list, struct err *err)
{
	_cleanup_(clear) struct row row = { .record = *record };

	if (standing_of(node, record, &row.plan, &row.standing, err))
		return err->no == ENOENT ? 0 : -1; /* deleted meanwhile */
	find_addresses(&row);
	row_cells(&row, table);
	cJSON_AddItemToArray(list, row_json(&row));
	return 0;
}

static void heading(struct table *table)
{
	static const char *const names[] = { "POD",	"CONTAINER", "INTERFACE",
					     "NETWORK", "VF",	     "PF",
					     "RDMA",	"GID",	     "ADDRESS",
					     "AGE",	"STATE" };

	table->columns = ARRAY_SIZE(names);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		table_cell(table, "%s", names[i]);
}

int admin_list(const struct options *options, struct err *err)
{
	_autonode_ struct node node = NODE_CLOSED;
	_autorecords_ struct records records = { 0 };
	_autojson_ struct cJSON *list = cJSON_CreateArray();
	_autotable_ struct table table = { 0 };

	if (node_open(&node, err) || state_list(node.state, &records, err))
		return -1;
	heading(&table);
	for (int i = 0; i < records.count; i++)
		if (list_row(&node, &records.list[i], &table, list, err))
			return -1;
	admin_show(options, &table, list, "no attachments on this node");
	return 0;
}
