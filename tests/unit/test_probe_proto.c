/* proto.c, rail_json.c: what probes say to each other, and what strangers may say. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/proto.h"
#include "plugins/rdma-probe/rail_json.h"

static struct rails rails;
static struct err err;

static int read_request(const char *line, struct proto_request *ret)
{
	return proto_read_request(line, strlen(line), ret, &err);
}

static void a_request_survives_the_way(void **state)
{
	struct proto_request back, request = {
		.op = PROTO_OPEN_RC,
		.id = 3,
		.rail = "net1",
		.end = { .qpn = 0xabcdef, .psn = 0, .mtu = 4096 },
		.path = { .flow_label = 0xfffff, .tc = 104, .timeout = 14 },
		.budget_ms = 900,
	};
	_autofree_ char *line = NULL;

	(void)state;
	assert_true(gid_parse_unicast("::ffff:10.0.1.2", request.end.gid));
	line = proto_make_request(&request);
	assert_null(strchr(line, '\n'));
	assert_int_equal(read_request(line, &back), 0);
	assert_memory_equal(&back, &request, sizeof(back));
}

static void a_request_for_datagrams_survives_it_too(void **state)
{
	struct proto_request back, request = {
		.op = PROTO_OPEN_UD,
		.rail = "net1",
		.prober = { .token = 0xffffffff,
			    .end = { .qpn = 19, .qkey = 0x7fffffff },
			    .tc = 104 },
		.budget_ms = 900,
	};
	struct proto_request count = { .op = PROTO_COUNT_UD,
				       .rail = "net1",
				       .prober = { .token = 77 } };
	_autofree_ char *first = NULL, *second = proto_make_request(&count);

	(void)state;
	assert_true(gid_parse_unicast("::ffff:10.0.1.2", request.prober.end.gid));
	first = proto_make_request(&request);
	assert_int_equal(read_request(first, &back), 0);
	assert_memory_equal(&back, &request, sizeof(back));
	assert_int_equal(read_request(second, &back), 0);
	assert_memory_equal(&back, &count, sizeof(back));
}

static void answers_about_datagrams_survive_it(void **state)
{
	struct ud_end back, end = { .qpn = 20, .qkey = 6 };
	struct fault why;
	uint32_t arrived = 0;
	_autofree_ char *first = NULL, *second = proto_make_counted(4000000000U);

	(void)state;
	assert_true(gid_parse_unicast("::ffff:10.0.1.3", end.gid));
	first = proto_make_opened_ud(&end);
	assert_int_equal(proto_read_opened_ud(first, strlen(first), &back, &why, &err),
			 1);
	assert_memory_equal(&back, &end, sizeof(back));
	assert_int_equal(proto_read_counted(second, strlen(second), &arrived, &err), 0);
	assert_int_equal(arrived, 4000000000U);
}

static void a_question_about_a_path_survives_the_way(void **state)
{
	struct proto_request back, request = { .op = PROTO_PATH_TO };
	_autofree_ char *line = NULL;

	(void)state;
	assert_true(gid_parse_unicast("::ffff:10.0.1.3", request.gid));
	line = proto_make_request(&request);
	assert_int_equal(read_request(line, &back), 0);
	assert_memory_equal(&back, &request, sizeof(back));
	assert_int_equal(read_request("{\"op\":\"path_to\",\"gid\":\"::\"}", &back), -1);
	assert_int_equal(read_request("{\"op\":\"path_to\"}", &back), -1);
}

static int read_path(const char *line, struct proto_path *ret)
{
	return proto_read_path(line, strlen(line), ret, &err);
}

static void what_is_known_of_a_path_survives_it(void **state)
{
	static const struct proto_path paths[] = { { VERDICT_OK, 120 },
						   { VERDICT_FAIL, 0 },
						   { VERDICT_UNKNOWN, 0 } };
	struct proto_path back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_autofree_ char *line = proto_make_path(&paths[i]);

		assert_int_equal(read_path(line, &back), 0);
		assert_int_equal(back.verdict, paths[i].verdict);
		assert_int_equal(back.heard_ms, paths[i].heard_ms);
	}
	assert_int_equal(read_path("{\"op\":\"path\",\"state\":\"well\"}", &back), -1);
	assert_int_equal(read_path("{\"op\":\"path\",\"state\":\"up\"}", &back), -1);
	assert_int_equal(
		read_path("{\"op\":\"path\",\"state\":\"up\",\"heard_ms\":-1}", &back),
		-1);
	/* Of one that is older than the question. */
	assert_int_equal(
		read_path("{\"op\":\"error\",\"text\":\"op: path_to is no request\"}",
			  &back),
		-1);
}

