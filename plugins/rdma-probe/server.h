/* server.h - what all clients of rdma-probe serve share: the rails, and the counts. */
#ifndef PROBE_SERVER_H
#define PROBE_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "plugins/rdma-probe/opts.h"
#include "plugins/rdma-probe/proto.h"

struct server {
	const struct opts *opts;
	char host[PROTO_HOST_LEN];
	int stop; /* readable once all shall end */
	pthread_mutex_t lock;
	struct view {
		struct rails rails;
		int64_t looked; /* when; 0 never */
	} views[3];		/* under lock; with GIDs of either family, of 4, of 6 */
	_Atomic int clients, queue_pairs; /* now */
	_Atomic int served, opened, refused;
};

/* The rails as they are now, looked at again if the last time is a moment ago. A client
 * may ask for a family; otherwise it is as the server was told. */
int server_rails(struct server *server, int family, struct rails *ret, struct err *err);

#endif
