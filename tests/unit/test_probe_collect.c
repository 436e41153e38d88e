/* collect.c, suspects.c, outcome_json.c, collect_show.c: results of many nodes as one. */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/collect_show.h"
#include "plugins/rdma-probe/outcome_json.h"

#define NODES 4
#define RAILS 2

static struct collection all;
static struct suspect suspects[16];
static struct err err;
/* What the documents will say: who does not reach whom by which rail. */
static enum verdict results[NODES][NODES][RAILS];
static bool tried[NODES][NODES];

static int begin(void **state)
{
	(void)state;
	memset(results, 0, sizeof(results)); /* VERDICT_OK */
	memset(tried, 1, sizeof(tried));
	return 0;
}

static int end(void **state)
{
	(void)state;
	collection_clear(&all);
	return 0;
}

static void add_path(struct cJSON *paths, int from, int to, int rail)
{
	static struct fault fault;
	struct outcome path = { .op = "rc_write0",
				.result = results[from][to][rail],
				.sent = 3,
				.ok = 3,
				.lost_fwd = -1,
				.lost_rev = -1,
				.timed = true,
				.min = 1000,
				.p50 = 1000 * (from + to),
				.p99 = 9000,
				.max = 9000 };

	if (path.result != VERDICT_OK) {
		fault_set(&fault,
			  path.result == VERDICT_FAIL ? REASON_NO_ROUTE
						      : REASON_PEER_ABSENT,
			  0, "seen by <n%d>", from);
		path.fault = &fault;
	}
	snprintf(path.dst, sizeof(path.dst), "n%d", to);
	snprintf(path.peer, sizeof(path.peer), "10.0.0.%d", to);
	if (results[from][to][rail] == VERDICT_UNKNOWN)
		memcpy(path.dst, path.peer, sizeof(path.dst)); /* it was not heard */
	snprintf(path.rail_src, sizeof(path.rail_src), "r%d", rail);
	snprintf(path.rail_dst, sizeof(path.rail_dst), "r%d", rail);
	cJSON_AddItemToArray(paths,
			     outcome_to_json(&path, (char[]){ 'n', '0' + from, '\0' }));
}

/* The document of node `from` in a mesh of the first n. */
static int add_document(int from, int n, const char *time)
{
	_autojson_ struct cJSON *doc = cJSON_CreateObject();
	struct cJSON *paths = cJSON_AddArrayToObject(doc, "paths");
	_autofree_ char *text = NULL;

	cJSON_AddStringToObject(doc, "schema", "rdma-probe/v1");
	cJSON_AddStringToObject(doc, "host", (char[]){ 'n', '0' + from, '\0' });
	cJSON_AddStringToObject(doc, "time", time);
	cJSON_AddStringToObject(doc, "verdict", "ok");
	for (int to = 0; to < n; to++)
		for (int rail = 0; rail < RAILS; rail++)
			if (to != from && tried[from][to])
				add_path(paths, from, to, rail);
	text = cJSON_PrintUnformatted(doc);
	return collection_add(&all, text, strlen(text), &err);
}

static int collect(int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(add_document(i, n, "2026-01-01T00:00:00Z"), 0);
	assert_int_equal(collection_finish(&all, &err), 0);
	return suspects_find(&all, suspects, ARRAY_SIZE(suspects));
}

static void break_both_ways(int a, int b, int rail)
{
	results[a][b][rail] = results[b][a][rail] = VERDICT_FAIL;
}

static void everybody_is_in_the_matrix(void **state)
{
	(void)state;
	assert_int_equal(collect(3), 0);
	assert_int_equal(all.nnodes, 3);
	assert_int_equal(all.nrails, 2);
	assert_int_equal(all.untested, 0);
	assert_int_equal(collection_cell(&all, 1, 2, 0)->p50, 3000);
	assert_null(collection_cell(&all, 1, 1, 0));
}

static void the_newest_result_of_a_node_counts(void **state)
{
	(void)state;
	assert_int_equal(add_document(0, 2, "2026-01-02T00:00:00Z"), 0);
	break_both_ways(0, 1, 0);
	assert_int_equal(add_document(0, 2, "2026-01-01T00:00:00Z"), 0);
	assert_int_equal(add_document(1, 2, "2026-01-01T00:00:00Z"), 0);
	results[1][0][0] = VERDICT_OK;
	assert_int_equal(add_document(1, 2, "2026-01-03T00:00:00Z"), 0);
	assert_int_equal(collection_finish(&all, &err), 0);
	assert_int_equal(all.ntellers, 2);
	assert_int_equal(collection_cell(&all, 0, 1, 0)->result, VERDICT_OK);
	assert_int_equal(collection_cell(&all, 1, 0, 0)->result, VERDICT_OK);
}

