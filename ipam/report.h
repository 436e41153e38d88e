/*
 * report.h - tell what a command does to a store, for people or for programs.
 *
 *	struct report report = report_begin(options, "free");
 *
 *	if (!report.dry && ...) ...;
 *	report_did(&report, "rail0", "192.168.1.7=gpu07,...");
 *	return report_end(&report, err);
 *
 * -> "rail0: freed 192.168.1.7=gpu07,..." or "rail0: would free 192.168.1.7=..."
 */
#ifndef IPAM_REPORT_H
#define IPAM_REPORT_H

#include "pkg/json.h"
#include "ipam/admin.h"

struct report {
	bool dry;		/* only tell */
	bool json;		/* tell at the end */
	struct cJSON *list;	/* what was told, with json */
	const char *does, *did; /* "free", "freed" */
	int n;
};

struct report report_begin(const struct options *options, const char *does,
			   const char *did);
void report_did(struct report *report, const char *pool, const char *name);
int report_end(struct report *report, struct err *err);

/* Print a document and free it. */
int print_json(struct cJSON *doc, struct err *err);

#endif
