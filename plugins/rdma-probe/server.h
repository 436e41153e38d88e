/* server.h - what all clients of rdma-probe serve share: the rails, and the counts. */
#ifndef PROBE_SERVER_H
#define PROBE_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "plugins/rdma-probe/hub.h"
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
		int changes;	/* as of then */
	} views[3];		/* under lock; with GIDs of either family, of 4, of 6 */
	int64_t fresh;		/* so long a look at the rails is good for clients, */
	_Atomic int changes;	/* unless something has changed since */
	struct hub_owner owner; /* of the hubs */
	/* How our own path to a GID is, by who owns the hubs; NULL: nobody knows. */
	void (*path_to)(void *arg, const uint8_t gid[16], struct proto_path *ret);
	pthread_mutex_t hubs_lock;
	struct hub
		*hubs[RAIL_MAX]; /* under hubs_lock: of the rails that were asked for */
	char (*done)[PROTO_HOST_LEN]; /* under lock: hosts that are through with us */
	_Atomic int ndone;
	_Atomic int clients, queue_pairs; /* now */
	_Atomic int room;		  /* bytes made for clients */
	_Atomic int served, opened, refused;
};

/* The rails as they are now, looked at again if the last time is too long ago. A client
 * may ask for a family; otherwise it is as the server was told. */
int server_rails(struct server *server, int family, struct rails *ret, struct err *err);

/* Where the datagrams of a rail arrive, for as long as it is held: made when it is first
 * asked for, and again when the rail is another one. NULL with *fault. */
struct hub *server_hub(struct server *server, const struct rail *rail,
		       struct fault *fault);

void server_drop_hub(struct server *server, const char *rail); /* of a rail that went */

/* For the hubs of a server that has no other owner; arg is the server. What is dead has
 * to let go of its device at once: where somebody still has it open, its node opens no
 * other one that comes in its place. */
void server_event(void *arg);

/* How many probes of that token came by that rail; false if none are expected. */
bool server_count(struct server *server, const char *rail, uint32_t token, uint32_t *ret);
/* A host says that it is through with us; counted once. */
void server_note_done(struct server *server, const char *host);

void server_close_hubs(struct server *server);

#endif
