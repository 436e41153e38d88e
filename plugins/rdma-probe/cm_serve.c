/* cm_serve.c - be there for peers that ask by rdma_cm. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/cm_msg.h"
#include "plugins/rdma-probe/cm_serve.h"
#include "plugins/rdma-probe/cma.h"
#include "plugins/rdma-probe/sockaddr.h"

#define BACKLOG	 64
#define ADMIT_NS (300 * NS_MS) /* for the way back to be found */
#define LOOK_NS	 NS_S

/* As long as the program lives. */
static struct listener {
	struct cma cma;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *ids[2];
	struct server *server;
	uint64_t devices;
} listener;

/* The rail that this address and device are. */
static int find_rail(struct server *server, struct rdma_cm_id *id, struct rail *ret,
		     struct fault *fault)
{
	_autofree_ struct rails *rails = malloc(sizeof(*rails));
	struct ip ip = cma_local_address(id);
	struct err err;

	if (!rails)
		return fault_set(fault, REASON_NONE, ENOMEM, "look at the rails");
	if (server_rails(server, ip.family, rails, &err))
		return fault_from_err(fault, REASON_NONE, &err);
	for (int i = 0; id->verbs && i < rails->n; i++)
		if (rail_usable(&rails->v[i]) && ip_equal(&rails->v[i].ip.ip, &ip) &&
		    !strcmp(rails->v[i].dev, id->verbs->device->name)) {
			*ret = rails->v[i];
			return 0;
		}
	return fault_set(fault, REASON_NO_ROCEV2_GID, 0, "that is no rail of ours");
}

static int admit(struct server *server, struct rdma_cm_id *id,
		 const struct hub_prober *prober, struct ud_end *ret)
{
	struct until until = { clock_ns() + ADMIT_NS, server->stop };
	_autohub_ struct hub *hub = NULL;
	struct fault ignored;
	struct rail rail;

	if (!find_rail(server, id, &rail, &ignored))
		hub = server_hub(server, &rail, &ignored);
	if (!hub || hub_admit(hub, prober, &until, &ignored))
		return -1;
	*ret = ud_end(&hub->ud);
	return 0;
}

static void answer(struct rdma_cm_id *id, const struct hub_prober *prober)
{
	uint8_t reply[CM_REPLY_LEN];
	struct rdma_conn_param param = { .private_data = reply,
					 .private_data_len = sizeof(reply) };
	struct server *server = listener.server;
	struct ud_end end;

	if (admit(server, id, prober, &end)) {
		server->refused++;
		(void)listener.cma.reject(id, NULL, 0);
		return;
	}
	cm_reply_write(&end, reply);
	param.qp_num = end.qpn;
	server->opened++;
	(void)listener.cma.accept(id, &param);
}

/* A datagram has no connection: with the answer, the identifier has done its work. */
static void take_event(void)
{
	struct rdma_cm_event *event;
	struct hub_prober prober;
	struct rdma_cm_id *id;
	bool ours;

	if (listener.cma.get_event(listener.channel, &event))
		return;
	if (event->event != RDMA_CM_EVENT_CONNECT_REQUEST) {
		(void)listener.cma.ack_event(event);
		return;
	}
	id = event->id;
	ours = event->param.ud.private_data &&
	       cm_request_read(event->param.ud.private_data,
			       event->param.ud.private_data_len, &prober);
	(void)listener.cma.ack_event(event);
	listener.server->served++;
	if (ours)
		answer(id, &prober);
	else
		(void)listener.cma.reject(id, NULL, 0);
	(void)listener.cma.destroy_id(id);
}

/* On every device, those that come later included. */
static int listen_on(int family, int port, struct rdma_cm_id **ret)
{
	const struct ip any = { .family = family };
	struct sockaddr_storage at;
	int only = 1;

	(void)sockaddr_make(&any, port, 0, &at);
	if (listener.cma.create_id(listener.channel, ret, NULL, RDMA_PS_UDP))
		return errno;
	if (family == AF_INET6)
		(void)listener.cma.set_option(*ret, RDMA_OPTION_ID, RDMA_OPTION_ID_AFONLY,
					      &only, sizeof(only));
	if (!listener.cma.bind_addr(*ret, (struct sockaddr *)&at) &&
	    !listener.cma.listen(*ret, BACKLOG))
		return 0;
	return errno;
}

static void close_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(listener.ids); i++)
		if (listener.ids[i])
			(void)listener.cma.destroy_id(listener.ids[i]);
	if (listener.channel)
		listener.cma.destroy_channel(listener.channel);
	cma_unload(&listener.cma);
	listener = (struct listener){ .server = listener.server };
}

/* Which devices there are: one that was made anew counts as another one. */
static uint64_t see_devices(void)
{
	_autodir_ DIR *dir = opendir("/sys/class/infiniband");
	const struct dirent *entry;
	uint64_t seen = 0;

	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			seen += entry->d_ino * 0x9e3779b97f4a7c15;
	return seen;
}

static int open_all(struct err *err)
{
	int port = atoi(listener.server->opts->listen.port), no4, no6;

	listener.devices = see_devices();
	if (!cma_load(&listener.cma))
		return err_set(err, 0, "--cm: librdmacm is not installed here");
	listener.channel = listener.cma.create_channel();
	if (!listener.channel)
		return err_set(err, errno, "open /dev/infiniband/rdma_cm");
	no4 = listen_on(AF_INET, port, &listener.ids[0]);
	no6 = listen_on(AF_INET6, port, &listener.ids[1]);
	return no4 && no6 ? err_set(err, no4, "listen by rdma_cm, port %d", port) : 0;
}

/* librdmacm holds every device it has seen for as long as it is loaded, and a container's
 * node in /dev opens nothing else meanwhile. */
static void let_go_of_what_went(void)
{
	struct err ignored;

	if (listener.channel && see_devices() == listener.devices)
		return;
	close_all();
	if (open_all(&ignored))
		close_all(); /* and again in a moment */
}

static void *run(void *arg)
{
	const struct server *server = arg;
	struct err err = { 0 };

	do {
		struct until look = { clock_ns() + LOOK_NS, server->stop };
		int fd = listener.channel ? listener.channel->fd : -1;

		if (!wire_wait(fd, POLLIN, &look, &err))
			take_event();
		else if (err.no == ETIMEDOUT)
			let_go_of_what_went();
	} while (err.no != ECANCELED);
	return NULL;
}

int cm_serve_listen(struct server *server, struct err *err)
{
	listener.server = server;
	return open_all(err);
}

int cm_serve_start(struct err *err)
{
	pthread_t thread;
	int no = pthread_create(&thread, NULL, run, listener.server);

	return no ? err_set(err, no, "start a thread") : 0;
}
