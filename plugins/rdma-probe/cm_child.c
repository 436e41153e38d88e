/* cm_child.c - listen by rdma_cm, in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "plugins/rdma-probe/cm_child.h"
#include "plugins/rdma-probe/cma.h"
#include "plugins/rdma-probe/sockaddr.h"
#include "plugins/rdma-probe/wire.h"

#define BACKLOG	  64
#define LOOK_NS	  NS_S
#define ANSWER_NS (5 * NS_S)

struct listener {
	struct cma cma;
	struct rdma_event_channel *channel;
	int fd; /* to who answers */
};

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

static int tell(int fd, const struct cm_event *event)
{
	return send(fd, event, sizeof(*event), MSG_NOSIGNAL) == sizeof(*event) ? 0 : -1;
}

/* An answer to one that lived before is passed over. */
static int hear(const struct listener *listener, struct cm_answer *ret)
{
	struct until until = { clock_ns() + ANSWER_NS, -1 };
	struct err ignored;

	do {
		if (wire_wait(listener->fd, POLLIN, &until, &ignored) ||
		    recv(listener->fd, ret, sizeof(*ret), 0) != sizeof(*ret))
			return -1;
	} while (ret->child != getpid());
	return 0;
}

static int hand_on(const struct listener *listener, struct rdma_cm_id *id,
		   struct cm_event *event)
{
	struct cm_answer answer;
	struct rdma_conn_param param = { .private_data = answer.data,
					 .private_data_len = sizeof(answer.data) };

	event->child = getpid();
	event->what = CM_REQUEST;
	event->to = cma_local_address(id);
	if (id->verbs)
		snprintf(event->dev, sizeof(event->dev), "%s", id->verbs->device->name);
	if (tell(listener->fd, event) || hear(listener, &answer))
		return -1;
	param.qp_num = answer.qpn;
	if (answer.qpn)
		(void)listener->cma.accept(id, &param);
	else
		(void)listener->cma.reject(id, NULL, 0);
	return 0;
}

static void keep_data(struct cm_event *event, const struct rdma_ud_param *param)
{
	if (!param->private_data)
		return;
	event->len = param->private_data_len < sizeof(event->data)
			     ? param->private_data_len
			     : sizeof(event->data);
	memcpy(event->data, param->private_data, event->len);
}

/* A datagram has no connection: with the answer, the identifier has done its work. */
static int take_event(const struct listener *listener)
{
	struct rdma_cm_event *came;
	struct cm_event event = { 0 };
	struct rdma_cm_id *id = NULL;
	int r;

	if (listener->cma.get_event(listener->channel, &came))
		return 0;
	if (came->event == RDMA_CM_EVENT_CONNECT_REQUEST) {
		id = came->id;
		keep_data(&event, &came->param.ud);
	}
	(void)listener->cma.ack_event(came);
	if (!id)
		return 0;
	r = hand_on(listener, id, &event);
	(void)listener->cma.destroy_id(id);
	return r;
}

/* On every device. */
static int listen_on(const struct listener *listener, int family, int port)
{
	const struct ip any = { .family = family };
	struct sockaddr_storage at;
	struct rdma_cm_id *id;
	int only = 1;

	(void)sockaddr_make(&any, port, 0, &at);
	if (listener->cma.create_id(listener->channel, &id, NULL, RDMA_PS_UDP))
		return errno;
	if (family == AF_INET6)
		(void)listener->cma.set_option(id, RDMA_OPTION_ID, RDMA_OPTION_ID_AFONLY,
					       &only, sizeof(only));
	if (!listener->cma.bind_addr(id, (struct sockaddr *)&at) &&
	    !listener->cma.listen(id, BACKLOG))
		return 0;
	return errno;
}

static int open_all(struct listener *listener, int port, struct err *err)
{
	int no4, no6;

	if (!cma_load(&listener->cma))
		return err_set(err, 0, "--cm: librdmacm is not installed here");
	listener->channel = listener->cma.create_channel();
	if (!listener->channel)
		return err_set(err, errno, "open /dev/infiniband/rdma_cm");
	no4 = listen_on(listener, AF_INET, port);
	no6 = listen_on(listener, AF_INET6, port);
	return no4 && no6 ? err_set(err, no4, "listen by rdma_cm, port %d", port) : 0;
}

/* 0 once the devices are others; what is open goes with the process. */
static int listen_all(int fd, int port)
{
	struct listener listener = { .fd = fd };
	struct cm_event begin = { .child = getpid(), .what = CM_LISTENS };
	uint64_t devices = see_devices();
	int64_t look = clock_ns() + LOOK_NS;
	struct err ignored;

	if (open_all(&listener, port, &begin.err))
		begin.what = CM_LISTENS_NOT;
	if (tell(fd, &begin) || begin.what == CM_LISTENS_NOT)
		return -1;
	for (;;) {
		struct until until = { look, -1 };

		if (!wire_wait(listener.channel->fd, POLLIN, &until, &ignored) &&
		    take_event(&listener))
			return -1;
		if (clock_ns() < look)
			continue;
		if (see_devices() != devices)
			return 0;
		look = clock_ns() + LOOK_NS;
	}
}

static void end_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0); /* it was faster */
}

/* Listening sockets, say, would outlive who opened them for a moment. */
static void keep_only(int fd)
{
	if (fd > 3)
		(void)close_range(3, fd - 1, 0);
	(void)close_range(fd + 1, ~0U, 0);
}

/* One that cannot listen has said so itself. */
static void tell_end(int fd, pid_t child, int status)
{
	struct cm_event event = { .child = child, .what = CM_ENDED };

	if (!WIFSIGNALED(status))
		return;
	err_set(&event.err, 0, "signal %d ended the process that listened",
		WTERMSIG(status));
	(void)tell(fd, &event);
}

static bool is_deserted(int fd)
{
	struct pollfd other = { .fd = fd };

	return poll(&other, 1, 0) > 0 && other.revents & POLLHUP;
}

_Noreturn void cm_child_keep(int fd, int port, pid_t parent)
{
	end_with(parent);
	keep_only(fd);
	for (;;) {
		pid_t keeper = getpid(), child = fork();
		int status = EXIT_FAILURE << 8; /* if there is none */

		if (!child) {
			end_with(keeper);
			_exit(listen_all(fd, port) ? EXIT_FAILURE : EXIT_SUCCESS);
		}
		if (child > 0)
			(void)waitpid(child, &status, 0);
		tell_end(fd, child, status);
		if (is_deserted(fd))
			_exit(EXIT_FAILURE);
		sleep_ms(status ? 1000 : 100);
	}
}
