/*
 * rail_json.h - rails and faults as JSON, in reports and between peers.
 *
 * Reading is for what a peer sent: every length and range is checked, texts are made
 * printable, and an unknown reason code becomes REASON_NONE, since a newer peer may
 * know more of them.
 */
#ifndef PROBE_RAIL_JSON_H
#define PROBE_RAIL_JSON_H

#include "pkg/json.h"
#include "plugins/rdma-probe/rail.h"

/* Keys reason, layer, errno, evidence, fix; all null (evidence empty) for { 0 }. */
void fault_to_json(const struct fault *fault, struct cJSON *obj);
int fault_from_json(const struct json *obj, struct fault *ret, struct err *err);

struct cJSON *rail_to_json(const struct rail *rail);
int rail_from_json(const struct json *obj, struct rail *ret, struct err *err);

/* A 16-byte GID in IPv6 notation that can be the end of a path: not zero, not
 * multicast, not loopback. */
bool gid_parse_unicast(const char *text, uint8_t ret[16]);

/* Keys that may be absent: the text is "" then, the number stays as it was. */
int text_from_json(const struct json *obj, const char *key, char *buf, size_t size,
		   struct err *err);
int number_from_json(const struct json *obj, const char *key, int64_t min, int64_t max,
		     int *ret, struct err *err);

#endif
