/* guard.c - run an operator's command in a child, and leave when a store does not answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "pkg/file.h"
#include "ipam/guard.h"
#include "ipam/worker.h"

#define TICK 100 /* ms between two looks at the board */

/* What the child tells its parent without a word. */
struct board {
	atomic_uint steps; /* that the store has answered */
	atomic_bool asking;
	char store[PATH_MAX];
};
static struct board *board;

void guard_asks(const char *store)
{
	if (!board)
		return;
	snprintf(board->store, sizeof(board->store), "%s", store);
	board->steps++;
	board->asking = true;
}

void guard_answered(void)
{
	if (board)
		board->steps++;
}

void guard_done(void)
{
	if (board)
		board->asking = false;
}

/* One stream of the child, on its way through us. */
struct stream {
	int to;	  /* 1 or 2 */
	int from; /* our end of the pipe; -1: the child has a terminal, or has ended */
	int no;	  /* why it could not be handed on, or 0 */
};

enum { OUT, ERR, LIFE, STREAMS };

struct guard {
	struct stream streams[STREAMS]; /* LIFE carries nothing: it ends with the child */
	int theirs[STREAMS];
	pid_t pid;
	unsigned int steps;
	long since; /* clock_ms() of the last step */
};

static void close_all(struct guard *guard)
{
	for (int i = 0; i < STREAMS; i++) {
		closep(&guard->streams[i].from);
		closep(&guard->theirs[i]);
	}
}

/* A closed one would be given to a pipe of ours; to this one nothing can be written. */
static void fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= 2);
	closep(&fd);
}

static int open_streams(struct guard *guard, struct err *err)
{
	for (int i = 0; i < STREAMS; i++) {
		int fds[2] = { -1, -1 };

		guard->streams[i].to = i + 1;
		if ((i == LIFE || !isatty(i + 1)) && pipe2(fds, O_CLOEXEC))
			return err_set(err, errno, "make a pipe");
		guard->streams[i].from = fds[0];
		guard->theirs[i] = fds[1];
	}
	return 0;
}

static _Noreturn void child(struct guard *guard, int (*run)(void *), void *arg)
{
	/* Nobody reads what it says any more, then. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int i = 0; i < STREAMS; i++) {
		closep(&guard->streams[i].from);
		if (i != LIFE && guard->theirs[i] >= 0)
			(void)dup2(guard->theirs[i], i + 1);
	}
	worker_confine();
	exit(run(arg));
}

/* What cannot be handed on is dropped: the command goes on to its end all the same. */
static void hand_on(struct stream *stream)
{
	char buf[65536];
	ssize_t n = read(stream->from, buf, sizeof(buf));

	if (n <= 0)
		closep(&stream->from);
	else if (!stream->no && write_all(stream->to, buf, n))
		stream->no = errno;
}

static bool is_open(const struct guard *guard)
{
	for (int i = 0; i < STREAMS; i++)
		if (guard->streams[i].from >= 0)
			return true;
	return false;
}

static bool is_stuck(struct guard *guard, long ms)
{
	unsigned int steps = board->steps;

	if (steps != guard->steps || !board->asking) {
		guard->steps = steps;
		guard->since = clock_ms();
	}
	return clock_ms() - guard->since >= ms;
}

/* Until it has ended: 0; or -1 when it is stuck. */
static int follow(struct guard *guard, long ms)
{
	struct pollfd fds[STREAMS];

	while (is_open(guard)) {
		for (int i = 0; i < STREAMS; i++)
			fds[i] = (struct pollfd){ .fd = guard->streams[i].from,
						  .events = POLLIN };
		if (poll(fds, STREAMS, TICK) < 0 && errno != EINTR)
			return -1;
		for (int i = 0; i < STREAMS; i++)
			if (fds[i].revents)
				hand_on(&guard->streams[i]);
		if (is_stuck(guard, ms))
			return -1;
	}
	return 0;
}

/* It may take the signal, or never: nobody waits for that. */
static int leave(struct guard *guard, long ms, struct err *err)
{
	(void)kill(guard->pid, SIGKILL);
	err_set(err, 0, "store %s did not answer within %ld s", board->store, ms / 1000);
	return err_hint(err,
			"what is told above was done, the rest was not; is the share "
			"alive? try: stat %s/store.json; slow is --deadline SECONDS",
			board->store);
}

static int status_of(const struct guard *guard)
{
	int status;

	while (waitpid(guard->pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFSIGNALED(status))
		fprintf(stderr, "rail-ipam: ended by signal: %s\n",
			strsignal(WTERMSIG(status)));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int finish(const struct guard *guard)
{
	int status = status_of(guard), no = guard->streams[OUT].no;

	if (!no)
		return status;
	fprintf(stderr, "rail-ipam: write the output: %s\n", strerror(no));
	return 1;
}

static int start(struct guard *guard, int (*run)(void *), void *arg, struct err *err)
{
	if (open_streams(guard, err))
		return -1;
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		board = NULL;
		return err_set(err, errno, "share memory with a child");
	}
	(void)fflush(stdout);
	guard->pid = fork();
	if (guard->pid < 0)
		return err_set(err, errno, "start a process");
	if (guard->pid == 0)
		child(guard, run, arg);
	for (int i = 0; i < STREAMS; i++)
		closep(&guard->theirs[i]);
	return 0;
}

int guard_run(int (*run)(void *), void *arg, long ms, struct err *err)
{
	_cleanup_(close_all) struct guard guard = { .since = clock_ms() };

	for (int i = 0; i < STREAMS; i++)
		guard.streams[i].from = guard.theirs[i] = -1;
	fill_standard();
	if (start(&guard, run, arg, err))
		return -1;
	return follow(&guard, ms) ? leave(&guard, ms, err) : finish(&guard);
}
