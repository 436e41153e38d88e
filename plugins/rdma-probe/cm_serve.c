/* cm_serve.c - be there for peers that ask by rdma_cm. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/cm_child.h"
#include "plugins/rdma-probe/cm_serve.h"

#define ADMIT_NS (300 * NS_MS) /* for the way back to be found */
#define BEGIN_NS (10 * NS_S)   /* for the child to listen */

#define AGAIN_NS (1 * NS_S) /* between two that are begun */

/* Who keeps the child, as long as the program lives. */
static struct {
	pid_t pid;
	int fd; /* to it, and to the child */
	int64_t begun;
	bool lost; /* it was told that nobody listens */
} keeper = { .fd = -1 };

/* The rail that this address and device are. */
static int find_rail(struct server *server, const struct cm_event *asked,
		     struct rail *ret, struct fault *fault)
{
	_autofree_ struct rails *rails = malloc(sizeof(*rails));
	struct err err;

	if (!rails)
		return fault_set(fault, REASON_NONE, ENOMEM, "look at the rails");
	if (server_rails(server, asked->to.family, rails, &err))
		return fault_from_err(fault, REASON_NONE, &err);
	for (int i = 0; i < rails->n; i++)
		if (rail_usable(&rails->v[i]) &&
		    ip_equal(&rails->v[i].ip.ip, &asked->to) &&
		    !strcmp(rails->v[i].dev, asked->dev)) {
			*ret = rails->v[i];
			return 0;
		}
	return fault_set(fault, REASON_NO_ROCEV2_GID, 0, "that is no rail of ours");
}

static int admit(struct server *server, const struct cm_event *asked,
		 const struct hub_prober *prober, struct ud_end *ret)
{
	struct until until = { clock_ns() + ADMIT_NS, server->stop };
	_autohub_ struct hub *hub = NULL;
	struct fault ignored;
	struct rail rail;

	if (!find_rail(server, asked, &rail, &ignored))
		hub = server_hub(server, &rail, &ignored);
	if (!hub || hub_admit(hub, prober, &until, &ignored))
		return -1;
	*ret = ud_end(&hub->ud);
	return 0;
}

static void answer(struct server *server, const struct cm_event *asked)
{
	struct cm_answer answer = { .child = asked->child };
	struct hub_prober prober;
	struct ud_end end;

	server->served++;
	if (cm_request_read(asked->data, asked->len, &prober)) {
		if (admit(server, asked, &prober, &end)) {
			server->refused++;
		} else {
			server->opened++;
			answer.qpn = end.qpn;
			cm_reply_write(&end, answer.data);
		}
	}
	(void)send(keeper.fd, &answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int next_event(const struct until *until, struct cm_event *ret, struct err *err)
{
	ssize_t n;

	if (wire_wait(keeper.fd, POLLIN, until, err))
		return -1;
	n = recv(keeper.fd, ret, sizeof(*ret), MSG_DONTWAIT);
	return n == sizeof(*ret) && ret->len <= sizeof(ret->data)
		       ? 0
		       : err_set(err, 0, "the process that listens by rdma_cm is gone");
}

/* Once, however often it is tried again. */
static void tell_lost(const struct err *why)
{
	if (!keeper.lost)
		fprintf(stderr, "rdma-probe serve: --cm: %s; trying again\n", why->msg);
	keeper.lost = true;
}

static void take_event(struct server *server, const struct cm_event *event)
{
	switch (event->what) {
	case CM_REQUEST:
		answer(server, event);
		break;
	case CM_LISTENS:
		if (keeper.lost)
			fprintf(stderr, "rdma-probe serve: --cm: listening again\n");
		keeper.lost = false;
		break;
	case CM_LISTENS_NOT:
	case CM_ENDED:
		tell_lost(&event->err);
		break;
	}
}

/* Also among threads: what it calls before it makes the child are system calls, and the
 * child's malloc() works after any fork(). */
static int start_keeper(const struct endpoint *at, struct err *err)
{
	int port = atoi(*at->port ? at->port : PROTO_PORT); /* a UNIX socket has none */
	pid_t parent = getpid(), pid;
	int fds[2];

	keeper.begun = clock_ns();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return err_set(err, errno, "socketpair");
	pid = fork();
	if (!pid)
		cm_child_keep(fds[1], port, parent);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_set(err, errno, "fork");
	}
	keeper.fd = fds[0];
	keeper.pid = pid;
	return 0;
}

/* Both have ended or are about to: nobody else closes the socket, and neither lives on
 * without its other end. False when all shall end. */
static bool start_again(struct server *server)
{
	struct err err = { 0 };

	closep(&keeper.fd);
	(void)waitpid(keeper.pid, NULL, 0);
	do {
		struct until until = { keeper.begun + AGAIN_NS, server->stop };

		(void)wire_wait(-1, 0, &until, &err);
		if (err.no == ECANCELED)
			return false;
	} while (start_keeper(&server->opts->listen, &err));
	return true;
}

static void *run(void *arg)
{
	struct server *server = arg;
	struct until until = { INT64_MAX, server->stop };
	struct cm_event event;
	struct err err;

	for (;;) {
		if (!next_event(&until, &event, &err)) {
			take_event(server, &event);
			continue;
		}
		if (err.no == ECANCELED)
			return NULL;
		tell_lost(&err);
		if (!start_again(server))
			return NULL;
	}
}

int cm_serve_start(struct server *server, struct err *err)
{
	struct until until = { clock_ns() + BEGIN_NS, server->stop };
	struct cm_event event;
	pthread_t thread;
	int no;

	if (start_keeper(&server->opts->listen, err) || next_event(&until, &event, err))
		return err_wrap(err, "--cm");
	if (event.what == CM_LISTENS_NOT) {
		*err = event.err;
		return -1;
	}
	no = pthread_create(&thread, NULL, run, server);
	return no ? err_set(err, no, "start a thread") : 0;
}
