/*
 * endpoint.h - "HOST", "HOST:PORT", "[V6]:PORT", or "/PATH" of a UNIX socket, each with
 * "@RAIL" behind it. No I/O.
 */
#ifndef PROBE_ENDPOINT_H
#define PROBE_ENDPOINT_H

#include <stdbool.h>

#include "plugins/rdma-probe/rail.h"

struct endpoint {
	char host[256];		  /* name, address without brackets, path; "" any */
	char port[6];		  /* digits, 1..65535; "" of a path */
	char rail[RAIL_NAME_LEN]; /* "" all */
};

/* False if the text is none of these. A bare IPv6 address has no port. */
bool endpoint_parse(const char *text, const char *default_port, struct endpoint *ret);

static inline bool endpoint_is_path(const struct endpoint *endpoint)
{
	return *endpoint->host == '/';
}

#endif
