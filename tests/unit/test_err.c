/* err.c: what a reader sees of a failure. */
#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "pkg/err.h"

static void the_message_reads_from_intent_to_cause(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, EBUSY, "netlink");
	err_wrap(&err, "move link %d", 7);
	assert_string_equal(err.msg, "move link 7: netlink: Device or resource busy");
	assert_int_equal(err.no, EBUSY);
}

static void code_and_hint_nearest_to_the_cause_win(void **state)
{
	struct err err;

	(void)state;
	err_cni(&err, 7, "vlan: expected 0 to 4094");
	err_hint(&err, "use 0 to clear it");
	err_hint(&err, "read the manual");
	err_code(&err, 100);
	assert_int_equal(err.code, 7);
	assert_string_equal(err.hint, "use 0 to clear it");
}

static void a_new_error_forgets_the_old_one(void **state)
{
	struct err err;

	(void)state;
	err_cni(&err, 7, "old");
	err_hint(&err, "old");
	err_set(&err, 0, "new");
	assert_int_equal(err.code, 0);
	assert_string_equal(err.hint, "");
	assert_string_equal(err.msg, "new");
}

static void a_message_too_long_is_cut_not_overrun(void **state)
{
	char huge[3000];
	struct err err;

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	err_set(&err, EIO, "%s", huge);
	err_wrap(&err, "%s", huge);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_message_reads_from_intent_to_cause),
		cmocka_unit_test(code_and_hint_nearest_to_the_cause_win),
		cmocka_unit_test(a_new_error_forgets_the_old_one),
		cmocka_unit_test(a_message_too_long_is_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
