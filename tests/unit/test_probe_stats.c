/* stats.c: least, largest and percentiles. */
#include "tests/test.h"

#include "plugins/rdma-probe/stats.h"

static void nothing_has_no_percentile(void **state)
{
	_autostats_ struct stats stats = { 0 };

	(void)state;
	assert_int_equal(stats_percentile(&stats, 50), -1);
}

static void one_value_is_all_percentiles(void **state)
{
	_autostats_ struct stats stats = { 0 };

	(void)state;
	stats_add(&stats, 7);
	assert_int_equal(stats_percentile(&stats, 1), 7);
	assert_int_equal(stats_percentile(&stats, 50), 7);
	assert_int_equal(stats_percentile(&stats, 99), 7);
	assert_int_equal(stats.min, 7);
	assert_int_equal(stats.max, 7);
}

static void percentiles_are_nearest_ranks_in_any_order(void **state)
{
	_autostats_ struct stats stats = { 0 };

	(void)state;
	for (int i = 100; i >= 1; i--)
		stats_add(&stats, i);
	assert_int_equal(stats_percentile(&stats, 50), 50);
	assert_int_equal(stats_percentile(&stats, 99), 99);
	assert_int_equal(stats_percentile(&stats, 100), 100);
	assert_int_equal(stats.min, 1);
	assert_int_equal(stats.max, 100);
}

static void of_ten_the_99th_is_the_largest(void **state)
{
	_autostats_ struct stats stats = { 0 };

	(void)state;
	for (int i = 1; i <= 10; i++)
		stats_add(&stats, i);
	assert_int_equal(stats_percentile(&stats, 50), 5);
	assert_int_equal(stats_percentile(&stats, 99), 10);
	assert_int_equal(stats.min, 1);
	assert_int_equal(stats.max, 10);
}

static void a_run_without_end_keeps_the_latest_and_the_extremes(void **state)
{
	_autostats_ struct stats stats = { 0 };

	(void)state;
	stats_add(&stats, 1000000);
	stats_add(&stats, 0);
	for (int i = 0; i < 2 * STATS_KEPT; i++)
		stats_add(&stats, 5);
	assert_int_equal(stats.kept, STATS_KEPT);
	assert_int_equal(stats.count, 2 * STATS_KEPT + 2);
	assert_int_equal(stats.min, 0);
	assert_int_equal(stats.max, 1000000);
	assert_int_equal(stats_percentile(&stats, 100), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_no_percentile),
		cmocka_unit_test(one_value_is_all_percentiles),
		cmocka_unit_test(percentiles_are_nearest_ranks_in_any_order),
		cmocka_unit_test(of_ten_the_99th_is_the_largest),
		cmocka_unit_test(a_run_without_end_keeps_the_latest_and_the_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
