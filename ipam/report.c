/* report.c - tell what a command does to a store, for people or for programs. */
#include <errno.h>
#include <stdio.h>

#include "ipam/report.h"

struct report report_begin(const struct options *options, const char *does,
			   const char *did)
{
	return (struct report){ .dry = has(options, OPT_DRY_RUN),
				.json = has(options, OPT_JSON),
				.list = has(options, OPT_JSON) ? cJSON_CreateArray()
							       : NULL,
				.does = does,
				.did = did };
}

void report_did(struct report *report, const char *pool, const char *name)
{
	struct cJSON *item;

	report->n++;
	if (!report->json) {
		printf("%s: %s%s %s\n", pool, report->dry ? "would " : "",
		       report->dry ? report->does : report->did, name);
		(void)fflush(stdout); /* a store that hangs next shall not swallow it */
		return;
	}
	item = cJSON_CreateObject();
	cJSON_AddStringToObject(item, "pool", pool);
	cJSON_AddStringToObject(item, "name", name);
	cJSON_AddItemToArray(report->list, item);
}

int print_json(struct cJSON *doc, struct err *err)
{
	_autojson_ struct cJSON *own = doc;
	_autofree_ char *text = cJSON_Print(own);

	if (!text)
		return err_set(err, ENOMEM, "print JSON");
	puts(text);
	return 0;
}

int report_end(struct report *report, struct err *err)
{
	struct cJSON *doc;

	if (!report->json)
		return 0;
	doc = cJSON_CreateObject();
	cJSON_AddStringToObject(doc, "action", report->does);
	cJSON_AddBoolToObject(doc, "done", !report->dry);
	cJSON_AddItemToObject(doc, "files", report->list);
	report->list = NULL;
	return print_json(doc, err);
}