static void what_is_no_document_leaves_the_rest_as_it_was(void **state)
{
	static const char *const bad[] = {
		"{",
		"[]",
		"{}",
		"{\"schema\":\"rdma-probe/v1\"}",
		"{\"schema\":\"other\",\"host\":\"a\",\"time\":\"\",\"verdict\":\"ok\"}",
		"{\"schema\":\"rdma-probe/v1\",\"host\":\"a\",\"time\":\"x\","
		"\"verdict\":\"ok\",\"paths\":[7]}",
		"{\"schema\":\"rdma-probe/v1\",\"host\":\"a\",\"time\":\"x\","
		"\"verdict\":\"ok\",\"paths\":[{\"src\":\"a\",\"dst\":\"b\"}]}",
		"{\"schema\":\"rdma-probe/v1\",\"host\":\"a\",\"time\":\"x\","
		"\"verdict\":\"ok\",\"paths\":[{\"src\":\"a\",\"dst\":\"b\","
		"\"op\":\"rc_write0\",\"result\":\"fine\"}]}"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(collection_add(&all, bad[i], strlen(bad[i]), &err), -1);
	assert_int_equal(collect(2), 0);
	assert_int_equal(all.nnodes, 2);
}

static void nothing_at_all_is_an_empty_matrix(void **state)
{
	(void)state;
	assert_int_equal(collect(0), 0);
	assert_int_equal(all.nnodes, 0);
}

static void a_path_survives_the_way(void **state)
{
	struct fault fault = { .wc_status = 12, .vendor = 0x81 };
	struct outcome path = { .src = "a",
				.dst = "b",
				.rail_src = "r",
				.op = "rc_write",
				.fault = &fault,
				.sent = 10,
				.ok = 7,
				.mtu = 4096,
				.flow_label = 0x12345,
				.dscp = 26,
				.lost_fwd = 3,
				.gbps = 12.5,
				.by_nic = true,
				.result = VERDICT_FAIL };
	_cleanup_(outcome_clear) struct outcome back = { 0 };
	struct cJSON *there, *again;
	struct json root;
	char *one, *two;

	(void)state;
	fault_set(&fault, REASON_RC_RETRY_EXCEEDED, 5, "lost");
	fault.wc_status = 12;
	fault.vendor = 0x81;
	there = outcome_to_json(&path, "x");
	root = json_root(there);
	assert_int_equal(outcome_from_json(&root, &back, &err), 0);
	again = outcome_to_json(&back, "y");
	one = cJSON_Print(there);
	two = cJSON_Print(again);
	assert_string_equal(one, two);
	free(one);
	free(two);
	cJSON_Delete(there);
	cJSON_Delete(again);
}

static void pairs_that_were_not_tried_are_counted(void **state)
{
	(void)state;
	tried[0][2] = tried[2][1] = false;
	(void)collect(3);
	assert_int_equal(all.untested, 2);
}

static void who_is_only_told_of_did_not_tell(void **state)
{
	(void)state;
	assert_int_equal(add_document(0, 3, "2026-01-01T00:00:00Z"), 0);
	assert_int_equal(collection_finish(&all, &err), 0);
	assert_int_equal(all.nnodes, 3);
	assert_true(all.told[0]);
	assert_false(all.told[1]);
	assert_int_equal(all.untested, 0); /* nobody expects them to */
}

static void a_node_that_one_could_not_hear_has_the_name_others_heard(void **state)
{
	(void)state;
	results[0][2][0] = results[0][2][1] = VERDICT_UNKNOWN;
	assert_int_equal(collect(3), 0);
	assert_int_equal(all.nnodes, 3);
	assert_int_equal(collection_cell(&all, 0, 2, 1)->result, VERDICT_UNKNOWN);
}

static void a_rail_of_a_node_that_nobody_reaches_is_suspected(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		break_both_ways(2, i, 1);
	assert_int_equal(collect(3), 1);
	assert_int_equal(suspects[0].node, 2);
	assert_int_equal(suspects[0].rail, 1);
	assert_int_equal(suspects[0].failed, 4);
	assert_int_equal(suspects[0].peers, 2);
	assert_int_equal(suspects[0].reason, REASON_NO_ROUTE);
	assert_true(suspects_explain(suspects, 1, 0, 2, 1));
	assert_false(suspects_explain(suspects, 1, 0, 2, 0));
	assert_false(suspects_explain(suspects, 1, 0, 1, 1));
}

static void a_single_pair_is_a_path(void **state)
{
	(void)state;
	break_both_ways(0, 1, 0);
	assert_int_equal(collect(3), 0);
}

static void of_two_nodes_either_may_be_at_fault(void **state)
{
	(void)state;
	break_both_ways(0, 1, 0);
	assert_int_equal(collect(2), 0);
}

static void what_could_not_be_tested_accuses_nobody(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		results[i][2][0] = results[i][2][1] = VERDICT_UNKNOWN;
	assert_int_equal(add_document(0, 3, "2026-01-01T00:00:00Z"), 0);
	assert_int_equal(add_document(1, 3, "2026-01-01T00:00:00Z"), 0);
	assert_int_equal(collection_finish(&all, &err), 0);
	assert_int_equal(suspects_find(&all, suspects, 16), 0);
}

static void a_rail_that_fails_everywhere_is_one_suspect(void **state)
{
	(void)state;
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < a; b++)
			break_both_ways(a, b, 0);
	assert_int_equal(collect(3), 1);
	assert_int_equal(suspects[0].node, -1);
	assert_int_equal(suspects[0].rail, 0);
	assert_int_equal(suspects[0].failed, 6);
	assert_int_equal(suspects[0].peers, 3);
}

