/* window.c, hist.c, http.c, metrics.c: what a monitor counts, and how it tells. */
#include "tests/test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/client.h"
#include "plugins/rdma-probe/http.h"
#include "plugins/rdma-probe/monitor.h"
#include "plugins/rdma-probe/wire.h"

static struct window window;
static struct loss loss;
static uint32_t arrived; /* at the peer */
static struct service service;
static struct opts opts;
static struct monitor monitor;

static int begin(void **state)
{
	(void)state;
	window = (struct window){ 0 };
	arrived = 0;
	memset(&monitor, 0, sizeof(monitor));
	pthread_mutex_init(&monitor.lock, NULL);
	pthread_mutex_init(&service.server.hubs_lock, NULL);
	monitor.service = &service;
	monitor.opts = &opts;
	opts = (struct opts){ .far_peers = 5 };
	return 0;
}

/* Send n probes, of which the first `arrive` arrive and the first `back` come back. */
static void probes(int n, int arrive, int back)
{
	for (int i = 0; i < n; i++) {
		uint32_t sequence = window_send(&window);

		arrived += i < arrive;
		if (i < back)
			window_answer(&window, sequence, arrived);
	}
}

static void a_window_counts_once_the_next_one_is_over(void **state)
{
	(void)state;
	probes(5, 5, 5);
	assert_true(window_close(&window, 3, &loss));
	assert_int_equal(loss.sent, 0); /* nothing was before it */
	probes(5, 5, 5);
	assert_true(window_close(&window, 3, &loss));
	assert_int_equal(loss.sent, 5);
	assert_int_equal(loss.lost, 0);
}

static void an_answer_may_come_in_the_next_window(void **state)
{
	uint32_t sequence;

	(void)state;
	sequence = window_send(&window);
	probes(3, 3, 3);
	window_close(&window, 3, &loss);
	window_answer(&window, sequence, 4);
	probes(3, 3, 3);
	window_close(&window, 3, &loss);
	assert_int_equal(loss.sent, 4);
	assert_int_equal(loss.lost, 0);
}

static void too_few_probes_close_no_window(void **state)
{
	(void)state;
	probes(2, 2, 2);
	assert_false(window_close(&window, 3, &loss));
	probes(1, 1, 1);
	assert_true(window_close(&window, 3, &loss));
}

static void the_way_a_loss_happened_is_told(void **state)
{
	(void)state;
	probes(10, 7, 7);
	probes(3, 3, 3); /* tells that three never arrived */
	window_close(&window, 3, &loss);
	probes(3, 3, 3);
	window_close(&window, 3, &loss);
	assert_int_equal(loss.lost, 3);
	assert_int_equal(loss.there, 3);
}

static void a_loss_on_the_way_back_is_not_one_on_the_way_there(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		uint32_t sequence = window_send(&window);

		if (i % 2)
			window_answer(&window, sequence, (uint32_t)i + 1);
	}
	arrived = 10;
	window_close(&window, 3, &loss);
	probes(3, 3, 3);
	window_close(&window, 3, &loss);
	assert_int_equal(loss.lost, 5);
	assert_int_equal(loss.there, 0);
}

static void silence_does_not_tell_the_way(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		probes(5, 0, 0);
		window_close(&window, 3, &loss);
	}
	assert_int_equal(loss.lost, 5);
	assert_int_equal(loss.there, -1);
}

static void answers_nobody_asked_for_count_for_nothing(void **state)
{
	(void)state;
	probes(5, 5, 4);
	window_answer(&window, 99, 5);
	window_close(&window, 3, &loss);
	probes(5, 5, 0);
	window_close(&window, 3, &loss);
	assert_int_equal(loss.lost, 1);
}

static void doubles_do_not_make_up_for_losses_below_none(void **state)
{
	(void)state;
	probes(5, 5, 5);
	window_answer(&window, 4, 5);
	window_close(&window, 3, &loss);
	probes(5, 5, 0);
	window_close(&window, 3, &loss);
	assert_int_equal(loss.answered, 5);
	assert_int_equal(loss.lost, 0);
}

