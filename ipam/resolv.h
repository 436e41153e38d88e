/* resolv.h - what a resolv.conf(5) says, as a CNI result has it. */
#ifndef IPAM_RESOLV_H
#define IPAM_RESOLV_H

#include "pkg/json.h"

/* {"nameservers":[...],"domain":"...","search":[...],"options":[...]}, or NULL. Free with
 * cJSON_Delete(). */
struct cJSON *resolv_read(const char *path, struct err *err);

/* The same from a text, which is cut up on the way; NULL when memory is out. */
struct cJSON *resolv_parse(char *text);

#endif
