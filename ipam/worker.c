/* worker.c - work on a store in a child process, and wait for it so long and no longer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "pkg/cni.h"
#include "pkg/confine.h"
#include "pkg/ipam_exec.h"
#include "ipam/worker.h"

static bool keeps_for_caller;

void worker_init(void)
{
	keeps_for_caller = fcntl(IPAM_KEEPS, F_GETFD) >= 0;
}

/* A caller that reads our standard output to its end, or waits for the lock that it
 * had us keep, must not wait for the child. */
static void close_inherited(void)
{
	if (close_range(0, 2, 0))
		for (int fd = 0; fd <= 2; fd++)
			(void)close(fd);
	if (keeps_for_caller)
		(void)close(IPAM_KEEPS);
}

/* A store may belong to a user, or be a directory with the sticky bit. */
#define CAPS_NEEDED (UINT64_C(1) << CAP_DAC_OVERRIDE | UINT64_C(1) << CAP_FOWNER)

void worker_confine(void)
{
	confine_caps(CAPS_NEEDED);
	confine_calls(CONFINE_ALL);
}

static _Noreturn void child(void (*work)(struct worker *, void *), void *arg,
			    struct worker *worker)
{
	close_inherited();
	worker_confine();
	work(worker, arg);
	_exit(0);
}

static bool is_address(const struct cidr *address)
{
	int family = address->ip.family;

	return (family == AF_INET || family == AF_INET6) && address->prefix >= 0 &&
	       address->prefix <= ip_bits(family);
}

static bool is_gateway(const struct ip *gateway, const struct cidr *address)
{
	return gateway->family == AF_UNSPEC || gateway->family == address->ip.family;
}

/* The child has read what others wrote. Should that have taken it over, we are not next.
 */
static bool is_sound(struct answer *answer)
{
	answer->err.msg[sizeof(answer->err.msg) - 1] = '\0';
	answer->err.hint[sizeof(answer->err.hint) - 1] = '\0';
	answer->note[sizeof(answer->note) - 1] = '\0';
	if (answer->n_given < 0 || answer->n_given > ANSWER_MAX)
		return false;
	for (int i = 0; i < answer->n_given; i++)
		if (!is_address(&answer->given[i].address) ||
		    !is_gateway(&answer->given[i].gateway, &answer->given[i].address))
			return false;
	return true;
}

static bool receive(int fd, struct answer *ret, int flags)
{
	return recv(fd, ret, sizeof(*ret), flags) == (ssize_t)sizeof(*ret) &&
	       is_sound(ret);
}

/* Wait for the answer, at most ms: 1, 0 when the child ended without one, or -1. */
static int await(int fd, long ms, struct answer *ret)
{
	struct pollfd answer = { .fd = fd, .events = POLLIN };
	long until = clock_ms() + ms;
	int n;

	do {
		long left = until - clock_ms();

		n = poll(&answer, 1, left > 0 ? left : 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return receive(fd, ret, 0);
	/*
	 * From here on the child's answer fails to be sent, and it gives back what it
	 * took. What it sent in the last moment counts.
	 */
	(void)shutdown(fd, SHUT_RD);
	return receive(fd, ret, MSG_DONTWAIT) ? 1 : -1;
}

/* The child died before it could tell anything. */
static int died(int status, struct err *err)
{
	if (WIFSIGNALED(status))
		err_set(err, 0, "the process that works on the store was killed: %s",
			strsignal(WTERMSIG(status)));
	else
		err_set(err, 0, "the process that works on the store ended early (%d)",
			WEXITSTATUS(status));
	return err_code(err, CNI_TRY_LATER);
}

int worker_run(void (*work)(struct worker *, void *), void *arg, long ms,
	       struct answer *ret, struct err *err)
{
	struct worker worker = { .until = clock_ms() + ms };
	_autoclose_ int ours = -1;
	int fds[2], r, status = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return err_set(err, errno, "make a socket pair");
	ours = fds[0];
	worker.fd = fds[1];
	pid = fork();
	if (pid == 0) {
		close(ours);
		child(work, arg, &worker);
	}
	close(worker.fd);
	if (pid < 0)
		return err_set(err, errno, "start a process to work on the store");

	r = await(ours, ms, ret);
	if (r < 0) {
		err_set(err, ETIMEDOUT, "no answer within %ld s", ms / 1000);
		return err_code(err, CNI_TRY_LATER);
	}
	(void)waitpid(pid, &status, 0); /* it is about to end, or has */
	return r ? 0 : died(status, err);
}

bool worker_answer(struct worker *worker, const struct answer *answer)
{
	return send(worker->fd, answer, sizeof(*answer), MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(*answer);
}

bool worker_awaited(struct worker *worker, int ms)
{
	/* Told of when the other end closes or will read no more. */
	struct pollfd parent = { .fd = worker->fd, .events = POLLRDHUP };

	return poll(&parent, 1, ms) == 0 && clock_ms() < worker->until;
}
