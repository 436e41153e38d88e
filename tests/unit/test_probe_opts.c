/* opts.c, endpoint.c: the command line. */
#include "tests/test.h"

#include <string.h>

#include "plugins/rdma-probe/opts.h"
#include "plugins/rdma-probe/proto.h"

static struct opts opts;
static struct err err;

#define PARSE(command, ...)                                                              \
	({                                                                               \
		static char *argv_[] = { "x", ##__VA_ARGS__, NULL };                     \
		opts_parse(ARRAY_SIZE(argv_) - 1, argv_, command, &opts, &err);          \
	})

static void ping_has_sound_defaults(void **state)
{
	(void)state;
	assert_int_equal(PARSE(CMD_PING, "node-b"), 0);
	assert_string_equal(opts.peer.host, "node-b");
	assert_string_equal(opts.peer.port, PROTO_PORT);
	assert_string_equal(opts.peer.rail, "");
	assert_int_equal(opts.count, 10);
	assert_int_equal(opts.interval, 1000000);
	assert_int_equal(opts.deadline, 1000000000);
	assert_int_equal(opts.timeout, 14);
	assert_int_equal(opts.retry, 2); /* never 7: that is for ever on Soft-RoCE */
	assert_false(opts.json);
}

static void options_may_stand_anywhere_and_in_any_form(void **state)
{
	(void)state;
	assert_int_equal(PARSE(CMD_PING, "-c", "5", "node-b", "--json", "-i10ms",
			       "--deadline=0.5", "--af", "6", "--rail", "a=net1", "-r",
			       "b=192.168.2.0/24", "--tc", "0x68"),
			 0);
	assert_int_equal(opts.count, 5);
	assert_true(opts.json);
	assert_int_equal(opts.interval, 10000000);
	assert_int_equal(opts.deadline, 500000000);
	assert_int_equal(opts.family, AF_INET6);
	assert_int_equal(opts.nspecs, 2);
	assert_string_equal(opts.specs[1].name, "b");
	assert_int_equal(opts.tc, 104);
}

static void every_command_has_its_own_options(void **state)
{
	(void)state;
	assert_int_equal(PARSE(CMD_MESH, "--peers", "dns:pods", "--wait", "60s",
			       "--serve", "--html", "x.html"),
			 0);
	assert_string_equal(opts.peers, "dns:pods");
	assert_int_equal(opts.wait, 60000000000);
	assert_true(opts.serve);
	assert_int_equal(opts.count, 3);
	assert_int_equal(PARSE(CMD_MESH, "--peers", "f", "--mode", "sample"), 0);
	assert_int_equal(opts.mode, MESH_SAMPLE);
	assert_int_equal(PARSE(CMD_MESH, "--peers", "f", "--mode", "all"), -1);
	assert_string_equal(err.msg, "--mode: \"all\" is no rail|cross|sample");
	assert_int_equal(PARSE(CMD_MESH), -1);
	assert_string_equal(err.msg, "--peers: which peers?");
	assert_int_equal(PARSE(CMD_DIAGNOSE, "b", "--dscp", "26"), 0);
	assert_int_equal(opts.tc, 104);
	assert_int_equal(opts.paths, 8);
	assert_int_equal(PARSE(CMD_DIAGNOSE, "b", "--dscp", "64"), -1);
	assert_int_equal(
		PARSE(CMD_CHECK, "--npd", "--expect", "f", "--exit-style", "nagios"), 0);
	assert_int_equal(opts.style, EXIT_NAGIOS);
	assert_int_equal(PARSE(CMD_CHECK, "--exit-style", "x"), -1);
	assert_string_equal(err.msg, "--exit-style: \"x\" is no npd|nagios");
	assert_int_equal(PARSE(CMD_PING, "b", "--npd"), -1);
	assert_int_equal(PARSE(CMD_BW, "b", "--min", "0.5Gb", "--duration", "100ms"), 0);
	assert_true(opts.min_gbps > 0.49 && opts.min_gbps < 0.51);
	assert_int_equal(opts.count, 1);
	assert_int_equal(PARSE(CMD_BW, "b", "--min", "5Mb"), -1);
	assert_int_equal(PARSE(CMD_BW, "b", "--min", "nan"), -1);
	assert_int_equal(PARSE(CMD_PING, "b", "--fast", "--retry", "3"), 0);
	assert_int_equal(opts.timeout, 12);
	assert_int_equal(opts.retry, 3);
	assert_int_equal(PARSE(CMD_PING, "b", "--ud"), 0);
	assert_true(opts.ud);
	assert_int_equal(PARSE(CMD_COLLECT, "a", "--html", "x", "b"), 0);
	assert_int_equal(opts.nfiles, 2);
	assert_string_equal(opts.files[1], "b");
	assert_int_equal(PARSE(CMD_MONITOR, "--peers", "f", "--metrics", ":1"), 0);
	assert_string_equal(opts.metrics.port, "1");
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	assert_int_equal(PARSE(CMD_PING), -1);
	assert_string_equal(err.msg, "which peer?");
	assert_int_equal(PARSE(CMD_PING, "a", "b"), -1);
	assert_string_equal(err.msg, "b: one argument too many");
	assert_int_equal(PARSE(CMD_DEVICES, "b"), -1);
	assert_string_equal(err.msg, "b: one argument too many");
	assert_int_equal(PARSE(CMD_PING, "a", "--frob"), -1);
	assert_string_equal(err.msg, "--frob: no such option");
	assert_int_equal(PARSE(CMD_PING, "a", "-c"), -1);
	assert_string_equal(err.msg, "-c: a value is missing");
	assert_int_equal(PARSE(CMD_PING, "a", "-c", "many"), -1);
	assert_string_equal(err.msg, "--count: \"many\" is no N");
	assert_int_equal(PARSE(CMD_PING, "a", "--retry", "7"), -1);
	assert_string_equal(err.msg, "--retry: 7 is not between 0 and 6");
	assert_int_equal(PARSE(CMD_PING, "a", "--deadline", "1us"), -1);
	assert_string_equal(err.msg, "--deadline: 1us is not between 0.01 and 60");
	assert_int_equal(PARSE(CMD_PING, "a", "--af", "5"), -1);
	assert_int_equal(PARSE(CMD_PING, "a", "--ud", "--rc"), -1);
	assert_string_equal(err.msg, "--rc, --ud, --cm: one of them");
	assert_int_equal(PARSE(CMD_PING, "a", "--ud", "--sizes"), -1);
	assert_string_equal(err.msg, "--sizes: only with --rc");
	assert_int_equal(PARSE(CMD_MESH, "-p", "f", "--schedule", "--json"), -1);
	assert_int_equal(PARSE(CMD_COLLECT), -1);
	assert_string_equal(err.msg, "which files?");
	assert_int_equal(PARSE(CMD_PING, "a", "--rail", "net1"), -1);
	assert_int_equal(PARSE(CMD_PING, "a", "-r", "x=a", "-r", "x=b"), -1);
	assert_string_equal(err.msg, "--rail: x is named twice");
}

static void an_option_belongs_to_its_commands(void **state)
{
	(void)state;
	assert_int_equal(PARSE(CMD_DEVICES, "--count", "1"), -1);
	assert_int_equal(PARSE(CMD_SERVE, "--all"), -1);
	assert_int_equal(PARSE(CMD_GIDS, "--all"), 0);
	assert_true(opts.all);
	assert_int_equal(PARSE(CMD_SERVE, "--listen", "[::1]:7"), 0);
	assert_string_equal(opts.listen.host, "::1");
	assert_int_equal(PARSE(CMD_SERVE, "-l", ":7"), 0);
	assert_string_equal(opts.listen.host, "");
	assert_string_equal(opts.listen.port, "7");
	assert_int_equal(PARSE(CMD_PING, "--help"), 0); /* without a peer */
	assert_true(opts.help);
}

static void more_rails_than_fit_are_refused(void **state)
{
	char *argv[2 * RAIL_MAX + 4] = { "x" }, names[RAIL_MAX + 1][16];
	int n = 1;

	(void)state;
	for (int i = 0; i <= RAIL_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "r%d=net%d", i, i);
		argv[n++] = "-r";
		argv[n++] = names[i];
	}
	assert_int_equal(opts_parse(n - 2, argv, CMD_GIDS, &opts, &err), 0);
	assert_int_equal(opts_parse(n, argv, CMD_GIDS, &opts, &err), -1);
}

