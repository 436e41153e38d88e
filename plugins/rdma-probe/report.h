/*
 * report.h - what a command found, for people and for machines.
 *
 * One document, schema rdma-probe/v1, printed on every exit: also when a command fails
 * half way or is told to end. Every key is always there; what is not known is null, and
 * what a command does not look at is an empty list.
 */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <stdio.h>

#include "plugins/rdma-probe/check.h"
#include "plugins/rdma-probe/local.h"
#include "plugins/rdma-probe/mesh.h"
#include "plugins/rdma-probe/outcome.h"
#include "plugins/rdma-probe/rail.h"
#include "plugins/rdma-probe/visit.h"

struct report {
	const char *command;
	char host[PROTO_HOST_LEN];
	char *pod; /* "NAMESPACE/NAME", or NULL */
	int64_t started;
	enum verdict verdict;
	char headline[512]; /* the verdict in a sentence */
	struct err error;   /* msg "" unless the command itself failed */
	struct local local;
	bool devices, gids; /* which parts of it are asked for */
	struct rails rails;
	struct checks checks;
	struct visit *visit;	  /* the paths, or NULL */
	struct mesh *mesh;	  /* of mesh: peer by peer, rail by rail; or NULL */
	struct outcome *outcomes; /* and of others that are over */
	int noutcomes;
	char peer[PROTO_HOST_LEN]; /* who they lead to, as it calls itself */
	struct summary {
		int rails; /* 0: those listed */
		int peers, pairs, ok, fail, unknown;
	} summary;
};

void report_init(struct report *ret, const char *command);
void report_clear(struct report *report);

/* The verdict and its sentence. */
void report_say(struct report *report, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Count the paths' results into the summary. */
void report_count(struct report *report);
enum verdict report_worst(const struct report *report); /* of them; unknown if none */

/* The whole document in one line; 0, or -1 when there is no memory or no room for it. */
int report_print_json(const struct report *report, FILE *out);

/* The same as a line for every rail, device, GID, check and path, and one for the rest at
 * the end: {"schema":"rdma-probe/line/v1",..,"kind":"path","item":{..}}. */
int report_print_jsonl(const struct report *report, FILE *out);

/* "OK: SENTENCE", in colour where that is wanted; for people, first or last line. */
void report_print_verdict(const struct report *report, FILE *out);

/* The same in one line of at most NPD_LINE bytes: node-problem-detector cuts there. */
#define NPD_LINE 80
void report_print_npd(const struct report *report, FILE *out);

/* 0 ok, 1 failed, 2 unknown; for Nagios 0, 2, 3, and 1 for what is well with warnings.
 * EX_SOFTWARE when the command itself failed. */
int report_exit_status(const struct report *report, bool nagios);

#define _autoreport_ _cleanup_(report_clear)

#endif
