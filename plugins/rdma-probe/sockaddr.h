/* sockaddr.h - addresses as sockets want them. */
#ifndef PROBE_SOCKADDR_H
#define PROBE_SOCKADDR_H

#include <sys/socket.h>

#include "pkg/ip.h"

/* Fill *ret and return its length. ifindex is for link-local addresses. */
socklen_t sockaddr_make(const struct ip *ip, int port, int ifindex,
			struct sockaddr_storage *ret);

#endif
