/*
 * endpoint.h - "HOST", "HOST:PORT", "[V6]:PORT", each with "@RAIL" behind it. No I/O.
 */
#ifndef PROBE_ENDPOINT_H
#define PROBE_ENDPOINT_H

#include <stdbool.h>

#include "plugins/rdma-probe/rail.h"

struct endpoint {
	char host[256];		  /* a name or an address without brackets; "" any */
	char port[6];		  /* digits, 1..65535 */
	char rail[RAIL_NAME_LEN]; /* "" all */
};

/* False if the text is none of these. A bare IPv6 address has no port. */
bool endpoint_parse(const char *text, const char *default_port, struct endpoint *ret);

#endif
