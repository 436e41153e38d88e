/* serve.c - rdma-probe serve: be there for the peers that ping. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/client.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/show.h"
#include "plugins/rdma-probe/wire.h"

#define CLIENTS_MAX 256
#define STACK_SIZE  (512 << 10)
#define ENDING_NS   (1500 * NS_MS) /* the kernel may hold a client for a second */

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

static int serve_until_signal(struct server *server, int listener, int signals,
			      struct err *err)
{
	struct until forever = { INT64_MAX, signals };
	struct err why;

	while (!wire_wait(listener, POLLIN, &forever, &why))
		admit(server, listener);
	end_clients(server);
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

static void announce(const struct report *report, const struct opts *opts)
{
	if (!opts->json) {
		show_rails(&report->rails, stdout);
		fflush(stdout);
	}
	fprintf(stderr, "rdma-probe serve: listening on %s port %s, %d rails\n",
		*opts->listen.host ? opts->listen.host : "every address",
		opts->listen.port, report->rails.n);
}

static void sum_up(struct report *report, const struct server *server)
{
	report->summary.peers = server->served;
	report->summary.pairs = server->opened + server->refused;
	report->summary.ok = server->opened;
	report->summary.fail = server->refused;
	report_say(report, VERDICT_OK,
		   "served %d control connections: %d queue pairs opened, %d refused",
		   server->served, server->opened, server->refused);
}

static int run_serve(const struct opts *opts, int signals, struct report *report,
		     struct err *err)
{
	static struct server server = { .lock = PTHREAD_MUTEX_INITIALIZER,
					.hubs_lock = PTHREAD_MUTEX_INITIALIZER };
	_autoclose_ int listener = -1;

	if (command_scan(opts, &report->local, &report->rails, err))
		return -1;
	server.opts = opts;
	memcpy(server.host, report->host, sizeof(server.host));
	server.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server.stop < 0)
		return err_set(err, errno, "eventfd");
	raise_descriptor_limit();
	listener = wire_listen(&opts->listen, err);
	if (listener < 0)
		return err_hint(err, "is another one running, or is --listen wrong?");
	announce(report, opts);
	if (serve_until_signal(&server, listener, signals, err))
		return -1;
	server_close_hubs(&server);
	sum_up(report, &server);
	return 0;
}

static void print_serve(const struct report *report, FILE *out)
{
	report_print_verdict(report, out);
}

const struct command command_serve = {
	.name = "serve",
	.bit = CMD_SERVE,
	.args = "",
	.summary = "answer the pings of peers until SIGTERM or SIGINT",
	.about =
		"Tells clients its rails over TCP port " PROTO_PORT
		", and opens a queue\n"
		"pair for every path they test. Needs no root, registers no memory, and\n"
		"looks at its rails anew for every client. Prints a summary at the "
		"end.\n",
	.run = run_serve,
	.print = print_serve,
};