static void durations_have_units_and_seconds_are_meant_without(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = { { "1", 1000000000 },  { "0.2", 200000000 }, { "1.5s", 1500000000 },
		     { "10ms", 10000000 }, { "250us", 250000 },	 { "0", 0 } };
	static const char *const bad[] = { "",
					   "s",
					   "-1",
					   "1h",
					   "1 s",
					   "0x10",
					   "1e3",
					   "nan",
					   "inf",
					   "1ms2",
					   "+1",
					   ".5",
					   "99999999999999999999" };
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(duration_parse(good[i].text, &ns));
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (duration_parse(bad[i], &ns))
			fail_msg("taken for a duration: %s", bad[i]);
}

static void assert_endpoint(const char *text, const char *host, const char *port,
			    const char *rail)
{
	struct endpoint endpoint;

	assert_true(endpoint_parse(text, "1", &endpoint));
	assert_string_equal(endpoint.host, host);
	assert_string_equal(endpoint.port, port);
	assert_string_equal(endpoint.rail, rail);
}

static void a_peer_is_a_host_maybe_a_port_maybe_a_rail(void **state)
{
	(void)state;
	assert_endpoint("node-b", "node-b", "1", "");
	assert_endpoint("node-b:80", "node-b", "80", "");
	assert_endpoint("node-b@net1", "node-b", "1", "net1");
	assert_endpoint("10.0.0.1:65535@net1", "10.0.0.1", "65535", "net1");
	assert_endpoint("2001:db8::1", "2001:db8::1", "1", "");
	assert_endpoint("2001:db8::1@r", "2001:db8::1", "1", "r");
	assert_endpoint("[2001:db8::1]", "2001:db8::1", "1", "");
	assert_endpoint("[2001:db8::1]:80@r", "2001:db8::1", "80", "r");
	assert_endpoint("[fe80::1%eth0]:80", "fe80::1%eth0", "80", "");
	assert_endpoint("/run/a:b.sock", "/run/a:b.sock", "", "");
	assert_endpoint("/run/probe.sock@net1", "/run/probe.sock", "", "net1");
}

static void what_is_no_peer_is_refused(void **state)
{
	static const char *const bad[] = { "node:",	  "node:0",  "node:65536",
					   "node:x",	  "node:+1", "node:080",
					   "node:123456", "[::1",    "[::1]80",
					   "[::1]:",	  "node@",   "[::1]:0@r" };
	struct endpoint endpoint;
	char long_host[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (endpoint_parse(bad[i], "1", &endpoint))
			fail_msg("taken for a peer: %s", bad[i]);
	memset(long_host, 'h', sizeof(long_host) - 1);
	long_host[sizeof(long_host) - 1] = '\0';
	assert_false(endpoint_parse(long_host, "1", &endpoint));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_has_sound_defaults),
		cmocka_unit_test(options_may_stand_anywhere_and_in_any_form),
		cmocka_unit_test(every_command_has_its_own_options),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(an_option_belongs_to_its_commands),
		cmocka_unit_test(more_rails_than_fit_are_refused),
		cmocka_unit_test(durations_have_units_and_seconds_are_meant_without),
		cmocka_unit_test(a_peer_is_a_host_maybe_a_port_maybe_a_rail),
		cmocka_unit_test(what_is_no_peer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
