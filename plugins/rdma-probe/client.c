/* client.c - serve one client of rdma-probe serve. */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/client.h"
#include "plugins/rdma-probe/neigh.h"
#include "plugins/rdma-probe/rc.h"

#define IDLE_NS		(10 * NS_S)	   /* for a client that has nothing open */
#define SESSION_NS	(7 * 86400 * NS_S) /* for one that pings: keepalive watches it */
#define SEND_NS		(5 * NS_S)
#define QUEUE_PAIRS_MAX 1024
#define ROOM_MAX	(64 << 20) /* bytes pinned for all clients together */

struct client {
	struct server *server;
	struct wire wire;
	int open;    /* queue pairs */
	bool probes; /* sends datagrams */
	struct slot {
		struct rail rail; /* which rc refers to */
		struct rc rc;
	} slots[PROTO_OPEN_MAX];
};

static void drop(struct client *client, struct rc *rc)
{
	client->server->room -= rc->mr ? (int)rc->mr->length : 0;
	rc_close(rc);
}

static void close_slot(struct client *client, int id)
{
	struct slot *slot = &client->slots[id];

	if (!slot->rc.qp)
		return;
	drop(client, &slot->rc);
	client->open--;
	client->server->queue_pairs--;
}

/* The rail a client names, with a GID of the family the client's has. */
static int find_rail(struct client *client, const struct proto_request *request,
		     const uint8_t gid[16], struct rail *ret, struct fault *fault)
{
	int family = gid_to_ip(gid).family;
	_autofree_ struct rails *rails = malloc(sizeof(*rails));
	struct err err;

	if (!rails)
		return fault_set(fault, REASON_NONE, ENOMEM, "look at the rails");
	if (server_rails(client->server, family, rails, &err))
		return fault_from_err(fault, REASON_NONE, &err);
	for (int i = 0; i < rails->n; i++)
		if (!strcmp(rails->v[i].name, request->rail)) {
			*ret = rails->v[i];
			if (rail_usable(ret))
				return 0;
			*fault = ret->fault;
			return -1;
		}
	return fault_set(fault, REASON_NO_ROCEV2_GID, 0, "there is no rail %s any more",
			 request->rail);
}

/* The way back has to work as well, and its neighbour has to be warm. */
static int look_back(const struct client *client, const struct rail *rail,
		     const struct proto_request *request, struct fault *fault)
{
	struct until until = { clock_ns() + request->budget_ms * NS_MS / 2,
			       client->server->stop };
	struct ip ip = gid_to_ip(request->end.gid);
	struct egress route;
	struct neigh neigh;

	if (egress_check(rail, &ip, &route, fault))
		return -1;
	return neigh_warm(rail, &ip, &route, &until, &neigh, fault);
}

static int make_room(struct client *client, struct rc *rc, int bytes, struct fault *fault)
{
	if (!bytes)
		return 0;
	if (client->server->room > ROOM_MAX - bytes)
		return fault_set(fault, REASON_PEER_ABSENT, EBUSY,
				 "%d bytes are in use by others", client->server->room);
	if (rc_make_room(rc, bytes, fault))
		return -1;
	client->server->room += bytes;
	return 0;
}

static int open_slot(struct client *client, const struct proto_request *request,
		     struct fault *fault)
{
	struct slot *slot = &client->slots[request->id];

	if (client->server->queue_pairs >= QUEUE_PAIRS_MAX)
		return fault_set(fault, REASON_PEER_ABSENT, EBUSY,
				 "%d queue pairs are open already", QUEUE_PAIRS_MAX);
	if (find_rail(client, request, request->end.gid, &slot->rail, fault) ||
	    look_back(client, &slot->rail, request, fault) ||
	    rc_open(&slot->rc, &slot->rail, RC_RESPONDER, fault))
		return -1;
	if (make_room(client, &slot->rc, request->path.room, fault) ||
	    rc_connect(&slot->rc, &request->end, &request->path, fault)) {
		drop(client, &slot->rc);
		return -1;
	}
	client->open++;
	client->server->queue_pairs++;
	return 0;
}

static char *answer_open(struct client *client, const struct proto_request *request)
{
	struct fault fault;
	struct rc_end end;

	close_slot(client, request->id);
	if (open_slot(client, request, &fault)) {
		client->server->refused++;
		return proto_make_refused(request->id, &fault);
	}
	client->server->opened++;
	end = rc_end(&client->slots[request->id].rc);
	return proto_make_opened(request->id, &end);
}

