/* show.h - what several commands show to people. */
#ifndef PROBE_SHOW_H
#define PROBE_SHOW_H

#include "plugins/rdma-probe/report.h"

void show_rails(const struct rails *rails, FILE *out);

/* A row a check, and what to do about those that are not fine. */
void show_checks(const struct checks *checks, FILE *out);

/* "  NAME: reason: evidence", more evidence, "fix: ..." */
void show_fault(const char *name, const struct fault *fault, FILE *out);

#endif
