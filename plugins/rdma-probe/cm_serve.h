/*
 * cm_serve.h - be there for peers that ask by rdma_cm: tell them where their datagrams
 *go.
 *
 *	if (cm_serve_listen(&server, err) || cm_serve_start(err))
 *		return -1;
 *
 * In a thread of its own, until the server's stop is readable. Only our own rails are served:
 * a request that came in by a device of another namespace is refused.
 */
#ifndef PROBE_CM_SERVE_H
#define PROBE_CM_SERVE_H

#include "plugins/rdma-probe/server.h"

int cm_serve_listen(struct server *server, struct err *err);
int cm_serve_start(struct err *err);

#endif