static void an_end_with_room_tells_where_it_is(void **state)
{
	struct rc_end back, end = { .qpn = 20,
				    .psn = 6,
				    .mtu = 1024,
				    .room = 4096,
				    .addr = 0x7ffff7dd1000,
				    .rkey = 0xffffffff };
	struct fault why;
	_autofree_ char *line = NULL;

	(void)state;
	assert_true(gid_parse_unicast("::ffff:10.0.1.3", end.gid));
	line = proto_make_opened(1, &end);
	assert_int_equal(proto_read_opened(line, strlen(line), &back, &why, &err), 1);
	assert_memory_equal(back.gid, end.gid, sizeof(back.gid));
	assert_int_equal(back.qpn, end.qpn);
	assert_int_equal(back.room, end.room);
	assert_int_equal(back.addr, end.addr);
	assert_int_equal(back.rkey, end.rkey);
}

static void hello_and_close_survive_it_too(void **state)
{
	struct proto_request back,
		hello = { .op = PROTO_HELLO, .host = "node-a", .family = AF_INET6 },
		closing = { .op = PROTO_CLOSE_RC, .id = 15 };
	_autofree_ char *first = proto_make_request(&hello),
			*second = proto_make_request(&closing);

	(void)state;
	assert_int_equal(read_request(first, &back), 0);
	assert_memory_equal(&back, &hello, sizeof(back));
	assert_int_equal(read_request(second, &back), 0);
	assert_memory_equal(&back, &closing, sizeof(back));
}

static void unknown_keys_are_for_newer_peers(void **state)
{
	struct proto_request request;

	(void)state;
	assert_int_equal(
		read_request("{\"op\":\"hello\",\"v\":9,\"new\":{\"a\":[1]}}", &request),
		0);
	assert_string_equal(request.host, "?");
	assert_int_equal(read_request("{\"op\":\"hello\",\"host\":\"\"}", &request), 0);
	assert_string_equal(request.host, "?");
}

#define OPEN(rail, gid, qpn, mtu, rest)                                                  \
	"{\"op\":\"open_rc\",\"id\":0,\"rail\":" rail ",\"gid\":" gid ",\"qpn\":" qpn    \
	",\"psn\":1,\"mtu\":" mtu ",\"flow_label\":1,\"tc\":0,\"timeout\":14,"           \
	"\"budget_ms\":900" rest "}"
#define GID "\"::ffff:10.0.1.2\""

