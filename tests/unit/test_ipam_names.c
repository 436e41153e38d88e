/* names.c: node names as an operator gives them.
 * links: ipam/names.c */
#include "tests/test.h"

#include <string.h>

#include "pkg/cleanup.h"
#include "ipam/names.h"

static struct names names;
static struct err err;

static int read_from(const char *text)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	int r;

	names_clear(&names);
	r = names_read(&names, f, &err);
	fclose(f);
	return r;
}

static void names_are_read_as_kubectl_prints_them(void **state)
{
	(void)state;
	assert_int_equal(read_from("node/gpu07\nnode/gpu08\n"), 0);
	assert_int_equal(names.n, 2);
	assert_true(names_have(&names, "gpu07"));
	assert_true(names_have(&names, "gpu08"));
	assert_false(names_have(&names, "gpu09"));
}

static void blanks_and_empty_lines_are_nothing(void **state)
{
	(void)state;
	assert_int_equal(read_from("\n  gpu07 \r\n\n\tgpu08 Ready\n\n"), 0);
	assert_int_equal(names.n, 2);
	assert_true(names_have(&names, "gpu08"));
	assert_int_equal(read_from("\n\n"), 0);
	assert_int_equal(names.n, 0);
}

static void names_are_held_as_they_stand_in_file_names(void **state)
{
	(void)state;
	assert_int_equal(read_from("gpu 07\ngpu,08\n"), 0);
	assert_true(names_have(&names, "gpu"));
	assert_true(names_have(&names, "gpu%2C08"));
}

static void a_name_that_no_node_can_have_is_refused(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(read_from(text), -1);
	assert_non_null(strstr(err.msg, "no node has such a name"));
	assert_int_equal(names_add(&names, "", &err), -1);
}

static int forget(void **state)
{
	(void)state;
	names_clear(&names);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_as_kubectl_prints_them),
		cmocka_unit_test(blanks_and_empty_lines_are_nothing),
		cmocka_unit_test(names_are_held_as_they_stand_in_file_names),
		cmocka_unit_test(a_name_that_no_node_can_have_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
