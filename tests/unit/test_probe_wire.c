/* wire.c: lines over a socket whose other end is slow, hostile or gone. */
#include "tests/test.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "plugins/rdma-probe/wire.h"

#define MAX 32

static struct wire wire;
static int other = -1;
static struct err err;
static const char *line;
static size_t len;

static int open_pair(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	other = fds[1];
	return wire_open(&wire, fds[0], MAX, &err);
}

static int close_pair(void **state)
{
	(void)state;
	wire_close(&wire);
	if (other >= 0)
		close(other);
	return 0;
}

static void say(const char *text)
{
	assert_int_equal(write(other, text, strlen(text)), strlen(text));
}

static int get(int ms)
{
	struct until until = { clock_ns() + ms * NS_MS, -1 };

	return wire_line(&wire, &until, &line, &len, &err);
}

static void lines_come_one_by_one_however_they_were_sent(void **state)
{
	(void)state;
	say("one\ntwo\nth");
	assert_int_equal(get(1000), 1);
	assert_string_equal(line, "one");
	assert_int_equal(get(1000), 1);
	assert_string_equal(line, "two");
	say("ree\n\n");
	assert_int_equal(get(1000), 1);
	assert_string_equal(line, "three");
	assert_int_equal(len, 5);
	assert_int_equal(get(1000), 1);
	assert_string_equal(line, "");
}

static void a_line_without_end_is_refused_at_its_limit(void **state)
{
	char text[MAX + 1];

	(void)state;
	memset(text, 'x', MAX);
	text[MAX] = '\0';
	say(text);
	assert_int_equal(get(1000), -1);
	assert_int_equal(err.no, EMSGSIZE);
}

static void the_longest_line_fits(void **state)
{
	char text[MAX + 1];

	(void)state;
	memset(text, 'x', MAX);
	text[MAX - 1] = '\n';
	text[MAX] = '\0';
	say(text);
	assert_int_equal(get(1000), 1);
	assert_int_equal(len, MAX - 1);
}

static void who_says_half_a_line_and_waits_is_not_waited_for(void **state)
{
	int64_t start = clock_ns();

	(void)state;
	say("half");
	assert_int_equal(get(30), -1);
	assert_int_equal(err.no, ETIMEDOUT);
	assert_true(clock_ns() - start < 500 * NS_MS);
}

static void who_is_gone_is_told_from_who_is_silent(void **state)
{
	(void)state;
	assert_false(wire_is_closed(&wire));
	say("half");
	assert_false(wire_is_closed(&wire));
	close(other);
	other = -1;
	assert_true(wire_is_closed(&wire));
	assert_int_equal(get(1000), 0);
}

static void a_stop_ends_every_wait(void **state)
{
	_autoclose_ int stop = eventfd(1, 0);
	struct until until = { clock_ns() + 10 * NS_S, stop };

	(void)state;
	assert_int_equal(wire_line(&wire, &until, &line, &len, &err), -1);
	assert_int_equal(err.no, ECANCELED);
}

static void who_does_not_read_is_not_waited_for(void **state)
{
	_autofree_ char *big = malloc(1 << 20);
	struct until until = { clock_ns() + 30 * NS_MS, -1 };

	(void)state;
	memset(big, 'x', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	assert_int_equal(wire_send(&wire, big, &until, &err), -1);
	assert_int_equal(err.no, ETIMEDOUT);
}

static void a_line_is_sent_with_its_end(void **state)
{
	struct until until = { clock_ns() + NS_S, -1 };
	char text[16] = "";

	(void)state;
	assert_int_equal(wire_send(&wire, "hi", &until, &err), 0);
	assert_int_equal(read(other, text, sizeof(text)), 3);
	assert_string_equal(text, "hi\n");
}

static void a_refused_connection_names_host_and_port(void **state)
{
	struct endpoint at = { .host = "127.0.0.1", .port = "1" };
	struct until until = { clock_ns() + NS_S, -1 };
	_autowire_ struct wire to = WIRE_NONE;

	(void)state;
	assert_int_equal(wire_connect(&to, &at, MAX, &until, &err), -1);
	assert_string_equal(err.msg, "127.0.0.1 port 1: connect: Connection refused");
	assert_int_equal(err.no, ECONNREFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define PAIRED(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)
		PAIRED(lines_come_one_by_one_however_they_were_sent),
		PAIRED(a_line_without_end_is_refused_at_its_limit),
		PAIRED(the_longest_line_fits),
		PAIRED(who_says_half_a_line_and_waits_is_not_waited_for),
		PAIRED(who_is_gone_is_told_from_who_is_silent),
		PAIRED(a_stop_ends_every_wait),
		PAIRED(who_does_not_read_is_not_waited_for),
		PAIRED(a_line_is_sent_with_its_end),
		cmocka_unit_test(a_refused_connection_names_host_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
