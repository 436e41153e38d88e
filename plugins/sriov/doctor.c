/* doctor.c - rail-sriov doctor: what on this node would keep an ADD from working. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/log.h"
#include "pkg/sysfs_pf.h"
#include "pkg/table.h"
#include "plugins/sriov/admin.h"
#include "plugins/sriov/doctor.h"
#include "plugins/sriov/state.h"
#include "plugins/sriov/vf.h"

void exam_note(struct exam *exam, const char *name, enum outcome outcome,
	       const char *found, const char *fix)
{
	static const char *const words[] = { "ok", "warning", "FAILED" };
	static const enum colour colours[] = { GREEN, YELLOW, RED };
	struct cJSON *obj = cJSON_CreateObject();

	table_cell(&exam->table, "%s", name);
	table_cell(&exam->table, "%s", words[outcome]);
	table_paint(&exam->table, colours[outcome]);
	table_cell(&exam->table, "%s", found);
	if (*fix) {
		table_cell(&exam->table, " ");
		table_cell(&exam->table, " ");
		table_cell(&exam->table, "to do: %s", fix);
	}
	cJSON_AddStringToObject(obj, "check", name);
	cJSON_AddStringToObject(obj, "result",
				outcome == EXAM_FAILED ? "failed" : words[outcome]);
	cJSON_AddStringToObject(obj, "found", found);
	if (*fix)
		cJSON_AddStringToObject(obj, "fix", fix);
	cJSON_AddItemToArray(exam->list, obj);
	exam->failed |= outcome == EXAM_FAILED;
}

void exam_fail(struct exam *exam, const char *name, const struct err *err)
{
	exam_note(exam, name, EXAM_FAILED, err->msg, err->hint);
}

/* Attachments whose container has ended, and files that cannot be read. */
static void ask_records(struct exam *exam, const struct records *records)
{
	char text[HEALTH_TEXT];
	int bad = 0;

	for (int i = 0; i < records->count; i++) {
		_autoplan_ struct plan plan = { 0 };
		enum standing standing = STANDING_GONE;
		struct err err;

		if (standing_of(&exam->node, &records->list[i], &plan, &standing, &err) ||
		    standing == STANDING_GONE || standing == STANDING_ADDRESS)
			bad++;
	}
	if (!bad) {
		snprintf(text, sizeof(text), "%d, all of living containers",
			 records->count);
		exam_note(exam, "attachments", EXAM_OK, text, "");
		return;
	}
	snprintf(text, sizeof(text), "%d of %d belong to containers that have ended", bad,
		 records->count);
	exam_note(exam, "attachments", EXAM_WARNING, text,
		  "rail-sriov list shows them, rail-sriov repair undoes them");
}

static bool is_remembered(const struct records *records, const char *device)
{
	for (int i = 0; i < records->count; i++)
		if (!strcmp(records->list[i].device, device))
			return true;
	return false;
}

enum where { AT_HOME, IN_POD, IN_USER_SPACE, UNBOUND, ELSEWHERE };

static enum where where_is(const struct node *node, const struct records *records,
			   const char *device)
{
	struct err ignored;
	struct pci_vf vf;
	struct link link;

	if (is_remembered(records, device))
		return IN_POD;
	if (sysfs_vf(node->sys, device, &vf, &ignored) || !*vf.driver)
		return UNBOUND;
	if (pci_vf_is_user(&vf))
		return IN_USER_SPACE;
	return vf_find_here(node, device, &link, &ignored) > 0 ? AT_HOME : ELSEWHERE;
}

static const char *carrier_of(const struct node *node, const struct pci_pf *pf)
{
	struct err ignored;
	struct link link;

	if (link_get_by_name(node->nl, pf->netdev, &link, &ignored))
		return "unknown";
	return link.carrier ? "up" : "down";
}

/* One line a PF: how many VFs are where. */
static void ask_one_pf(struct exam *exam, const struct records *records,
		       const struct pci_pf *pf)
{
	const char *carrier = carrier_of(&exam->node, pf);
	char text[HEALTH_TEXT], device[DEVICE_LEN], lost[DEVICE_LEN] = "";
	int count[ELSEWHERE + 1] = { 0 };

	for (int i = 0; sysfs_vf_device(exam->node.sys, pf->device, i, device); i++) {
		enum where where = where_is(&exam->node, records, device);

		count[where]++;
		if (where == ELSEWHERE)
			strcpy(lost, device);
	}
	snprintf(
		text, sizeof(text),
		"%s, link %s, %d VFs: %d free, %d in pods, %d for user space, %d without "
		"driver, %d elsewhere",
		pf->device, carrier, pf->vfs, count[AT_HOME], count[IN_POD],
		count[IN_USER_SPACE], count[UNBOUND], count[ELSEWHERE]);
	if (!strcmp(carrier, "down"))
		exam_note(exam, pf->netdev, EXAM_WARNING, text,
			  "no carrier: is the cable in, is the interface up?");
	else if (count[ELSEWHERE]) {
		char fix[HEALTH_TEXT];

		snprintf(fix, sizeof(fix),
			 "%s is in a network namespace without an attachment: whoever "
			 "moved it there must bring it back",
			 lost);
		exam_note(exam, pf->netdev, EXAM_WARNING, text, fix);
	} else
		exam_note(exam, pf->netdev, EXAM_OK, text, "");
}

static void ask_pfs(struct exam *exam, const struct records *records)
{
	_autopfs_ struct pci_pfs pfs = { 0 };
	struct err err;

	if (sysfs_pfs(exam->node.sys, &pfs, &err)) {
		exam_fail(exam, "PFs", &err);
		return;
	}
	for (int i = 0; i < pfs.count; i++)
		ask_one_pf(exam, records, &pfs.list[i]);
}

void exam_health(struct exam *exam, const char *prefix, const struct conf *conf)
{
	for (const struct health_check *check = health_checks; check->name; check++) {
		char text[HEALTH_TEXT], name[320];
		struct err err = { 0 };

		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? " " : "",
			 check->name);
		if (check->ask(&exam->node, conf, text, &err))
			exam_fail(exam, name, &err);
		else
			exam_note(exam, name, EXAM_OK, text, "");
	}
}

static void heading(struct table *table)
{
	table->columns = 3;
	table_cell(table, "CHECK");
	table_cell(table, "RESULT");
	table_cell(table, "FOUND");
}

static void show(const struct options *options, const struct exam *exam)
{
	if (options->json) {
		_autofree_ char *text = cJSON_Print(exam->list);

		puts(text ? text : "[]");
		return;
	}
	table_print(&exam->table, stdout);
	puts(exam->failed ? "FAILED: an ADD cannot work here, see above"
			  : "OK: nothing here keeps an ADD from working");
}

static void exam_end(struct exam *exam)
{
	node_close(&exam->node);
	table_clear(&exam->table);
	cJSON_Delete(exam->list);
}

int admin_doctor(const struct options *options, struct err *err)
{
	_cleanup_(exam_end) struct exam exam = { .node = NODE_CLOSED,
						 .list = cJSON_CreateArray() };
	_autorecords_ struct records records = { 0 };
	const struct conf any = { 0 };

	log_setup(LOG_ERROR, NULL);
	if (node_open(&exam.node, err) || state_list(exam.node.state, &records, err))
		return -1;
	heading(&exam.table);
	if (options->file ? exam_file(&exam, options->file, err)
			  : (exam_health(&exam, "", &any), 0))
		return -1;
	ask_pfs(&exam, &records);
	ask_records(&exam, &records);
	exam_routes(&exam);
	show(options, &exam);
	return exam.failed;
}
