/* cm_serve.c: whoever listens by rdma_cm may be killed, and is begun again. */
#include "tests/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/cm_child.h"
#include "plugins/rdma-probe/cm_serve.h"

#define KILLED 2 /* of those that are begun, the first ones */

static _Atomic int *begun; /* shared with them */

/* Says that it listens, and nothing else: not every machine has rdma_cm. */
_Noreturn void __wrap_cm_child_keep(int fd, int port, pid_t parent)
{
	struct cm_event event = { .child = getpid(), .what = CM_LISTENS };

	(void)port;
	(void)parent;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(20);
	(void)send(fd, &event, sizeof(event), 0);
	if (++*begun <= KILLED)
		(void)raise(SIGKILL);
	for (;;)
		pause();
}

static int count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Until it says so for the n-th time, or not within ten seconds. */
static const char *told(int fd, const char *what, int n)
{
	int64_t deadline = clock_ns() + 10 * NS_S;
	static char text[4096];

	do {
		ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

		text[len < 0 ? 0 : len] = '\0';
		sleep_ms(20);
	} while (count(text, what) < n && clock_ns() < deadline);
	return text;
}

static void who_is_killed_is_begun_again_after_a_second_and_both_is_told(void **state)
{
	static struct opts opts = { .listen.port = "24890" };
	static struct server server = { .opts = &opts };
	int fd = memfd_create("told", 0), saved = dup(STDERR_FILENO), r;
	int64_t start = clock_ns();
	const char *text;
	struct err err;

	(void)state;
	server.stop = eventfd(0, EFD_NONBLOCK);
	dup2(fd, STDERR_FILENO);
	r = cm_serve_start(&server, &err);
	text = told(fd, "listening again", KILLED);
	dup2(saved, STDERR_FILENO);
	eventfd_write(server.stop, 1);
	assert_int_equal(r, 0);
	assert_int_equal(count(text, "is gone; trying again\n"), KILLED);
	assert_int_equal(count(text, "listening again\n"), KILLED);
	assert_int_equal(*begun, KILLED + 1);
	assert_true(clock_ns() - start >= KILLED * NS_S);
	close(saved);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			who_is_killed_is_begun_again_after_a_second_and_both_is_told),
	};

	begun = mmap(NULL, sizeof(*begun), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