static void a_loss_on_the_way_there_is_told_once(void **state)
{
	(void)state;
	probes(10, 7, 7);
	probes(3, 3, 3);
	window_close(&window, 3, &loss);
	probes(6, 6, 3); /* three answers get lost on the way back */
	window_close(&window, 3, &loss);
	assert_int_equal(loss.there, 3);
	probes(3, 3, 3);
	window_close(&window, 3, &loss);
	assert_int_equal(loss.lost, 3);
	assert_int_equal(loss.there, 0);
}

static void a_round_trip_falls_into_one_bucket(void **state)
{
	struct hist hist = { 0 };

	(void)state;
	hist_add(&hist, 2 * NS_US);
	hist_add(&hist, 2 * NS_US + 1);
	hist_add(&hist, 3600 * NS_S);
	assert_int_equal(hist.count[0], 1);
	assert_int_equal(hist.count[1], 1);
	assert_int_equal(hist.count[HIST_BUCKETS - 1], 1);
	for (int i = 1; i < HIST_BUCKETS - 1; i++)
		assert_true(hist_bound(i) > hist_bound(i - 1));
}

static void only_a_get_is_a_request(void **state)
{
	char path[16];

	(void)state;
	assert_int_equal(http_parse("GET /metrics HTTP/1.1\r\n", path, sizeof(path)), 0);
	assert_string_equal(path, "/metrics");
	assert_int_equal(http_parse("GET /a?b=c HTTP/1.1\r\n", path, sizeof(path)), 0);
	assert_string_equal(path, "/a");
	assert_int_equal(http_parse("POST / HTTP/1.1\r\n", path, sizeof(path)), -1);
	assert_int_equal(http_parse("GET /x\r\n", path, sizeof(path)), -1);
	assert_int_equal(http_parse("GET /0123456789abcdef HTTP/1.1", path, sizeof(path)),
			 -1);
	assert_int_equal(http_parse("", path, sizeof(path)), -1);
}

static int count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* However many peers fail, the number of series stays what it is. */
static void the_number_of_series_is_bounded(void **state)
{
	static struct target targets[500];
	static char hosts[500][PROTO_HOST_LEN];
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	monitor.targets = targets;
	monitor.ntargets = 500;
	monitor.peer_hosts = hosts;
	(void)monitor_rail(&monitor, "net0", true);
	for (int i = 0; i < 500; i++) {
		targets[i] = (struct target){ .peer = i, .state = TARGET_DOWN };
		snprintf(targets[i].rail, RAIL_NAME_LEN, "net0");
		snprintf(hosts[i], PROTO_HOST_LEN, "node-%d\"}\\", i);
	}
	monitor_metrics(&monitor, out);
	fclose(out);
	assert_int_equal(count(text, "rdma_probe_up{"), MONITOR_TOLD);
	assert_int_equal(count(text, "timestamp_seconds{"), MONITOR_TOLD);
	assert_non_null(
		strstr(text, "rdma_probe_peers{rail=\"net0\",state=\"down\"} 500"));
	assert_non_null(strstr(text, "peer=\"node-0\\\"}\\\\\"")); /* escaped */
	assert_non_null(strstr(text, "le=\"+Inf\"} 0"));
	free(text);
}

