/* proto_parts.h - what requests and answers between probes are made of. No I/O. */
#ifndef PROBE_PROTO_PARTS_H
#define PROBE_PROTO_PARTS_H

#include "pkg/json.h"
#include "plugins/rdma-probe/proto.h"

struct cJSON *proto_make(const char *op);
char *proto_finish(struct cJSON *doc); /* the line; the document is gone */

void proto_put_rc(struct cJSON *doc, const struct rc_end *end);
void proto_put_ud(struct cJSON *doc, const struct ud_end *end);

/* Keys that have to be there. */
int proto_need_int(const struct json *obj, const char *key, int64_t min, int64_t max,
		   int64_t *ret, struct err *err);
int proto_need_string(const struct json *obj, const char *key, const char **ret,
		      struct err *err);
int proto_read_gid(const struct json *obj, uint8_t ret[16], struct err *err);
int proto_read_rc(const struct json *obj, struct rc_end *ret, struct err *err);
int proto_read_ud(const struct json *obj, struct ud_end *ret, struct err *err);

/* "?" if the key is absent. */
int proto_read_host(const struct json *obj, char host[PROTO_HOST_LEN], struct err *err);

#endif
