/*
 * service.h - be there for peers: accept their connections, a thread for each.
 *
 *	if (service_open(&service, opts, host, err) || service_start(&service, err))
 *		return -1;
 *	...
 *	service_stop(&service);
 *
 * A struct service has to outlive the program: the kernel may hold a client for longer
 * than we wait for it.
 */
#ifndef PROBE_SERVICE_H
#define PROBE_SERVICE_H

#include "plugins/rdma-probe/server.h"

struct service {
	struct server server;
	int listener, stop;
	pthread_t thread;
	bool running;
};

/* Listens from now on. */
int service_open(struct service *ret, const struct opts *opts, const char *host,
		 struct err *err);

/* Serve until `stop` is readable; or in a thread of its own, until service_stop(). */
int service_run(struct service *service, int stop, struct err *err);
int service_start(struct service *service, struct err *err);
void service_stop(struct service *service);

#endif
