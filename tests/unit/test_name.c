/* name.c: strings from outside as parts of a file name. */
#include "tests/test.h"

#include <string.h>

#include "pkg/cleanup.h"
#include "pkg/name.h"

static void what_is_escaped_comes_back(void **state)
{
	static const char *const texts[] = { "net1",	 "a,b=c@d", "..", ".hidden",
					     "\x01\xff", "50%",	    "" };
	char name[64], back[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_true(name_escape(texts[i], "", name, sizeof(name)));
		assert_true(name_unescape(name, back, sizeof(back)));
		assert_string_equal(back, texts[i]);
	}
}

static void no_name_can_leave_its_directory_or_hide(void **state)
{
	char name[64];

	(void)state;
	assert_true(name_escape("../../etc/passwd", "", name, sizeof(name)));
	assert_string_equal(name, "%2E.%2F..%2Fetc%2Fpasswd");
	assert_true(name_escape("..", "", name, sizeof(name)));
	assert_string_equal(name, "%2E.");
}

static void characters_to_keep_are_kept(void **state)
{
	char name[64];

	(void)state;
	assert_true(name_escape("0000:03:10.0", ":", name, sizeof(name)));
	assert_string_equal(name, "0000:03:10.0");
}

static void what_does_not_fit_is_refused_at_the_last_byte(void **state)
{
	char name[6];

	(void)state;
	assert_true(name_escape("abcde", "", name, 6));
	assert_false(name_escape("abcdef", "", name, 6));
	assert_true(name_escape("ab/", "", name, 6));
	assert_false(name_escape("abc/", "", name, 6));
	assert_false(name_unescape("abcdef", name, 6));
}

static void a_forged_name_is_refused(void **state)
{
	static const char *const bad[] = { "%", "%4", "%zz", "%00", "%2F", "a/b", "%2f" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(name_unescape(bad[i], text, sizeof(text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_escaped_comes_back),
		cmocka_unit_test(no_name_can_leave_its_directory_or_hide),
		cmocka_unit_test(characters_to_keep_are_kept),
		cmocka_unit_test(what_does_not_fit_is_refused_at_the_last_byte),
		cmocka_unit_test(a_forged_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
