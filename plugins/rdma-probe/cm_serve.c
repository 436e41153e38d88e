/* cm_serve.c - be there for peers that ask by rdma_cm. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/cm_child.h"
#include "plugins/rdma-probe/cm_serve.h"

#define ADMIT_NS (300 * NS_MS) /* for the way back to be found */
#define BEGIN_NS (10 * NS_S)   /* for the child to listen */

static int child = -1; /* the socket to it, as long as the program lives */

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
	(void)send(child, &answer, sizeof(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int next_event(const struct until *until, struct cm_event *ret, struct err *err)
{
	ssize_t n;

	if (wire_wait(child, POLLIN, until, err))
		return -1;
	n = recv(child, ret, sizeof(*ret), MSG_DONTWAIT);
	return n == sizeof(*ret) && ret->len <= sizeof(ret->data)
		       ? 0
		       : err_set(err, 0, "the process that listens by rdma_cm is gone");
}

static void *run(void *arg)
{
	struct server *server = arg;
	struct until until = { INT64_MAX, server->stop };
	struct cm_event event;
	struct err err;

	while (!next_event(&until, &event, &err))
		if (event.what == CM_REQUEST)
			answer(server, &event);
	return NULL;
}

static int start_child(int port, struct err *err)
{
	pid_t parent = getpid(), pid;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return err_set(err, errno, "socketpair");
	pid = fork();
	if (!pid)
		cm_child_keep(fds[1], port, parent);
	close(fds[1]);
	child = fds[0];
	return pid < 0 ? err_set(err, errno, "fork") : 0;
}

int cm_serve_start(struct server *server, struct err *err)
{
	struct until until = { clock_ns() + BEGIN_NS, server->stop };
	struct cm_event event;
	pthread_t thread;
	int no;

	if (start_child(atoi(server->opts->listen.port), err) ||
	    next_event(&until, &event, err))
		return err_wrap(err, "--cm");
	if (event.what == CM_LISTENS_NOT) {
		*err = event.err;
		return -1;
	}
	no = pthread_create(&thread, NULL, run, server);
	return no ? err_set(err, no, "start a thread") : 0;
}
