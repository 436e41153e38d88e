/*
 * cm_serve.h - be there for peers that ask by rdma_cm: tell them where datagrams go.
 *
 *	if (cm_serve_start(&server, err))
 *		return -1;
 *
 * A process listens (cm_child.h), and a thread answers until the server's stop is
 * readable. Processes that were killed are begun again, and both is told on standard
 * error. To be started before any other thread: a process is made. Only our own rails are
 * served: a request that came in by a device of another namespace is refused.
 */
#ifndef PROBE_CM_SERVE_H
#define PROBE_CM_SERVE_H

#include "plugins/rdma-probe/server.h"

int cm_serve_start(struct server *server, struct err *err);

#endif