/* Each is no request at all, or one with a value that nobody may have. */
static const char *const bad_requests[] = {
	"",
	" ",
	"null",
	"[]",
	"\"hello\"",
	"{",
	"{}",
	"GET / HTTP/1.1",
	"{\"op\":7}",
	"{\"op\":\"shutdown\"}",
	"{\"op\":\"hello\"} {\"op\":\"hello\"}",
	"{\"op\":\"hello\",\"op\":\"close_rc\"}",
	"{\"op\":\"hello\",\"host\":7}",
	"{\"op\":\"hello\",\"af\":5}",
	"{\"op\":\"hello\",\"af\":\"4\"}",
	"{\"op\":\"hello\",\"host\":\"\\u0000\"}",
	"{\"op\":\"close_rc\"}",
	"{\"op\":\"close_rc\",\"id\":-1}",
	"{\"op\":\"close_rc\",\"id\":16}",
	"{\"op\":\"close_rc\",\"id\":1e99}",
	"{\"op\":\"close_rc\",\"id\":0.5}",
	"{\"op\":\"close_rc\",\"id\":\"0\"}",
	"{\"op\":\"open_rc\",\"id\":0}",
	"{\"op\":\"open_ud\",\"rail\":\"a\",\"token\":1}",
	"{\"op\":\"open_ud\",\"rail\":\"a\",\"token\":1,\"gid\":\"::ffff:10.0.1."
	"2\","
	"\"qpn\":3,\"qkey\":2147483648,\"tc\":0,\"budget_ms\":1}",
	"{\"op\":\"count_ud\",\"rail\":\"a\"}",
	OPEN("7", GID, "17", "1024", ""),
	OPEN("\"net1\"", "7", "17", "1024", ""),
	OPEN("\"net1\"", "\"\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"10.0.1.2\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"::\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"::1\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"ff02::1\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"::ffff:127.0.0.1\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"::ffff:224.0.0.1\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"::ffff:255.255.255.255\"", "17", "1024", ""),
	OPEN("\"net1\"", "\"::ffff:0.0.0.0\"", "17", "1024", ""),
	OPEN("\"net1\"", GID, "0", "1024", ""),
	OPEN("\"net1\"", GID, "1", "1024", ""),
	OPEN("\"net1\"", GID, "16777216", "1024", ""),
	OPEN("\"net1\"", GID, "17", "1023", ""),
	OPEN("\"net1\"", GID, "17", "1500", ""),
	OPEN("\"net1\"", GID, "17", "128", ""),
	OPEN("\"net1\"", GID, "17", "8192", ""),
	OPEN("\"net1\"", GID, "17", "1024", ",\"tc\":0"),
};

static void what_strangers_say_is_refused(void **state)
{
	struct proto_request request;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_requests); i++) {
		err.msg[0] = '\0';
		if (read_request(bad_requests[i], &request) != -1)
			fail_msg("taken for a request: %s", bad_requests[i]);
		assert_true(*err.msg);
	}
	assert_int_equal(read_request(OPEN("\"net1\"", GID, "17", "1024", ""), &request),
			 0);
}

static void deep_nesting_does_not_exhaust_the_stack(void **state)
{
	char line[PROTO_REQUEST_MAX];
	struct proto_request request;

	(void)state;
	memset(line, '[', sizeof(line));
	assert_int_equal(proto_read_request(line, sizeof(line), &request, &err), -1);
	memcpy(line, "{\"x\":", 5);
	assert_int_equal(proto_read_request(line, sizeof(line), &request, &err), -1);
}

static void every_cut_of_a_request_is_refused(void **state)
{
	static const char line[] = OPEN("\"net1\"", GID, "17", "1024", "");
	struct proto_request request;

	(void)state;
	for (size_t len = 0; len + 1 < sizeof(line); len++) {
		/* Exactly as long, so that a sanitizer sees a byte too many. */
		char *cut = malloc(len + 1);

		memcpy(cut, line, len);
		cut[len] = '\0';
		assert_int_equal(proto_read_request(cut, len, &request, &err), -1);
		free(cut);
	}
}

static void a_name_cannot_drive_the_terminal(void **state)
{
	struct proto_request request;

	(void)state;
	assert_int_equal(
		read_request("{\"op\":\"hello\",\"host\":\"a\\u001b[2J\\nb\xc3\xa9\"}",
			     &request),
		0);
	assert_string_equal(request.host, "a?[2J?b??");
}

static void long_names_are_cut(void **state)
{
	char line[512], host[300];
	struct proto_request request;

	(void)state;
	memset(host, 'h', sizeof(host));
	snprintf(line, sizeof(line), "{\"op\":\"hello\",\"host\":\"%.*s\"}",
		 (int)sizeof(host), host);
	assert_int_equal(read_request(line, &request), 0);
	assert_int_equal(strlen(request.host), PROTO_HOST_LEN - 1);
}