/* Between one that loses some paths and a hundred that lose none. */
static void paths_that_are_lost_are_told_first(void **state)
{
	static const struct rail net0 = { .name = "net0" };
	static char hosts[101][PROTO_HOST_LEN];
	struct path path = { .mine = &net0, .labels_ok = 4 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	opts.quiet = true;
	monitor.peer_hosts = hosts;
	(void)monitor_rail(&monitor, "net0", true);
	for (int i = 0; i < 101; i++) {
		snprintf(hosts[i], PROTO_HOST_LEN, "node-%d", i);
		(void)monitor_target(&monitor, i, "net0", true);
		monitor_take_over(&monitor, i, &path, false);
	}
	path = (struct path){ .mine = &net0,
			      .labels_ok = 3,
			      .labels_lost = 1,
			      .result = VERDICT_FAIL,
			      .fault.reason = REASON_ECMP_PARTIAL };
	monitor_take_over(&monitor, 100, &path, false);
	monitor_metrics(&monitor, out);
	fclose(out);
	assert_int_equal(count(text, "rdma_probe_paths_covered{"), MONITOR_TOLD);
	assert_int_equal(count(text, "rdma_probe_paths_failed{"), MONITOR_TOLD);
	assert_non_null(strstr(
		text, "rdma_probe_paths_covered{rail=\"net0\",peer=\"node-100\"} 3\n"));
	assert_non_null(strstr(
		text, "rdma_probe_paths_failed{rail=\"net0\",peer=\"node-100\"} 1\n"));
	assert_non_null(strstr(text, "peer=\"node-0\"} 4\n"));
	assert_non_null(strstr(text, "layer=\"ecmp\",reason=\"ecmp_partial\"} 1\n"));
	free(text);
	free(monitor.targets);
}

/* Prometheus wants the lines of a metric in one place. */
static void the_series_of_a_metric_stand_together(void **state)
{
	static struct target targets[3];
	static char hosts[3][PROTO_HOST_LEN];
	char *text = NULL, *line, *end, last[80] = "", seen[8192] = " ";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	monitor.targets = targets;
	monitor.ntargets = 3;
	monitor.peer_hosts = hosts;
	(void)monitor_rail(&monitor, "net0", true);
	for (int i = 0; i < 3; i++) {
		targets[i] = (struct target){ .peer = i,
					      .state = TARGET_DOWN,
					      .paths_failed = 1 };
		snprintf(targets[i].rail, RAIL_NAME_LEN, "net0");
	}
	monitor_metrics(&monitor, out);
	fclose(out);
	for (line = strtok_r(text, "\n", &end); line; line = strtok_r(NULL, "\n", &end)) {
		char name[80], word[84];

		if (*line == '#')
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, "{ "), line);
		/* A histogram's three are one metric. */
		if (!strncmp(name, "rdma_probe_rtt_seconds", 22) || !strcmp(name, last))
			continue;
		snprintf(word, sizeof(word), " %s ", name);
		assert_null(strstr(seen, word));
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s ", name);
		snprintf(last, sizeof(last), "%s", name);
	}
	free(text);
}

/* What is told on standard output meanwhile. */
static int saved;

