/* wire.c: lines over a socket whose other end is slow, hostile or gone. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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

static char dir[] = "/tmp/test-wire-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[sizeof(dir) + 16];

	(void)state;
	snprintf(path, sizeof(path), "%s/probe.sock", dir);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/file", dir);
	(void)unlink(path);
	return rmdir(dir);
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

static struct endpoint socket_at(const char *name)
{
	struct endpoint at = { 0 };

	snprintf(at.host, sizeof(at.host), "%s/%s", dir, name);
	return at;
}

static void a_unix_socket_is_as_good_as_an_address(void **state)
{
	struct endpoint at = socket_at("probe.sock");
	struct until until = { clock_ns() + NS_S, -1 };
	_autowire_ struct wire to = WIRE_NONE, from = WIRE_NONE;
	_autoclose_ int listener = wire_listen(&at, &err);

	(void)state;
	assert_true(listener >= 0);
	assert_int_equal(wire_connect(&to, &at, MAX, &until, &err), 0);
	assert_int_equal(wire_open(&from, accept(listener, NULL, NULL), MAX, &err), 0);
	assert_int_equal(wire_send(&to, "hi", &until, &err), 0);
	assert_int_equal(wire_line(&from, &until, &line, &len, &err), 1);
	assert_string_equal(line, "hi");
}

static void a_socket_that_nobody_listens_at_any_more_is_replaced(void **state)
{
	struct endpoint at = socket_at("probe.sock");

	(void)state;
	for (int i = 0; i < 2; i++) {
		_autoclose_ int listener = wire_listen(&at, &err);

		assert_true(listener >= 0);
	}
}

static void a_socket_that_somebody_listens_at_is_left_alone(void **state)
{
	struct endpoint at = socket_at("probe.sock");
	struct until until = { clock_ns() + NS_S, -1 };
	_autoclose_ int listener = wire_listen(&at, &err);
	_autowire_ struct wire to = WIRE_NONE;

	(void)state;
	assert_int_equal(wire_listen(&at, &err), -1);
	assert_int_equal(err.no, EADDRINUSE);
	assert_non_null(strstr(err.msg, at.host));
	assert_int_equal(wire_connect(&to, &at, MAX, &until, &err), 0);
	assert_true(listener >= 0);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct endpoint at = socket_at("file");

	(void)state;
	close(open(at.host, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(wire_listen(&at, &err), -1);
	assert_int_equal(access(at.host, F_OK), 0);
}

static void a_path_too_long_for_a_socket_is_told(void **state)
{
	struct endpoint at = { 0 };

	(void)state;
	memset(at.host, '/', 200);
	assert_int_equal(wire_listen(&at, &err), -1);
	assert_int_equal(err.no, ENAMETOOLONG);
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
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
		IN_DIR(a_unix_socket_is_as_good_as_an_address),
		IN_DIR(a_socket_that_nobody_listens_at_any_more_is_replaced),
		IN_DIR(a_socket_that_somebody_listens_at_is_left_alone),
		IN_DIR(a_file_that_is_no_socket_is_left_alone),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
