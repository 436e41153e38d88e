/* repair.c - rail-sriov repair: undo what ended containers left behind. */
#include <errno.h>
#include <stdio.h>

#include "pkg/log.h"
#include "pkg/table.h"
#include "plugins/sriov/admin.h"
#include "plugins/sriov/claim.h"
#include "plugins/sriov/undo.h"

struct repair {
	const struct options *options;
	struct node node;
	struct table table;
	struct cJSON *list;
	bool failed;
};

static void note(struct repair *r, const struct record *record, const char *what,
		 const char *outcome)
{
	struct cJSON *obj = cJSON_CreateObject();

	table_cell(&r->table, "%s", record->container);
	table_cell(&r->table, "%s", record->ifname);
	table_cell(&r->table, "%s", record->device);
	table_cell(&r->table, "%s", what);
	table_cell(&r->table, "%s", outcome);
	cJSON_AddStringToObject(obj, "container", record->container);
	cJSON_AddStringToObject(obj, "interface", record->ifname);
	cJSON_AddStringToObject(obj, "device", record->device);
	cJSON_AddStringToObject(obj, "state", what);
	cJSON_AddStringToObject(obj, "outcome", outcome);
	cJSON_AddItemToArray(r->list, obj);
}

/* With its lock held, so that no ADD or DEL of it is at work: 1 to undo, 0 to leave. */
static int judge(struct repair *r, const struct record *record, enum standing *ret,
		 struct err *err)
{
	_autoplan_ struct plan plan = { 0 };

	if (standing_of(&r->node, record, &plan, ret, err))
		return -1;
	return *ret == STANDING_GONE || *ret == STANDING_ADDRESS;
}

static void undo(struct repair *r, const struct record *record, enum standing standing)
{
	struct err err;

	if (r->options->dry_run) {
		note(r, record, standing_name(standing), "would be undone");
	} else if (undo_record(&r->node, record, NULL, &err)) {
		note(r, record, standing_name(standing), err.msg);
		r->failed = true;
	} else {
		note(r, record, standing_name(standing), "undone");
	}
}

static void look_at(struct repair *r, const struct record *record)
{
	_autoclaim_ struct claim claim = CLAIM_NONE;
	enum standing standing;
	struct err err;
	int todo = claim_record_now(&r->node, record, &claim, &err);

	if (todo < 0 && err.no == EWOULDBLOCK)
		return; /* its ADD or DEL is at work */
	if (todo > 0)
		todo = judge(r, record, &standing, &err);
	if (todo > 0)
		undo(r, record, standing);
	else if (todo < 0) {
		note(r, record, "unreadable", err.msg);
		r->failed = true;
	}
}

static void heading(struct table *table)
{
	static const char *const names[] = { "CONTAINER", "INTERFACE", "VF", "STATE",
					     "OUTCOME" };

	table->columns = ARRAY_SIZE(names);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		table_cell(table, "%s", names[i]);
}

static void repair_end(struct repair *r)
{
	node_close(&r->node);
	table_clear(&r->table);
	cJSON_Delete(r->list);
}

int admin_repair(const struct options *options, struct err *err)
{
	_cleanup_(repair_end) struct repair r = { .options = options,
						  .node = NODE_CLOSED,
						  .list = cJSON_CreateArray() };
	_autorecords_ struct records records = { 0 };

	log_setup(LOG_ERROR, NULL); /* the table tells the rest */
	if (node_open(&r.node, err) || state_list(r.node.state, &records, err))
		return -1;
	heading(&r.table);
	for (int i = 0; i < records.count; i++)
		look_at(&r, &records.list[i]);
	admin_show(options, &r.table, r.list, "nothing to repair");
	return r.failed;
}
