/* tally.c: what the numbers of datagrams mean. */
#include "tests/test.h"

#include <string.h>

#include "plugins/rdma-probe/tally.h"

static struct fault fault;

static int conclude(int sent, int arrived, int answered)
{
	struct tally tally = { .sent = sent,
			       .arrived = arrived < 0 ? 0 : arrived,
			       .counted = arrived >= 0,
			       .answered = answered };

	fault = (struct fault){ 0 };
	return tally_conclude(&tally, "node-b", "net1", &fault);
}

static void all_answered_is_well(void **state)
{
	(void)state;
	assert_int_equal(conclude(10, 10, 10), 0);
}

static void none_arrived_is_blocked_on_the_way_there(void **state)
{
	(void)state;
	assert_int_equal(conclude(10, 0, 0), -1);
	assert_int_equal(fault.reason, REASON_UDP4791_BLOCKED);
	assert_non_null(strstr(fault.note[0], "on the way there"));
}

static void all_arrived_and_none_answered_is_blocked_on_the_way_back(void **state)
{
	(void)state;
	assert_int_equal(conclude(10, 10, 0), -1);
	assert_int_equal(fault.reason, REASON_UDP4791_BLOCKED);
	assert_non_null(strstr(fault.note[0], "on the way back"));
}

static void without_a_count_no_direction_is_told(void **state)
{
	(void)state;
	assert_int_equal(conclude(10, -1, 0), -1);
	assert_int_equal(fault.reason, REASON_UDP4791_BLOCKED);
	assert_null(strstr(fault.note[0], "on the way"));
}

static void some_lost_is_told_by_direction(void **state)
{
	(void)state;
	assert_int_equal(conclude(10, 7, 7), -1);
	assert_int_equal(fault.reason, REASON_UD_FWD_LOSS);
	assert_int_equal(conclude(10, 10, 7), -1);
	assert_int_equal(fault.reason, REASON_UD_REV_LOSS);
}

static int check_dscp(int sent, int seen, int answered)
{
	struct tally tally = { .answered = answered, .tos = seen };

	return tally_check_dscp(&tally, sent, "node-b", &fault);
}

static void a_dscp_that_changed_is_told(void **state)
{
	(void)state;
	assert_int_equal(check_dscp(104, 0, 1), -1);
	assert_int_equal(fault.reason, REASON_DSCP_REMARKED);
	assert_string_equal(fault.note[0],
			    "sent with DSCP 26, arrived at node-b with DSCP 0");
}

static void a_mark_of_congestion_is_no_change(void **state)
{
	(void)state;
	assert_int_equal(check_dscp(106, 107, 1), 0);
	assert_int_equal(check_dscp(104, 0, 0), 0); /* nothing was seen */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_answered_is_well),
		cmocka_unit_test(none_arrived_is_blocked_on_the_way_there),
		cmocka_unit_test(
			all_arrived_and_none_answered_is_blocked_on_the_way_back),
		cmocka_unit_test(without_a_count_no_direction_is_told),
		cmocka_unit_test(some_lost_is_told_by_direction),
		cmocka_unit_test(a_dscp_that_changed_is_told),
		cmocka_unit_test(a_mark_of_congestion_is_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