static void begin_to_hear(void)
{
	int fd = memfd_create("told", 0);

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

static char *hear(void)
{
	static char text[4096];

	fflush(stdout);
	text[pread(STDOUT_FILENO, text, sizeof(text) - 1, 0)] = '\0';
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return text;
}

/* What monitor tells, a JSON object a line. */
static char *told_of_a_path_lost(int npeers, int nlost)
{
	static const struct rail net0 = { .name = "net0" };
	static char hosts[8][PROTO_HOST_LEN];
	struct path lost = { .mine = &net0, .result = VERDICT_FAIL };
	char *text;

	opts.jsonl = true;
	monitor.peer_hosts = hosts;
	(void)monitor_rail(&monitor, "net0", true);
	for (int i = 0; i < npeers; i++)
		monitor_target(&monitor, i, "net0", true)->state =
			i < nlost ? TARGET_DOWN : TARGET_UP;
	fault_set(&lost.fault, REASON_NEIGH_FAILED, 0, "no answer");
	begin_to_hear();
	monitor_take_over(&monitor, 0, &lost, true);
	text = hear();
	free(monitor.targets);
	monitor.targets = NULL;
	return text;
}

static void who_loses_everybody_is_suspected_and_not_they(void **state)
{
	assert_non_null(strstr(told_of_a_path_lost(4, 4), "suspect this end"));
	begin(state);
	assert_non_null(strstr(told_of_a_path_lost(4, 1),
			       "of 4 peers of net0 1 is lost: suspect the other end"));
	begin(state);
	assert_non_null(strstr(told_of_a_path_lost(4, 2), "suspect the paths"));
}

static void of_two_ends_none_is_suspected(void **state)
{
	char *text = told_of_a_path_lost(2, 2);

	(void)state;
	assert_non_null(strstr(text, "neigh_failed"));
	assert_null(strstr(text, "suspect"));
}

static struct hub hub;
static int64_t now;

static struct target *add_target(int peer, const char *rail, uint32_t token)
{
	struct target *target = monitor_target(&monitor, peer, rail, true);

	target->hub = &hub;
	target->token = token;
	monitor.stale = true;
	return target;
}

static int begin_targets(void **state)
{
	begin(state);
	now = clock_ns();
	(void)monitor_rail(&monitor, "net0", true);
	(void)monitor_rail(&monitor, "net1", true);
	add_target(0, "net0", 300);
	add_target(0, "net1", 100);
	add_target(1, "net0", 200);
	monitor_index(&monitor, now);
	return 0;
}

static int end_targets(void **state)
{
	(void)state;
	free(monitor.targets);
	free(monitor.tokens);
	free(monitor.rings);
	free(monitor.order);
	return 0;
}

static void a_target_is_found_by_its_token(void **state)
{
	(void)state;
	assert_ptr_equal(monitor_find(&monitor, 100), &monitor.targets[1]);
	assert_ptr_equal(monitor_find(&monitor, 200), &monitor.targets[2]);
	assert_ptr_equal(monitor_find(&monitor, 300), &monitor.targets[0]);
	assert_null(monitor_find(&monitor, 250));
}

static void every_rail_knows_its_targets(void **state)
{
	(void)state;
	assert_int_equal(monitor.rails[0].rings[SCOPE_LINK].n, 2);
	assert_int_equal(monitor.rails[1].rings[SCOPE_LINK].n, 1);
	assert_int_equal(monitor.rings[monitor.rails[1].rings[SCOPE_LINK].first], 1);
}

static void a_target_that_was_disconnected_is_nobody(void **state)
{
	(void)state;
	monitor.targets[1].hub = NULL;
	assert_null(monitor_find(&monitor, 100)); /* also before the next beat */
	monitor.stale = true;
	monitor_index(&monitor, now);
	assert_null(monitor_find(&monitor, 100));
	assert_int_equal(monitor.rails[1].rings[SCOPE_LINK].n, 0);
	assert_ptr_equal(monitor_find(&monitor, 300), &monitor.targets[0]);
}

static void a_target_with_another_token_is_another_one(void **state)
{
	(void)state;
	monitor.targets[1].token = 101;
	assert_null(monitor_find(&monitor, 100));
	monitor.stale = true;
	monitor_index(&monitor, now);
	assert_ptr_equal(monitor_find(&monitor, 101), &monitor.targets[1]);
}

static uint64_t count_round_trips(void)
{
	uint64_t n = 0;

	for (int b = 0; b < HIST_BUCKETS; b++)
		n += monitor.rails[0].scopes[SCOPE_LINK].rtt.count[b];
	return n;
}

static void only_prompt_answers_tell_a_round_trip(void **state)
{
	struct ud_arrival arrivals[] = {
		{ .msg = { .type = UD_ANSWER, .token = 300, .sequence = 0 } },
		{ .msg = { .type = UD_PROBE, .token = 300 } },
		{ .msg = { .type = UD_ANSWER,
			   .token = 300,
			   .sequence = 1,
			   .prompt = true,
			   .sent = 1000,
			   .held = 7000 } },
		{ .msg = { .type = UD_ANSWER, .token = 999, .prompt = true } },
	};

	(void)state;
	(void)window_send(&monitor.targets[0].window);
	(void)window_send(&monitor.targets[0].window);
	monitor_answers(&monitor, arrivals, ARRAY_SIZE(arrivals), 9500);
	assert_int_equal(monitor.targets[0].window.answered, 2);
	assert_int_equal(count_round_trips(), 1);
	/* Without what the other side took for itself. */
	assert_int_equal(monitor.rails[0].scopes[SCOPE_LINK].rtt.sum_ns, 1500);
}

/* Nine more on net0, behind routers, all of which have answered once. */
static int begin_far(void **state)
{
	static char hosts[11][PROTO_HOST_LEN];

	begin_targets(state);
	opts.quiet = true;
	monitor.peer_hosts = hosts;
	monitor.due = calloc(11, sizeof(*monitor.due));
	for (int i = 0; i < 9; i++) {
		struct target *target = add_target(2 + i, "net0", 1000 + (uint32_t)i);

		target->routed = true;
		target->doubted = false;
		target->state = TARGET_UP;
	}
	monitor_index(&monitor, now);
	return 0;
}

static int end_far(void **state)
{
	free(monitor.due);
	return end_targets(state);
}

static const struct ring *far_ring(void)
{
	return &monitor.rails[0].rings[SCOPE_ROUTED];
}

/* One that is not in the sample. */
static struct target *left_out(void)
{
	for (int i = 0; i < monitor.ntargets; i++)
		if (monitor.targets[i].routed && !monitor.targets[i].sampled)
			return &monitor.targets[i];
	return NULL;
}

static void all_on_the_link_are_probed_and_of_those_far_away_a_sample(void **state)
{
	(void)state;
	assert_int_equal(monitor.rails[0].rings[SCOPE_LINK].n, 2);
	assert_int_equal(far_ring()->n, 5);
	for (int i = 0; i < 5; i++)
		assert_true(monitor.targets[monitor.rings[far_ring()->first + i]].routed);
}

static void a_sample_may_be_all_of_them(void **state)
{
	(void)state;
	for (opts.far_peers = 9; opts.far_peers >= 0; opts.far_peers -= 9) {
		monitor.stale = true;
		monitor_index(&monitor, now);
		assert_int_equal(far_ring()->n, 9);
	}
}

static void in_time_every_one_far_away_has_its_turn(void **state)
{
	bool seen[11] = { 0 };

	(void)state;
	for (int turn = 0; turn < 9; turn++) {
		assert_int_equal(far_ring()->n, 5);
		for (int i = 0; i < 5; i++)
			seen[monitor.targets[monitor.rings[far_ring()->first + i]].peer] =
				true;
		now += SAMPLE_LIFE / 5;
		monitor_index(&monitor, now);
	}
	for (int i = 2; i < 11; i++)
		assert_true(seen[i]);
}

static void one_far_away_that_is_down_is_probed_too(void **state)
{
	struct target *target = left_out();

	(void)state;
	monitor_set_state(&monitor, target, TARGET_DOWN);
	monitor_index(&monitor, now);
	assert_int_equal(far_ring()->n, 6);
	assert_true(target->probed);
}

static void one_left_out_is_found_by_its_token(void **state)
{
	struct target *target = left_out();

	(void)state;
	assert_false(target->probed);
	assert_ptr_equal(monitor_find(&monitor, target->token), target);
}

static void what_an_audit_found_wrong_is_probed(void **state)
{
	static const struct rail net0 = { .name = "net0" };
	struct path path = { .mine = &net0, .result = VERDICT_FAIL };
	struct target *target = left_out();

	(void)state;
	monitor_take_over(&monitor, target->peer, &path, false);
	monitor_index(&monitor, now);
	assert_true(target->probed);
}

/* Windows in which those that are probed send, and `answers` of them are answered. */
static void pass_windows(int windows, int answers)
{
	for (int w = 0; w < windows; w++) {
		int answered = 0;

		monitor_index(&monitor, now);
		for (int i = 0; i < far_ring()->n; i++) {
			struct window *to =
				&monitor.targets[monitor.rings[far_ring()->first + i]]
					 .window;
			bool well = answered < answers;

			for (int k = 0; k < 3; k++) {
				uint32_t sequence = window_send(to);

				if (well)
					window_answer(to, sequence, sequence + 1);
			}
			answered += well;
		}
		monitor_judge(&monitor);
	}
	monitor_index(&monitor, now);
}

static void others_are_doubted_when_a_sample_fails_as_a_whole(void **state)
{
	(void)state;
	pass_windows(2, 1); /* one of five still answers */
	assert_int_equal(far_ring()->n, 5);
	pass_windows(1, 0);
	pass_windows(1, 0);
	assert_int_equal(far_ring()->n, 9);
	for (int i = 0; i < monitor.ntargets; i++)
		if (monitor.targets[i].routed && !monitor.targets[i].sampled)
			assert_int_equal(monitor.targets[i].state, TARGET_UP);
	pass_windows(2, 0);
	for (int i = 0; i < monitor.ntargets; i++)
		if (monitor.targets[i].routed)
			assert_int_equal(monitor.targets[i].state, TARGET_DOWN);
	pass_windows(3, 9);
	assert_int_equal(far_ring()->n, 5);
	for (int i = 0; i < monitor.ntargets; i++)
		if (monitor.targets[i].routed)
			assert_int_equal(monitor.targets[i].state, TARGET_UP);
}

static void the_loss_ratio_is_that_of_the_latest_windows(void **state)
{
	const struct scope *scope = &monitor.rails[0].scopes[SCOPE_ROUTED];

	(void)state;
	pass_windows(2, 5);
	assert_true(scope->ratio_there + scope->ratio_back == 0);
	for (int i = 0; i < 5; i++) { /* six sent, of which three answers come back */
		struct window *to =
			&monitor.targets[monitor.rings[far_ring()->first + i]].window;

		for (int k = 0; k < 6; k++) {
			uint32_t sequence = window_send(to);

			if (k % 2)
				window_answer(to, sequence, sequence + 1);
		}
	}
	monitor_judge(&monitor);
	pass_windows(1, 5);
	assert_true(scope->ratio_there == 0);
	assert_true(scope->ratio_back == 0.5);
	pass_windows(1, 5);
	assert_true(scope->ratio_back == 0);
}

static void who_is_not_probed_stays_as_it_was(void **state)
{
	struct target *target = left_out();

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)window_send(&target->window); /* long ago */
	window_close(&target->window, 3, &loss);
	for (int i = 0; i < 3; i++)
		(void)window_send(&target->window);
	pass_windows(4, 5);
	assert_int_equal(target->state, TARGET_UP);
	assert_int_equal(monitor.rails[0].scopes[SCOPE_ROUTED].lost, 0);
}

