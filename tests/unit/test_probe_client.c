/* client.c: what serve answers to clients, kind and hostile ones; no device is needed. */
#include "tests/test.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "plugins/rdma-probe/client.h"
#include "pkg/clock.h"

static struct opts opts;
static struct server server = { .opts = &opts, .host = "node-b" };
static int other;
static pthread_t thread;

/* The rails, without looking at the machine. */
int __wrap_local_scan(struct local *ret, bool all, struct err *err)
{
	(void)all;
	(void)err;
	*ret = (struct local){ 0 };
	return 0;
}

static void *serve(void *arg)
{
	client_serve(&server, *(int *)arg);
	return NULL;
}

static int begin(void **state)
{
	static int fds[2];

	(void)state;
	pthread_mutex_init(&server.lock, NULL);
	server.stop = eventfd(0, EFD_NONBLOCK);
	server.opened = server.refused = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	other = fds[1];
	return pthread_create(&thread, NULL, serve, &fds[0]);
}

static int end(void **state)
{
	(void)state;
	close(other);
	close(server.stop);
	return pthread_join(thread, NULL);
}

static void say(const char *text)
{
	assert_int_equal(write(other, text, strlen(text)), strlen(text));
}

/* What is said next, or "" when the connection was closed. */
static const char *hear(void)
{
	static char text[8192];
	struct pollfd fd = { .fd = other, .events = POLLIN };
	ssize_t n;

	assert_int_equal(poll(&fd, 1, 5000), 1);
	n = read(other, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void assert_heard(const char *start)
{
	const char *text = hear();

	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("%s instead of %s", text, start);
}

#define OPEN                                                                             \
	"{\"op\":\"open_rc\",\"id\":0,\"rail\":\"net1\",\"gid\":\"::ffff:10.0.1.2\","    \
	"\"qpn\":17,\"psn\":1,\"mtu\":1024,\"flow_label\":1,\"tc\":0,\"timeout\":14,"    \
	"\"budget_ms\":100}\n"

static void hello_is_answered_with_the_rails(void **state)
{
	(void)state;
	say("{\"op\":\"hello\",\"v\":1,\"host\":\"node-a\"}\n");
	assert_heard("{\"op\":\"hello\",\"v\":1,\"tool\":\"" VERSION
		     "\",\"host\":\"node-b\",\"rails\":[]}\n");
}

static void a_rail_that_is_not_there_is_refused_with_the_reason(void **state)
{
	(void)state;
	say(OPEN);
	assert_heard("{\"op\":\"refused\",\"id\":0,\"reason\":\"no_rocev2_gid\"");
	say(OPEN); /* and asking again is allowed */
	assert_heard("{\"op\":\"refused\"");
	assert_int_equal(server.refused, 2);
	assert_int_equal(server.opened, 0);
}

#define PATH_TO "{\"op\":\"path_to\",\"gid\":\"::ffff:10.0.1.3\"}\n"

static void who_does_not_probe_knows_no_path(void **state)
{
	(void)state;
	say(PATH_TO);
	assert_heard("{\"op\":\"path\",\"state\":\"unknown\"");
}

static void is_well(void *arg, const uint8_t gid[16], struct proto_path *ret)
{
	(void)arg;
	*ret = (struct proto_path){ gid[15] == 3 ? VERDICT_OK : VERDICT_FAIL, 250 };
}

static void who_probes_tells_of_a_path(void **state)
{
	(void)state;
	server.path_to = is_well;
	say(PATH_TO);
	assert_heard("{\"op\":\"path\",\"state\":\"up\",\"heard_ms\":250}\n");
	say("{\"op\":\"path_to\",\"gid\":\"::ffff:10.0.1.4\"}\n");
	assert_heard("{\"op\":\"path\",\"state\":\"down\",\"heard_ms\":null}\n");
	server.path_to = NULL;
}

static void closing_what_was_never_opened_does_no_harm(void **state)
{
	(void)state;
	say("{\"op\":\"close_rc\",\"id\":15}\n");
	assert_heard("{\"op\":\"closed\",\"id\":15}\n");
}

static void requests_may_come_in_one_piece_or_many(void **state)
{
	(void)state;
	say("{\"op\":\"clo");
	say("se_rc\",\"id\":1}\n{\"op\":\"close_rc\",\"id\":2}\n");
	assert_heard("{\"op\":\"closed\",\"id\":1}\n");
}

static void nonsense_is_answered_and_ends_the_connection(void **state)
{
	(void)state;
	say("GET / HTTP/1.1\r\n");
	assert_heard("{\"op\":\"error\",\"text\":\"invalid JSON");
	assert_string_equal(hear(), "");
}

static void a_line_too_long_ends_the_connection(void **state)
{
	char text[PROTO_REQUEST_MAX + 1];

	(void)state;
	memset(text, '{', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say(text);
	assert_string_equal(hear(), "");
}

static void a_client_that_dies_in_the_middle_of_a_line_is_gone(void **state)
{
	(void)state;
	say("{\"op\":\"hel");
	shutdown(other, SHUT_WR);
	assert_string_equal(hear(), "");
}

static void a_server_that_ends_lets_go_of_its_clients(void **state)
{
	(void)state;
	say("{\"op\":\"close_rc\",\"id\":1}\n");
	assert_heard("{\"op\":\"closed\"");
	eventfd_write(server.stop, 1);
	assert_string_equal(hear(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CLIENT(test) cmocka_unit_test_setup_teardown(test, begin, end)
		CLIENT(hello_is_answered_with_the_rails),
		CLIENT(a_rail_that_is_not_there_is_refused_with_the_reason),
		CLIENT(who_does_not_probe_knows_no_path),
		CLIENT(who_probes_tells_of_a_path),
		CLIENT(closing_what_was_never_opened_does_no_harm),
		CLIENT(requests_may_come_in_one_piece_or_many),
		CLIENT(nonsense_is_answered_and_ends_the_connection),
		CLIENT(a_line_too_long_ends_the_connection),
		CLIENT(a_client_that_dies_in_the_middle_of_a_line_is_gone),
		CLIENT(a_server_that_ends_lets_go_of_its_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