static void a_rail(struct rail *rail)
{
	*rail = (struct rail){ .name = "net1",
			       .netdev = "net1",
			       .mac = "02:00:00:00:01:02",
			       .ifindex = 3,
			       .dev = "mlx5_4",
			       .uverbs = "/dev/infiniband/uverbs4",
			       .port = 1,
			       .gid_index = 5,
			       .netdev_mtu = 9000,
			       .active_mtu = 4096,
			       .state = 4,
			       .gbps = 200,
			       .numa = 1 };
	assert_true(cidr_parse("10.0.1.2/24", &rail->ip));
	gid_from_ip(&rail->ip.ip, rail->gid);
}

static void rails_survive_the_way_with_their_faults(void **state)
{
	static struct rails back;
	char host[PROTO_HOST_LEN];
	_autofree_ char *line = NULL;

	(void)state;
	rails.n = 2;
	a_rail(&rails.v[0]);
	a_rail(&rails.v[1]);
	rails.v[1].gid_index = -1;
	fault_set(&rails.v[1].fault, REASON_PORT_DOWN, ENETDOWN, "port 1 of mlx5_4");
	line = proto_make_hello("node-b", &rails);
	assert_int_equal(proto_read_hello(line, strlen(line), host, &back, &err), 0);
	assert_string_equal(host, "node-b");
	assert_int_equal(back.n, 2);
	assert_string_equal(back.v[0].name, "net1");
	assert_string_equal(back.v[0].mac, "02:00:00:00:01:02");
	assert_memory_equal(back.v[0].gid, rails.v[0].gid, 16);
	assert_true(cidr_equal(&back.v[0].ip, &rails.v[0].ip));
	assert_int_equal(back.v[0].gid_index, 5);
	assert_int_equal(back.v[0].active_mtu, 4096);
	assert_int_equal(back.v[0].state, 4);
	assert_false(rail_usable(&back.v[1]));
	assert_int_equal(back.v[1].fault.reason, REASON_PORT_DOWN);
	assert_int_equal(back.v[1].fault.no, ENETDOWN);
	assert_int_equal(back.v[1].fault.notes, 1);
}

static void the_longest_hello_fits_into_an_answer(void **state)
{
	static struct rails back;
	char host[PROTO_HOST_LEN], note[300];
	_autofree_ char *line = NULL;

	(void)state;
	memset(note, '"', sizeof(note) - 1); /* escaped, so twice as long */
	note[sizeof(note) - 1] = '\0';
	rails.n = RAIL_MAX;
	for (int i = 0; i < RAIL_MAX; i++) {
		a_rail(&rails.v[i]);
		rails.v[i].gid_index = -1;
		fault_set(&rails.v[i].fault, REASON_PORT_DOWN, 0, "%s", note);
		for (int k = 0; k < FAULT_NOTES; k++)
			fault_note(&rails.v[i].fault, "%s", note);
		fault_fix(&rails.v[i].fault, "%s", note);
	}
	line = proto_make_hello("node-b", &rails);
	assert_true(strlen(line) < PROTO_ANSWER_MAX);
	assert_int_equal(proto_read_hello(line, strlen(line), host, &back, &err), 0);
	assert_int_equal(back.n, RAIL_MAX);
}

#define RAIL(fields) "{\"op\":\"hello\",\"rails\":[{" fields "}]}"