/* It would count as lost what was on its way when its turn was over. */
static void who_comes_back_begins_a_new_window(void **state)
{
	struct target *target = left_out();

	(void)state;
	for (int i = 0; i < 4; i++)
		(void)window_send(&target->window);
	window_close(&target->window, 3, &loss);
	monitor_doubt(&monitor, target);
	monitor_index(&monitor, now);
	for (int i = 0; i < 3; i++)
		(void)window_send(&target->window);
	assert_true(window_close(&target->window, 3, &loss));
	assert_int_equal(loss.sent, 0);
}

/* --- asking others */

static const struct proto_path *known(const uint8_t gid[16])
{
	static struct proto_path path;

	monitor_path_to(&monitor, gid, &path);
	return &path;
}

static void a_monitor_tells_of_its_own_paths_what_it_knows_for_sure(void **state)
{
	struct target *target = &monitor.targets[0], *far = left_out();

	(void)state;
	memset(target->end.gid, 1, 16);
	memset(far->end.gid, 2, 16);
	target->state = TARGET_UP;
	target->heard = clock_ns() - 300 * NS_MS;
	assert_int_equal(known(target->end.gid)->verdict, VERDICT_UNKNOWN); /* no rail */
	monitor.rails[0].rail.gid_index = 0;
	assert_int_equal(known(target->end.gid)->verdict, VERDICT_OK);
	assert_in_range(known(target->end.gid)->heard_ms, 300, 5000);
	assert_int_equal(known(far->end.gid)->verdict, VERDICT_UNKNOWN);
	assert_int_equal(known((const uint8_t *)"0123456789abcdef")->verdict,
			 VERDICT_UNKNOWN);
	target->state = TARGET_DOWN;
	fault_set(&target->fault, REASON_UDP4791_BLOCKED, 0, "silence");
	assert_int_equal(known(target->end.gid)->verdict, VERDICT_FAIL);
	fault_set(&target->fault, REASON_PEER_ABSENT, 0, "nobody");
	assert_int_equal(known(target->end.gid)->verdict, VERDICT_UNKNOWN);
}

