/* schedule.c: everybody meets everybody, one at a time. */
#include "tests/test.h"

#include <string.h>

#include "plugins/rdma-probe/schedule.h"

#define MOST 33

static void everybody_meets_everybody_exactly_once(void **state)
{
	(void)state;
	for (int n = 2; n <= MOST; n++) {
		int met[MOST][MOST] = { { 0 } };

		for (int round = 0; round < schedule_rounds(n); round++)
			for (int i = 0; i < n; i++) {
				int partner = schedule_partner(n, round, i);

				if (partner >= 0)
					met[i][partner]++;
			}
		for (int i = 0; i < n; i++)
			for (int k = 0; k < n; k++)
				assert_int_equal(met[i][k], i != k);
	}
}

static void whom_i_meet_meets_me_in_the_same_round(void **state)
{
	(void)state;
	for (int n = 2; n <= MOST; n++)
		for (int round = 0; round < schedule_rounds(n); round++)
			for (int i = 0; i < n; i++) {
				int partner = schedule_partner(n, round, i);

				if (partner >= 0)
					assert_int_equal(
						schedule_partner(n, round, partner), i);
			}
}

static void with_an_even_number_nobody_sits_out(void **state)
{
	(void)state;
	assert_int_equal(schedule_rounds(128), 127);
	for (int round = 0; round < 127; round++)
		for (int i = 0; i < 128; i++)
			assert_true(schedule_partner(128, round, i) >= 0);
}

static void one_alone_has_nobody_to_meet(void **state)
{
	(void)state;
	assert_int_equal(schedule_rounds(0), 0);
	assert_int_equal(schedule_rounds(1), 0);
	assert_int_equal(schedule_partner(1, 0, 0), -1);
}

static void large_numbers_do_not_overflow(void **state)
{
	(void)state;
	for (int round = 0; round < schedule_rounds(100000); round += 9999) {
		int partner = schedule_partner(100000, round, 99999);

		assert_in_range(partner, 0, 99998);
		assert_int_equal(schedule_partner(100000, round, partner), 99999);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_meets_everybody_exactly_once),
		cmocka_unit_test(whom_i_meet_meets_me_in_the_same_round),
		cmocka_unit_test(with_an_even_number_nobody_sits_out),
		cmocka_unit_test(one_alone_has_nobody_to_meet),
		cmocka_unit_test(large_numbers_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
