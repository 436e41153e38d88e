/* metrics.h - the text that Prometheus reads, and what monitor and serve both tell. */
#ifndef PROBE_METRICS_H
#define PROBE_METRICS_H

#include <stdio.h>

#include "plugins/rdma-probe/server.h"

#define METRICS_LABEL 256

/* The two lines in front of a metric. */
void metrics_head(FILE *out, const char *name, const char *type, const char *help);

/* A label's value: quotes and backslashes would end or change it. Returns buf. */
const char *metrics_label(const char *text, char buf[METRICS_LABEL]);

/* Which rails can be used, and their GIDs; rails[] points to n of them. */
void metrics_rails(FILE *out, const struct rail *const *rails, int n);

/* What the program itself takes: CPU time, memory, queue pairs. */
void metrics_self(FILE *out, struct server *server);

/* The text of serve's /metrics. */
void metrics_serve(struct server *server, FILE *out);

#endif