static struct proto_path others_path; /* to the peer; to us it is up */
static int listener = -1;
static struct endpoint others; /* where it listens */

static void others_know(void *arg, const uint8_t gid[16], struct proto_path *ret)
{
	(void)arg;
	*ret = gid[0] == 2 ? others_path : (struct proto_path){ VERDICT_OK, 100 };
}

/* On a port of the kernel's choice. */
static int listen_anywhere(struct endpoint *ret)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	struct err err;
	int fd;

	assert_true(endpoint_parse("127.0.0.1", "1", ret));
	snprintf(ret->port, sizeof(ret->port), "0");
	fd = wire_listen(ret, &err);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	snprintf(ret->port, sizeof(ret->port), "%d", ntohs(in.sin_port));
	return fd;
}

/* Other monitors, as whom a client meets them. */
static void *be_others(void *arg)
{
	static struct server server = { .path_to = others_know, .stop = -1 };
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		client_serve(&server, fd);
	return arg;
}

/* The path to peer 0 is lost for ten seconds, those to 1 and 2 are well. */
static int begin_asking(void **state)
{
	static struct peer at[3];
	static pthread_t thread;

	begin_targets(state);
	if (listener < 0) {
		listener = listen_anywhere(&others);
		(void)fcntl(listener, F_SETFL, 0);
		assert_int_equal(pthread_create(&thread, NULL, be_others, NULL), 0);
	}
	for (int i = 0; i < 3; i++)
		at[i].at = others;
	add_target(2, "net0", 400);
	monitor_index(&monitor, now);
	monitor.peer_hosts = calloc(3, sizeof(*monitor.peer_hosts));
	snprintf(monitor.peer_hosts[0], PROTO_HOST_LEN, "node-b");
	monitor.peers = (struct peers){ .v = at, .n = 3 };
	monitor.stop = -1;
	opts.deadline = 3 * NS_S;
	opts.window = NS_S;
	opts.quiet = true;
	monitor.rails[0].rail.gid_index = 0;
	memset(monitor.rails[0].rail.gid, 3, 16);
	for (int i = 0; i < monitor.ntargets; i++) {
		monitor.targets[i].state = TARGET_UP;
		monitor.targets[i].heard = clock_ns();
	}
	monitor_set_state(&monitor, &monitor.targets[0], TARGET_DOWN);
	fault_set(&monitor.targets[0].fault, REASON_UDP4791_BLOCKED, 0, "silence");
	memset(monitor.targets[0].end.gid, 2, 16);
	monitor.targets[0].heard = monitor.targets[0].lost = clock_ns() - 10 * NS_S;
	opts.quiet = false;
	opts.jsonl = true;
	return 0;
}

