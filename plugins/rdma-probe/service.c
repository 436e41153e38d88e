/* service.c - be there for peers: accept their connections, a thread for each. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/client.h"
#include "plugins/rdma-probe/service.h"
#include "plugins/rdma-probe/wire.h"

#define CLIENTS_MAX 256
#define STACK_SIZE  (512 << 10)
#define ENDING_NS   (1500 * NS_MS) /* the kernel may hold a client for a second */
#define FRESH_NS    (200 * NS_MS)

struct visitor {
	struct server *server;
	int fd;
};

static void *serve_thread(void *arg)
{
	struct visitor visitor = *(struct visitor *)arg;

	free(arg);
	client_serve(visitor.server, visitor.fd);
	visitor.server->clients--;
	return NULL;
}

static int start_thread(struct server *server, int fd)
{
	_autofree_ struct visitor *visitor = malloc(sizeof(*visitor));
	pthread_attr_t attr;
	pthread_t thread;
	int no;

	if (!visitor || server->clients >= CLIENTS_MAX)
		return EAGAIN;
	*visitor = (struct visitor){ server, fd };
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	server->clients++;
	no = pthread_create(&thread, &attr, serve_thread, visitor);
	pthread_attr_destroy(&attr);
	if (no)
		server->clients--;
	else
		visitor = NULL; /* the thread's now */
	return no;
}

static void admit(struct server *server, int listener)
{
	static const char busy[] =
		"{\"op\":\"error\",\"text\":\"too many clients, try again\"}\n";
	_autoclose_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			sleep_ms(20); /* rather than spin until one ends */
		return;
	}
	server->served++;
	if (start_thread(server, fd))
		(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
	else
		fd = -1; /* the thread's now */
}

static void end_clients(struct server *server)
{
	int64_t deadline = clock_ns() + ENDING_NS;

	eventfd_write(server->stop, 1);
	while (server->clients && clock_ns() < deadline)
		sleep_ms(5);
}

int service_run(struct service *service, int stop, struct err *err)
{
	struct until forever = { INT64_MAX, stop };
	struct err why;

	while (!wire_wait(service->listener, POLLIN, &forever, &why))
		admit(&service->server, service->listener);
	end_clients(&service->server);
	server_close_hubs(&service->server);
	if (why.no == ECANCELED)
		return 0;
	*err = why;
	return -1;
}

/* A queue pair takes three descriptors: devices are opened for each path anew. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int service_open(struct service *ret, const struct opts *opts, const char *host,
		 struct err *err)
{
	struct server *server = &ret->server;

	*ret = (struct service){ .listener = -1, .stop = -1 };
	pthread_mutex_init(&server->lock, NULL);
	pthread_mutex_init(&server->hubs_lock, NULL);
	server->opts = opts;
	server->fresh = FRESH_NS;
	server->owner = (struct hub_owner){ .on_event = server_event, .arg = server };
	snprintf(server->host, sizeof(server->host), "%s", host);
	server->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->stop < 0 || ret->stop < 0)
		return err_set(err, errno, "eventfd");
	raise_descriptor_limit();
	ret->listener = wire_listen(&opts->listen, err);
	return ret->listener < 0 ? err_hint(err, "is another one running, or is "
						 "--listen wrong?")
				 : 0;
}

static void *run_thread(void *arg)
{
	struct service *service = arg;
	struct err ignored;

	(void)service_run(service, service->stop, &ignored);
	return NULL;
}

int service_start(struct service *service, struct err *err)
{
	int no = pthread_create(&service->thread, NULL, run_thread, service);

	if (no)
		return err_set(err, no, "start a thread");
	service->running = true;
	return 0;
}

void service_stop(struct service *service)
{
	if (!service->running)
		return;
	eventfd_write(service->stop, 1);
	pthread_join(service->thread, NULL);
	service->running = false;
}
