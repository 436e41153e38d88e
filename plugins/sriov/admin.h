/* admin.h - what an operator asks of rail-sriov at a shell. */
#ifndef SRIOV_ADMIN_H
#define SRIOV_ADMIN_H

#include <stdbool.h>

#include "pkg/err.h"

struct options {
	bool json, dry_run, help;
	const char *file; /* the argument that is no option, or NULL */
};

/* The exit status. */
int admin_main(int argc, char **argv);

/* Each prints to stdout: 0; 1 when what it found is not as it should be; or -1. */
int admin_list(const struct options *options, struct err *err);
int admin_doctor(const struct options *options, struct err *err);
int admin_repair(const struct options *options, struct err *err);

struct table;
struct cJSON;

/* Print what was found: the list for programs, the table for people, or the words of
 * `none` when the list is empty. */
void admin_show(const struct options *options, const struct table *table,
		const struct cJSON *list, const char *none);

/* What becomes of an attachment, seen from outside. */
enum standing {
	STANDING_OK,
	STANDING_UNFINISHED, /* its ADD is at work, or was killed */
	STANDING_GONE,	     /* its container has ended without a DEL */
	STANDING_ADDRESS,    /* the VF is back, the address still to be released */
};

struct node;
struct record;
struct plan;

/* Load the plan of a record and judge; -1: it cannot be read. */
int standing_of(const struct node *node, const struct record *record, struct plan *plan,
		enum standing *ret, struct err *err);
const char *standing_name(enum standing standing);

#endif
