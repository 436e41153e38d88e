/* routes_child.c - do in a child process what may hang, and go on without it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "pkg/clock.h"
#include "plugins/sriov/routes_child.h"

#define MORE	 65536
#define END_MS	 200
#define TEXT_MAX (128 << 20) /* more than PEERS_MAX lines */

/* Is it gone? It stays a zombie until somebody asks. */
static bool reap(struct child *child, int *status)
{
	if (child->pid && waitpid(child->pid, status, WNOHANG) == 0)
		return false;
	child->pid = 0;
	return true;
}

/* A child that hangs must hold none of the locks. */
static void keep_only(int fd)
{
	if (fd > 3)
		(void)close_range(3, fd - 1, 0);
	(void)close_range(fd + 1, ~0U, 0);
}

int child_start(struct child *child, void (*work)(int fd, void *arg), void *arg, long ms,
		struct err *err)
{
	int pipes[2], status;

	if (!reap(child, &status))
		return err_set(err, EBUSY, "the storage still does not answer");
	if (pipe2(pipes, O_CLOEXEC))
		return err_set(err, errno, "pipe");
	child->pid = fork();
	if (child->pid < 0) {
		child->pid = 0;
		close(pipes[0]);
		close(pipes[1]);
		return err_set(err, errno, "fork");
	}
	if (!child->pid) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		keep_only(pipes[1]);
		work(pipes[1], arg);
		_exit(0);
	}
	close(pipes[1]);
	(void)fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	child->fd = pipes[0];
	child->len = 0;
	child->until = clock_ms() + ms;
	return 0;
}

static int make_room(struct child *child, struct err *err)
{
	char *grown;

	if (child->room - child->len >= MORE)
		return 0;
	if (child->room > TEXT_MAX)
		return err_set(err, EFBIG, "list of peers");
	grown = realloc(child->text, child->room * 2 + MORE);
	if (!grown)
		return err_set(err, ENOMEM, "list of peers");
	child->text = grown;
	child->room = child->room * 2 + MORE;
	return 0;
}

/* It has closed its end, and is about to be gone. */
static int finish(struct child *child)
{
	int status;

	closep(&child->fd);
	for (int i = 0; i < END_MS && !reap(child, &status); i++)
		sleep_ms(1);
	return 1;
}

static int give_up(struct child *child)
{
	int status;

	closep(&child->fd);
	if (child->pid)
		(void)kill(child->pid, SIGKILL);
	(void)reap(child, &status);
	return -1;
}

int child_read(struct child *child, struct err *err)
{
	for (;;) {
		ssize_t n;

		if (make_room(child, err))
			return give_up(child);
		n = read(child->fd, child->text + child->len, child->room - child->len);
		if (n == 0)
			return finish(child);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			err_set(err, errno, "read the peers");
			return give_up(child);
		}
		if (n < 0 && clock_ms() >= child->until) {
			err_set(err, ETIMEDOUT, "read the peers");
			return give_up(child);
		}
		if (n < 0)
			return 0;
		child->len += n;
	}
}

void child_wait(const struct child *child)
{
	struct pollfd poll_fd = { .fd = child->fd, .events = POLLIN };
	long left = child->until - clock_ms();

	(void)poll(&poll_fd, 1, left > 0 ? (int)left : 0);
}

void child_clear(struct child *child)
{
	give_up(child);
	free(child->text);
	*child = (struct child)CHILD_NONE;
}