static void a_rail_is_not_accused_by_two_nodes_alone(void **state)
{
	(void)state;
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 4; b++)
			results[a][b][0] = VERDICT_UNKNOWN;
	break_both_ways(0, 1, 0);
	assert_int_equal(collect(4), 0);
}

static void a_node_without_any_rail_that_works_is_one_suspect(void **state)
{
	(void)state;
	for (int i = 1; i < 4; i++)
		for (int rail = 0; rail < RAILS; rail++)
			break_both_ways(0, i, rail);
	assert_int_equal(collect(4), 1);
	assert_int_equal(suspects[0].node, 0);
	assert_int_equal(suspects[0].rail, -1);
	assert_int_equal(suspects[0].peers, 3);
	assert_int_equal(suspects[0].failed, 12);
}

static void there_is_an_end_to_suspicion(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		for (int rail = 0; rail < RAILS; rail++)
			break_both_ways(2, i, rail);
	(void)collect(3);
	assert_int_equal(suspects_find(&all, suspects, 0), 0);
}

static void the_matrix_tells_who_is_behind_it(void **state)
{
	struct findings findings = { .all = &all };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (int i = 0; i < 2; i++)
		break_both_ways(2, i, 1);
	results[0][1][0] = VERDICT_FAIL; /* and one way of one path */
	findings.nsuspects = collect(3);
	memcpy(findings.suspects, suspects, sizeof(suspects));
	collect_show(&findings, out);
	fclose(out);
	assert_non_null(strstr(text, "n0    .             1/2 no_route  1/2 no_route"));
	assert_non_null(strstr(text, "n1    1.0 us        .             1/2 no_route"));
	assert_non_null(strstr(
		text, "rail r1 of n2: 4 paths, 2 peers, and none works (no_route)"));
	assert_non_null(strstr(text, "n0 -> n1 r0 (the other way works): no_route"));
	assert_null(strstr(text, "n0 -> n2")); /* explained */
	free(text);
}

static void the_page_has_a_matrix_for_each_rail(void **state)
{
	static struct report report;
	struct findings findings = { .all = &all };
	char path[] = "/tmp/test_probe_collect.XXXXXX", text[20000];
	int fd = mkstemp(path);
	ssize_t n;

	(void)state;
	assert_true(fd >= 0);
	results[0][1][0] = VERDICT_FAIL;
	(void)collect(2);
	assert_int_equal(collect_write_html(&report, &findings, path, &err), 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	unlink(path);
	close(fd);
	assert_non_null(strstr(text, "<h2>r0</h2>"));
	assert_non_null(strstr(text, "<h2>r1</h2>"));
	assert_non_null(strstr(text, "title=\"seen by &lt;n0>."));
	assert_null(strstr(text, "<n0>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define COLLECT(test) cmocka_unit_test_setup_teardown(test, begin, end)
		COLLECT(everybody_is_in_the_matrix),
		COLLECT(the_newest_result_of_a_node_counts),
		COLLECT(what_is_no_document_leaves_the_rest_as_it_was),
		COLLECT(nothing_at_all_is_an_empty_matrix),
		COLLECT(a_path_survives_the_way),
		COLLECT(pairs_that_were_not_tried_are_counted),
		COLLECT(who_is_only_told_of_did_not_tell),
		COLLECT(a_node_that_one_could_not_hear_has_the_name_others_heard),
		COLLECT(a_rail_of_a_node_that_nobody_reaches_is_suspected),
		COLLECT(a_single_pair_is_a_path),
		COLLECT(of_two_nodes_either_may_be_at_fault),
		COLLECT(what_could_not_be_tested_accuses_nobody),
		COLLECT(a_rail_that_fails_everywhere_is_one_suspect),
		COLLECT(a_rail_is_not_accused_by_two_nodes_alone),
		COLLECT(a_node_without_any_rail_that_works_is_one_suspect),
		COLLECT(there_is_an_end_to_suspicion),
		COLLECT(the_matrix_tells_who_is_behind_it),
		COLLECT(the_page_has_a_matrix_for_each_rail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