static int end_asking(void **state)
{
	free(monitor.peer_hosts);
	return end_targets(state);
}

static char *told_after_asking(void)
{
	begin_to_hear();
	monitor_ask_others(&monitor, 0);
	return hear();
}

static void others_tell_that_it_is_the_path_or_the_other_end(void **state)
{
	char *text;

	(void)state;
	others_path = (struct proto_path){ VERDICT_OK, 100 };
	text = told_after_asking();
	assert_non_null(strstr(text, "\"event\":\"others\""));
	assert_non_null(
		strstr(text, "2 of 2 others reach node-b on net0: suspect the path"));
	assert_int_equal(monitor.targets[0].fault.notes, 2);
	monitor.targets[0].asked = false;
	others_path.verdict = VERDICT_FAIL;
	text = told_after_asking();
	assert_non_null(strstr(text, "2 of 2 others do not reach node-b on net0 either"));
}

static void others_are_asked_once_a_failure_and_not_at_once(void **state)
{
	(void)state;
	others_path = (struct proto_path){ VERDICT_OK, 100 };
	monitor.targets[0].lost = clock_ns(); /* they may not have noticed yet */
	assert_string_equal(told_after_asking(), "");
	monitor.targets[0].lost -= 2 * opts.window;
	assert_string_not_equal(told_after_asking(), "");
	assert_string_equal(told_after_asking(), "");
}

