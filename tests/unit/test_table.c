/* table.c, text.c: what people see. */
#include "tests/test.h"

#include <string.h>

#include "pkg/table.h"
#include "pkg/text.h"

static char *print(const struct table *table)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_print(table, out);
	fclose(out);
	return text;
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
	_autotable_ struct table table = { .columns = 3, .right = 1 << 1 };
	_autofree_ char *text = NULL;

	(void)state;
	table_cell(&table, "RAIL");
	table_cell(&table, "SENT");
	table_cell(&table, "RESULT");
	table_cell(&table, "net1-long");
	table_cell(&table, "%d", 7);
	table_cell(&table, "ok");
	table_cell(&table, "n");
	table_cell(&table, "%d", 12345);
	table_cell(&table, "fail");
	text = print(&table);
	assert_string_equal(text, "RAIL        SENT  RESULT\n"
				  "net1-long      7  ok\n"
				  "n          12345  fail\n");
}

static void an_empty_cell_is_a_dash_and_colours_need_a_terminal(void **state)
{
	_autotable_ struct table table = { .columns = 1 };
	_autofree_ char *text = NULL;

	(void)state;
	table_cell(&table, "A");
	table_cell(&table, "%s", "");
	table_paint(&table, RED);
	text = print(&table);
	assert_string_equal(text, "A\n-\n");
	assert_null(strchr(text, '\033'));
}

static void names_cannot_drive_the_terminal(void **state)
{
	_autotable_ struct table table = { .columns = 1 };
	_autofree_ char *text = NULL;

	(void)state;
	table_cell(&table, "A");
	table_cell(&table, "%s", "x\033[2Jy\n\xc2\x9b");
	text = print(&table);
	assert_string_equal(text, "A\nx?[2Jy???\n");
}

static void text_is_cut_at_its_size(void **state)
{
	char buf[4];

	(void)state;
	assert_string_equal(text_clean(buf, sizeof(buf), "abcdef"), "abc");
	assert_string_equal(text_clean(buf, sizeof(buf), ""), "");
}

static void what_is_no_utf8_becomes_question_marks(void **state)
{
	static const char *const pairs[][2] = {
		{ "plain", "plain" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7",
		  "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7" },
		{ "cut\xe2\x82", "cut??" },
		{ "\xffname\x80", "?name?" },
		{ "\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80", "?? ??? ????" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		strcpy(text, pairs[i][0]);
		assert_string_equal(text_utf8(text), pairs[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(an_empty_cell_is_a_dash_and_colours_need_a_terminal),
		cmocka_unit_test(names_cannot_drive_the_terminal),
		cmocka_unit_test(text_is_cut_at_its_size),
		cmocka_unit_test(what_is_no_utf8_becomes_question_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