static char *answer_open_ud(struct client *client, const struct proto_request *request)
{
	const struct hub_prober *prober = &request->prober;
	struct until until = { clock_ns() + request->budget_ms * NS_MS / 2,
			       client->server->stop };
	_autohub_ struct hub *hub = NULL;
	struct fault fault;
	struct ud_end end;
	struct rail rail;

	if (!find_rail(client, request, prober->end.gid, &rail, &fault))
		hub = server_hub(client->server, &rail, &fault);
	if (!hub || hub_admit(hub, prober, &until, &fault)) {
		client->server->refused++;
		return proto_make_refused(0, &fault);
	}
	client->server->opened++;
	client->probes = true;
	end = ud_end(&hub->ud);
	return proto_make_opened_ud(&end);
}

static char *answer_count(struct client *client, const struct proto_request *request,
			  struct err *err)
{
	uint32_t arrived = 0;
	bool known = server_count(client->server, request->rail, request->prober.token,
				  &arrived);

	if (known)
		return proto_make_counted(arrived);
	err_set(err, 0, "no probes are expected on rail %s", request->rail);
	return NULL;
}

static char *answer_path(const struct client *client, const uint8_t gid[16])
{
	const struct server *server = client->server;
	struct proto_path path = { .verdict = VERDICT_UNKNOWN };

	if (server->path_to)
		server->path_to(server->owner.arg, gid, &path);
	return proto_make_path(&path);
}

static char *answer_hello(struct client *client, int family, struct err *err)
{
	_autofree_ struct rails *rails = malloc(sizeof(*rails));

	if (!rails) {
		err_set(err, ENOMEM, "look at the rails");
		return NULL;
	}
	if (server_rails(client->server, family, rails, err))
		return NULL;
	return proto_make_hello(client->server->host, rails);
}

/* The answer to a line, or NULL with *err when this client shall go. */
static char *answer(struct client *client, const char *line, size_t len, struct err *err)
{
	struct proto_request request;

	if (proto_read_request(line, len, &request, err))
		return NULL;
	switch (request.op) {
	case PROTO_HELLO:
		return answer_hello(client, request.family, err);
	case PROTO_OPEN_RC:
		return answer_open(client, &request);
	case PROTO_CLOSE_RC:
		close_slot(client, request.id);
		return proto_make_closed(request.id);
	case PROTO_DONE:
		server_note_done(client->server, request.host);
		return proto_make_closed(0);
	case PROTO_OPEN_UD:
		return answer_open_ud(client, &request);
	case PROTO_COUNT_UD:
		return answer_count(client, &request, err);
	case PROTO_PATH_TO:
		return answer_path(client, request.gid);
	}
	return NULL;
}

static int send_line(struct client *client, const char *line, struct err *err)
{
	struct until until = { clock_ns() + SEND_NS, client->server->stop };

	return wire_send(&client->wire, line, &until, err);
}

/* One request and its answer: 1 to go on, 0 at the end of it all. */
static int serve_line(struct client *client)
{
	struct until until = { clock_ns() + (client->open || client->probes ? SESSION_NS
									    : IDLE_NS),
			       client->server->stop };
	_autofree_ char *text = NULL, *complaint = NULL;
	const char *line;
	struct err err;
	size_t len;

	if (wire_line(&client->wire, &until, &line, &len, &err) <= 0)
		return 0;
	err_set(&err, ENOMEM, "answer");
	text = answer(client, line, len, &err);
	if (text)
		return !send_line(client, text, &err);
	complaint = proto_make_error(err.msg);
	if (complaint)
		(void)send_line(client, complaint, &err);
	return 0;
}

/* A client's machine can vanish without a word. */
static void watch(int fd)
{
	int on = 1, idle = 10, interval = 5, count = 3;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

void client_serve(struct server *server, int fd)
{
	_autofree_ struct client *client = calloc(1, sizeof(*client));
	struct err err;

	if (!client || wire_open(&client->wire, fd, PROTO_REQUEST_MAX, &err)) {
		close(fd);
		return;
	}
	client->server = server;
	watch(fd);
	while (serve_line(client))
		;
	for (int i = 0; i < PROTO_OPEN_MAX; i++)
		close_slot(client, i);
	wire_close(&client->wire);
}
