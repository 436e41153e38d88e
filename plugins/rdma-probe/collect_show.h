/* collect_show.h - a collection for people: as a matrix on a terminal, and as a page. */
#ifndef PROBE_COLLECT_SHOW_H
#define PROBE_COLLECT_SHOW_H

#include "plugins/rdma-probe/collect.h"
#include "plugins/rdma-probe/report.h"

#define SUSPECTS_MAX 256

struct findings {
	const struct collection *all;
	struct suspect suspects[SUSPECTS_MAX];
	int nsuspects;
};

/* A row who asks, a column who is asked: the slowest rail's median, or how many rails
 * work and what the others lack; then suspects, and failures that no suspect explains. */
void collect_show(const struct findings *findings, FILE *out);

/* The same as one HTML file, with a matrix for each rail. */
int collect_write_html(const struct report *report, const struct findings *findings,
		       const char *path, struct err *err);

/* "rail net2 of node3: 4 paths to 2 peers, and none works (no_route)". */
void suspect_text(const struct suspect *suspect, const struct collection *all, char *buf,
		  size_t size);

/* What to do about it. */
const char *suspect_advice(const struct suspect *suspect);

/* All rails from one node to another as one: the worst of them, NULL if none was tested;
 * and how many there are, and work. */
const struct outcome *collect_worst(const struct collection *all, int from, int to,
				    int *tested, int *ok);

#endif