static void what_others_heard_before_the_failure_does_not_count(void **state)
{
	(void)state;
	others_path = (struct proto_path){ VERDICT_OK, 11000 };
	assert_non_null(strstr(told_after_asking(), "none of 2 others can tell"));
}

static void others_that_do_not_answer_cost_the_deadline_and_no_more(void **state)
{
	struct endpoint mute;
	int64_t begun;
	int fd;

	(void)state;
	fd = listen_anywhere(&mute); /* and nobody accepts */
	for (int i = 1; i < 3; i++)
		monitor.peers.v[i].at = mute;
	opts.deadline = 300 * NS_MS;
	begun = clock_ns();
	assert_non_null(strstr(told_after_asking(), "none of 2 others can tell"));
	assert_in_range(clock_ns() - begun, 200 * NS_MS, 3 * NS_S);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define MONITOR(test) cmocka_unit_test_setup(test, begin)
		MONITOR(a_window_counts_once_the_next_one_is_over),
		MONITOR(an_answer_may_come_in_the_next_window),
		MONITOR(too_few_probes_close_no_window),
		MONITOR(the_way_a_loss_happened_is_told),
		MONITOR(a_loss_on_the_way_back_is_not_one_on_the_way_there),
		MONITOR(silence_does_not_tell_the_way),
		MONITOR(answers_nobody_asked_for_count_for_nothing),
		MONITOR(doubles_do_not_make_up_for_losses_below_none),
		MONITOR(a_loss_on_the_way_there_is_told_once),
		MONITOR(a_round_trip_falls_into_one_bucket),
		MONITOR(only_a_get_is_a_request),
		MONITOR(the_number_of_series_is_bounded),
		MONITOR(paths_that_are_lost_are_told_first),
		MONITOR(the_series_of_a_metric_stand_together),
		MONITOR(who_loses_everybody_is_suspected_and_not_they),
		MONITOR(of_two_ends_none_is_suspected),
#define TARGETS(test) cmocka_unit_test_setup_teardown(test, begin_targets, end_targets)
		TARGETS(a_target_is_found_by_its_token),
		TARGETS(every_rail_knows_its_targets),
		TARGETS(a_target_that_was_disconnected_is_nobody),
		TARGETS(a_target_with_another_token_is_another_one),
		TARGETS(only_prompt_answers_tell_a_round_trip),
#define FAR(test) cmocka_unit_test_setup_teardown(test, begin_far, end_far)
		FAR(all_on_the_link_are_probed_and_of_those_far_away_a_sample),
		FAR(a_sample_may_be_all_of_them),
		FAR(in_time_every_one_far_away_has_its_turn),
		FAR(one_far_away_that_is_down_is_probed_too),
		FAR(one_left_out_is_found_by_its_token),
		FAR(what_an_audit_found_wrong_is_probed),
		FAR(others_are_doubted_when_a_sample_fails_as_a_whole),
		FAR(the_loss_ratio_is_that_of_the_latest_windows),
		FAR(who_is_not_probed_stays_as_it_was),
		FAR(who_comes_back_begins_a_new_window),
		FAR(a_monitor_tells_of_its_own_paths_what_it_knows_for_sure),
#define ASKS(test) cmocka_unit_test_setup_teardown(test, begin_asking, end_asking)
		ASKS(others_tell_that_it_is_the_path_or_the_other_end),
		ASKS(others_are_asked_once_a_failure_and_not_at_once),
		ASKS(what_others_heard_before_the_failure_does_not_count),
		ASKS(others_that_do_not_answer_cost_the_deadline_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
