/*
 * client.h - serve one client of rdma-probe serve.
 *
 * Clients are not trusted: a line is bounded, a silent client without a connection is
 * sent away, a client may hold PROTO_OPEN_MAX queue pairs, and nothing it says is used
 * before it was checked. A client that dies takes its queue pairs with it.
 */
#ifndef PROBE_CLIENT_H
#define PROBE_CLIENT_H

#include "plugins/rdma-probe/server.h"

/* Take over a connected socket, and serve it until it ends; in a thread of its own. */
void client_serve(struct server *server, int fd);

#endif
