/*
 * outcome_json.h - a path's outcome as an item of "paths", written and read back.
 *
 * Reading is for documents of other nodes: every length and range is checked.
 */
#ifndef PROBE_OUTCOME_JSON_H
#define PROBE_OUTCOME_JSON_H

#include "pkg/json.h"
#include "plugins/rdma-probe/outcome.h"

/* host: who tells it. */
struct cJSON *outcome_to_json(const struct outcome *outcome, const char *host);

/* To be cleared, also after a failure. */
int outcome_from_json(const struct json *obj, struct outcome *ret, struct err *err);

#endif