static void a_lying_peer_is_refused(void **state)
{
	static const char *const hostile[] = {
		"{\"op\":\"hello\"}",
		"{\"op\":\"opened\"}",
		"{\"op\":\"hello\",\"rails\":7}",
		"{\"op\":\"hello\",\"rails\":[7]}",
		RAIL("\"ip\":\"ff02::1/64\",\"gid\":\"ff02::1\",\"gid_index\":1"),
		RAIL("\"ip\":\"fd00::1/64\",\"gid\":\"fd00::1\",\"gid_index\":256"),
		RAIL("\"ip\":\"fd00::2/64\",\"gid\":\"fd00::1\",\"gid_index\":1"),
		RAIL("\"gid\":\"fd00::1\",\"gid_index\":1"),
		RAIL("\"gid\":7"),
		RAIL("\"ip\":\"1.2.3.4\""),
		RAIL("\"ip\":7"),
		RAIL("\"mac\":7"),
		RAIL("\"active_mtu\":9000"),
		RAIL("\"evidence\":7"),
		RAIL("\"evidence\":[7]"),
	};
	char host[PROTO_HOST_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		if (proto_read_hello(hostile[i], strlen(hostile[i]), host, &rails,
				     &err) != -1)
			fail_msg("taken for an answer: %s", hostile[i]);
}

static void more_rails_than_there_can_be_are_refused(void **state)
{
	char line[1024], host[PROTO_HOST_LEN];
	int n = snprintf(line, sizeof(line), "{\"op\":\"hello\",\"rails\":[{}");

	(void)state;
	for (int i = 1; i < RAIL_MAX; i++)
		n += snprintf(line + n, sizeof(line) - n, ",{}");
	snprintf(line + n, sizeof(line) - n, "]}");
	assert_int_equal(proto_read_hello(line, strlen(line), host, &rails, &err), 0);
	snprintf(line + n, sizeof(line) - n, ",{}]}");
	assert_int_equal(proto_read_hello(line, strlen(line), host, &rails, &err), -1);
}

static void opened_refused_and_error_are_told_apart(void **state)
{
	struct fault why, refusal;
	struct rc_end end = { .qpn = 18, .psn = 7, .mtu = 1024 }, back;
	_autofree_ char *opened = NULL, *refused = NULL, *error = NULL;

	(void)state;
	assert_true(gid_parse_unicast("2001:db8::1", end.gid));
	opened = proto_make_opened(0, &end);
	assert_int_equal(proto_read_opened(opened, strlen(opened), &back, &why, &err), 1);
	assert_memory_equal(back.gid, end.gid, sizeof(back.gid));
	assert_int_equal(back.qpn, 18);
	assert_int_equal(back.psn, 7);
	assert_int_equal(back.mtu, 1024);

	fault_set(&refusal, REASON_NEIGH_FAILED, 0, "no ARP");
	refused = proto_make_refused(0, &refusal);
	assert_int_equal(proto_read_opened(refused, strlen(refused), &back, &why, &err),
			 0);
	assert_int_equal(why.reason, REASON_NEIGH_FAILED);
	assert_string_equal(why.note[0], "no ARP");

	error = proto_make_error("too many clients");
	assert_int_equal(proto_read_opened(error, strlen(error), &back, &why, &err), -1);
	assert_string_equal(err.msg, "the peer says: too many clients");
}

static void a_reason_we_do_not_know_keeps_its_evidence(void **state)
{
	static const char line[] = "{\"op\":\"refused\",\"id\":0,\"reason\":\"gremlins\","
				   "\"evidence\":[\"they bite\"]}";
	struct rc_end end;
	struct fault why;

	(void)state;
	assert_int_equal(proto_read_opened(line, sizeof(line) - 1, &end, &why, &err), 0);
	assert_int_equal(why.reason, REASON_NONE);
	assert_string_equal(why.note[0], "they bite");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_survives_the_way),
		cmocka_unit_test(a_request_for_datagrams_survives_it_too),
		cmocka_unit_test(answers_about_datagrams_survive_it),
		cmocka_unit_test(a_question_about_a_path_survives_the_way),
		cmocka_unit_test(what_is_known_of_a_path_survives_it),
		cmocka_unit_test(an_end_with_room_tells_where_it_is),
		cmocka_unit_test(hello_and_close_survive_it_too),
		cmocka_unit_test(unknown_keys_are_for_newer_peers),
		cmocka_unit_test(what_strangers_say_is_refused),
		cmocka_unit_test(deep_nesting_does_not_exhaust_the_stack),
		cmocka_unit_test(every_cut_of_a_request_is_refused),
		cmocka_unit_test(a_name_cannot_drive_the_terminal),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(rails_survive_the_way_with_their_faults),
		cmocka_unit_test(the_longest_hello_fits_into_an_answer),
		cmocka_unit_test(a_lying_peer_is_refused),
		cmocka_unit_test(more_rails_than_there_can_be_are_refused),
		cmocka_unit_test(opened_refused_and_error_are_told_apart),
		cmocka_unit_test(a_reason_we_do_not_know_keeps_its_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
