/*
 * place.h - where an endpoint is: addresses of TCP, or a UNIX socket.
 *
 * A UNIX socket is for who shares a directory with the server, but no network: another
 * container of the pod, the node. Who may write to the file may ask.
 */
#ifndef PROBE_PLACE_H
#define PROBE_PLACE_H

#include <netdb.h>

#include "pkg/err.h"
#include "plugins/rdma-probe/endpoint.h"

/* As getaddrinfo(3) finds it, with flags for TCP; one at least. Free it with
 * place_free(). */
int place_find(const struct endpoint *at, int flags, struct addrinfo **ret,
	       struct err *err);
void place_free(struct addrinfo *place);

/* Remove the socket that a server left which is gone, or bind(2) would refuse. */
void place_clear(const struct addrinfo *place);

/* For messages: what was tried goes in front of err. Returns -1. */
int place_wrap(const struct endpoint *at, struct err *err);

#endif
