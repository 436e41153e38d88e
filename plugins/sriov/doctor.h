/* doctor.h - what rail-sriov doctor finds, and the parts it is made of. */
#ifndef SRIOV_DOCTOR_H
#define SRIOV_DOCTOR_H

#include <stdbool.h>

#include "pkg/table.h"
#include "plugins/sriov/health.h"

struct exam {
	struct node node;
	struct table table;
	struct cJSON *list;
	bool failed;
};

enum outcome { EXAM_OK, EXAM_WARNING, EXAM_FAILED };

/* fix may be "". */
void exam_note(struct exam *exam, const char *name, enum outcome outcome,
	       const char *found, const char *fix);
void exam_fail(struct exam *exam, const char *name, const struct err *err);

/* What a configuration needs of the node; each line is named after prefix. */
void exam_health(struct exam *exam, const char *prefix, const struct conf *conf);

/* The same for every rail-sriov in a configuration file, and its IPAM plugin. -1: the
 * file cannot be read. */
int exam_file(struct exam *exam, const char *path, struct err *err);

/* Whether the routes between nodes that are here can do what they are for. */
void exam_routes(struct exam *exam);

#endif
