/* mesh.c, mesh_show.c, mesh_html.c: the order of meetings, and how they are shown. */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/mesh_show.h"

static struct outcome outcomes[3];
static struct fault fault;
static struct meet meets[2];
static struct mesh mesh;
static struct report report;
static struct path_plan plan;
static struct peers peers;

static int begin(void **state)
{
	(void)state;
	memset(outcomes, 0, sizeof(outcomes));
	outcomes[0] = (struct outcome){ .dst = "node-b",
					.rail_src = "net0",
					.result = VERDICT_OK,
					.timed = true,
					.p50 = 1500 };
	outcomes[1] = (struct outcome){ .dst = "node-b",
					.rail_src = "net1",
					.result = VERDICT_FAIL };
	outcomes[1].fault = &fault;
	fault_set(&fault, REASON_NO_ROUTE, 0, "<b>\"to\" & from</b>");
	outcomes[2] = outcomes[0];
	meets[0] = (struct meet){ .over = true, .outcomes = outcomes, .n = 2 };
	meets[1] = (struct meet){ .over = true, .outcomes = outcomes + 2, .n = 1 };
	snprintf(meets[0].host, sizeof(meets[0].host), "<node-b>");
	snprintf(meets[1].host, sizeof(meets[1].host), "node-c");
	mesh = (struct mesh){ .meets = meets, .n = 2 };
	report = (struct report){
		.mesh = &mesh, .outcomes = outcomes, .noutcomes = 3, .rails = { .n = 2 }
	};
	snprintf(report.rails.v[0].name, RAIL_NAME_LEN, "net0");
	snprintf(report.rails.v[1].name, RAIL_NAME_LEN, "net1");
	return 0;
}

static void the_schedule_never_has_ourselves_in_it(void **state)
{
	int order[8], n;

	(void)state;
	for (int self = 0; self < 7; self++) {
		bool met[7] = { false };

		n = mesh_order(7, self, 0, order);
		assert_int_equal(n, 6);
		for (int i = 0; i < n; i++) {
			assert_int_not_equal(order[i], self);
			assert_false(met[order[i]]);
			met[order[i]] = true;
		}
	}
}

static void of_a_sample_both_ends_know(void **state)
{
	bool met[100][100] = { { false } };
	int order[100];

	(void)state;
	for (int self = 0; self < 100; self++) {
		int n = mesh_order(100, self, 8, order);

		assert_int_equal(n, 8);
		for (int i = 0; i < n; i++)
			met[self][order[i]] = true;
	}
	for (int a = 0; a < 100; a++)
		for (int b = 0; b < 100; b++)
			assert_int_equal(met[a][b], met[b][a]);
	assert_int_equal(mesh_order(5, 0, 8, order), 4); /* there are no more */
}

/* As told, so it is done. */
static void the_schedule_that_is_told_is_the_one_that_is_kept(void **state)
{
	struct peers all = { .v = calloc(20, sizeof(struct peer)), .n = 20 };
	char *text = NULL, line[64];
	int order[20];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (int i = 0; i < all.n; i++)
		snprintf(all.v[i].at.host, sizeof(all.v[i].at.host), "n%02d", i);
	assert_int_equal(mesh_show_schedule(&all, 8, out), 8 * 10);
	fclose(out);
	assert_int_equal(mesh_order(20, 3, 8, order), 8);
	for (int i = 0; i < 8; i++) {
		int one = order[i] < 3 ? order[i] : 3,
		    other = order[i] < 3 ? 3 : order[i];

		snprintf(line, sizeof(line), "%5d  n%02d  n%02d\n", i + 1, one, other);
		assert_non_null(strstr(text, line));
	}
	assert_true(mesh_round(20, 8, 7) > 14); /* not the first eight of 19 */
	assert_int_equal(mesh_round(20, 8, 8), -1);
	free(text);
	peers_clear(&all);
}

static void where_rails_are_crossed_the_worst_is_shown(void **state)
{
	(void)state;
	snprintf(outcomes[0].rail_src, RAIL_NAME_LEN, "net1");
	assert_ptr_equal(meet_on_rail(&meets[0], "net1"), &outcomes[1]);
	assert_null(meet_on_rail(&meets[0], "net0"));
}

static void who_is_not_on_the_list_meets_all_of_it(void **state)
{
	int order[3];

	(void)state;
	assert_int_equal(mesh_order(3, -1, 0, order), 3);
	assert_int_equal(mesh_order(1, 0, 0, order), 0);
}

static void a_peer_of_which_nothing_is_known_is_no_success(void **state)
{
	struct meet nothing = { 0 };

	(void)state;
	assert_int_equal(meet_verdict(&nothing), VERDICT_UNKNOWN);
	assert_int_equal(meet_verdict(&meets[0]), VERDICT_FAIL);
	assert_int_equal(meet_verdict(&meets[1]), VERDICT_OK);
}

static void a_mesh_keeps_the_peers_names(void **state)
{
	struct peer list[] = { { .at.host = "a" }, { .at.host = "b", .self = true } };
	struct mesh *made;

	(void)state;
	peers = (struct peers){ .v = list, .n = 2 };
	made = mesh_new(&plan, &peers, 0);
	assert_int_equal(made->n, 1);
	assert_string_equal(made->meets[0].host, "a");
	mesh_free(made);
}

static char *read_all(FILE *in)
{
	static char text[20000];
	size_t n = fread(text, 1, sizeof(text) - 1, in);

	text[n] = '\0';
	fclose(in);
	return text;
}

static void the_matrix_tells_times_and_reasons(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	mesh_show(&report, out);
	fclose(out);
	assert_non_null(strstr(text, "<node-b>  1.5 us  no_route  fail"));
	assert_non_null(strstr(text, "node-c    1.5 us  -         ok"));
	assert_non_null(strstr(text, "to do: add a route"));
	free(text);
}

static void names_from_elsewhere_cannot_write_the_page(void **state)
{
	char path[] = "/tmp/test_probe_mesh.XXXXXX", *text;
	struct err err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(mesh_write_html(&report, path, &err), 0);
	text = read_all(fopen(path, "r"));
	unlink(path);
	assert_null(strstr(text, "<node-b>"));
	assert_non_null(strstr(text, "<th>&lt;node-b></th>"));
	assert_non_null(strstr(text, "&lt;b>&quot;to&quot; &amp; from&lt;/b>"));
	assert_non_null(strstr(text, ">1.5</td>"));
	assert_non_null(strstr(text, "class=\"fail\""));
}

static void a_page_that_cannot_be_written_is_an_error(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(mesh_write_html(&report, "/nowhere/x", &err), -1);
	assert_string_equal(err.msg, "write /nowhere/x: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define MESH(test) cmocka_unit_test_setup(test, begin)
		MESH(the_schedule_never_has_ourselves_in_it),
		MESH(of_a_sample_both_ends_know),
		MESH(the_schedule_that_is_told_is_the_one_that_is_kept),
		MESH(where_rails_are_crossed_the_worst_is_shown),
		MESH(who_is_not_on_the_list_meets_all_of_it),
		MESH(a_peer_of_which_nothing_is_known_is_no_success),
		MESH(a_mesh_keeps_the_peers_names),
		MESH(the_matrix_tells_times_and_reasons),
		MESH(names_from_elsewhere_cannot_write_the_page),
		MESH(a_page_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
