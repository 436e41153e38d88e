/* sample.c: which few of many peers are probed, and how often. */
#include "tests/test.h"

#include <stdio.h>

#include "plugins/rdma-probe/sample.h"

#define N    100
#define MOST 5

static struct sample sample;
static struct ranked order[N];

static int begin(void **state)
{
	(void)state;
	sample_init(&sample, "node-a", "net0", 1700000000, 0);
	for (int i = 0; i < N; i++)
		order[i] = (struct ranked){ sample_rank(&sample, i), i };
	sample_sort(order, N);
	return 0;
}

static void every_peer_has_its_turn_and_none_twice_before_all_had_it(void **state)
{
	int left[N] = { 0 };
	int64_t now = 0;

	(void)state;
	for (int turn = 0; turn < N; turn++) {
		const struct ranked *first = &order[sample_first(&sample, order, N)];

		left[first->who]++;
		now += SAMPLE_LIFE / MOST;
		assert_true(sample_turn(&sample, first, MOST, now));
	}
	for (int i = 0; i < N; i++)
		assert_int_equal(left[i], 1);
}

static void a_fifth_of_them_is_replaced_an_hour(void **state)
{
	int turns = 0;

	(void)state;
	for (int64_t now = 0; now <= 3600 * NS_S; now += 60 * NS_S)
		turns += sample_turn(&sample, &order[0], 20, now);
	assert_int_equal(turns, 4);
}

static void who_comes_or_goes_moves_nobody_else(void **state)
{
	int first = sample_first(&sample, order, N), gone = (first + 50) % N;
	uint64_t rank = order[first].rank;

	(void)state;
	for (int i = gone; i < N - 1; i++)
		order[i] = order[i + 1];
	assert_true(order[sample_first(&sample, order, N - 1)].rank == rank);
}

static int count_common(const struct sample *a, const struct sample *b)
{
	struct ranked other[N];
	int first[2], n = 0;

	for (int i = 0; i < N; i++) {
		order[i] = (struct ranked){ sample_rank(a, i), i };
		other[i] = (struct ranked){ sample_rank(b, i), i };
	}
	sample_sort(order, N);
	sample_sort(other, N);
	first[0] = sample_first(a, order, N);
	first[1] = sample_first(b, other, N);
	for (int i = 0; i < MOST; i++)
		for (int k = 0; k < MOST; k++)
			n += order[(first[0] + i) % N].who ==
			     other[(first[1] + k) % N].who;
	return n;
}

static void nodes_rails_and_hours_have_samples_of_their_own(void **state)
{
	struct sample other;

	(void)state;
	assert_int_equal(count_common(&sample, &sample), MOST);
	sample_init(&other, "node-b", "net0", 1700000000, 0);
	assert_in_range(count_common(&sample, &other), 0, 2);
	sample_init(&other, "node-a", "net1", 1700000000, 0);
	assert_in_range(count_common(&sample, &other), 0, 2);
	sample_init(&other, "node-a", "net0", 1700007200, 0);
	assert_in_range(count_common(&sample, &other), 0, 2);
}

/* By 400 nodes that sample 5 of 400 each a peer is probed by 5 of them, give or take. */
static void no_peer_is_probed_by_far_more_nodes_than_others(void **state)
{
	static struct ranked all[400];
	int probed[400] = { 0 };

	(void)state;
	for (int node = 0; node < 400; node++) {
		char host[16];
		int first;

		snprintf(host, sizeof(host), "node-%d", node);
		sample_init(&sample, host, "net0", 1700000000, 0);
		for (int i = 0; i < 400; i++)
			all[i] = (struct ranked){ sample_rank(&sample, i), i };
		sample_sort(all, 400);
		first = sample_first(&sample, all, 400);
		for (int i = 0; i < MOST; i++)
			probed[all[(first + i) % 400].who]++;
	}
	for (int i = 0; i < 400; i++)
		assert_in_range(probed[i], 0, 20);
}

static void a_sample_of_one_works_too(void **state)
{
	(void)state;
	assert_int_equal(sample_first(&sample, order, 1), 0);
	assert_false(sample_turn(&sample, &order[0], 1, SAMPLE_LIFE - 1));
	assert_true(sample_turn(&sample, &order[0], 1, SAMPLE_LIFE));
	assert_int_equal(sample_first(&sample, order, 1), 0);
}

static void near_and_far_share_a_rail_and_none_starves(void **state)
{
	static const struct {
		double want[2], get[2];
	} cases[] = {
		{ { 80, 5 }, { 80, 5 } },      /* room for all */
		{ { 1500, 5 }, { 145, 5 } },   /* who wants little gets it */
		{ { 10, 500 }, { 10, 140 } },  /* the other way round */
		{ { 1500, 500 }, { 75, 75 } }, /* both want too much */
		{ { 0, 500 }, { 0, 150 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double get[2];

		sample_share(150, cases[i].want, get);
		for (int k = 0; k < 2; k++)
			assert_true(get[k] == cases[i].get[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define SAMPLE(test) cmocka_unit_test_setup(test, begin)
		SAMPLE(every_peer_has_its_turn_and_none_twice_before_all_had_it),
		SAMPLE(a_fifth_of_them_is_replaced_an_hour),
		SAMPLE(who_comes_or_goes_moves_nobody_else),
		SAMPLE(nodes_rails_and_hours_have_samples_of_their_own),
		SAMPLE(no_peer_is_probed_by_far_more_nodes_than_others),
		SAMPLE(a_sample_of_one_works_too),
		SAMPLE(near_and_far_share_a_rail_and_none_starves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
