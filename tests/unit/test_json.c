/* json.c and json_check.c: strict reading, and errors that name the place. */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/json.h"

static struct cJSON *parse(const char *text)
{
	struct err err = { 0 };
	struct cJSON *doc = json_parse(text, strlen(text), &err);

	if (!doc)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static void what_rfc_8259_allows_is_read(void **state)
{
	static const char *const good[] = {
		"{}",
		" \t\r\n{ \"a\" : [ ] } \n",
		"{\"a\":-0.5e+7,\"b\":0,\"c\":10E2,\"d\":1.25}",
		"{\"a\":\"\\u00e9\\ud83d\\ude00\\n\\/\"}",
		"{\"b\":\"\xc3\xa9\xf0\x9f\x98\x80\"}",
		"{\"a\":[true,false,null,[[{}]]]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		cJSON_Delete(parse(good[i]));
}

static void what_rfc_8259_forbids_is_refused_with_the_byte(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "at byte 0: expected a value" },
		{ "{\"a\":1,}", "at byte 7: expected a string" },
		{ "{\"a\":01}", "at byte 6: a number starts with 0" },
		{ "{\"a\":1.}", "a digit is missing" },
		{ "{\"a\":+1}", "expected a value" },
		{ "{\"a\":NaN}", "expected a value" },
		{ "{'a':1}", "expected a string" },
		{ "{\"a\":\"\t\"}", "a control character" },
		{ "{\"a\":\"\\x\"}", "an unknown escape" },
		{ "{\"a\":\"\\u00g0\"}", "four hexadecimal digits" },
		{ "{\"a\":\"\\u0000\"}", "\\u0000" },
		{ "{\"a\":\"\\ud800\"}", "half a surrogate" },
		{ "{\"a\":\"\\udc00\"}", "half a surrogate" },
		{ "{\"a\":\"\xc0\xaf\"}", "invalid UTF-8" },
		{ "{\"a\":\"\xed\xa0\x80\"}", "invalid UTF-8" },
		{ "{\"a\":\"\xf4\x90\x80\x80\"}", "invalid UTF-8" },
		{ "{\"a\":\"\xc3", "invalid UTF-8" },
		{ "{\"a\":\"b", "a string does not end" },
		{ "{} x", "at byte 3: something follows" },
		{ "\xef\xbb\xbf{}", "expected a value" },
		{ "[1]", "expected a JSON object" },
		{ "null", "expected a JSON object" },
		{ "{\"a\" 1}", "expected ':'" },
		{ "{\"a\":[1 2]}", "expected ',' or ']'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err err = { 0 };

		assert_null(json_parse(bad[i].text, strlen(bad[i].text), &err));
		assert_int_equal(err.code, CNI_BAD_JSON);
		if (!strstr(err.msg, bad[i].why))
			fail_msg("%s: %s", bad[i].text, err.msg);
	}
}

static void depth_is_bounded(void **state)
{
	char text[2 * JSON_MAX_DEPTH + 16];
	struct err err = { 0 };
	int n = sprintf(text, "{\"a\":");

	(void)state;
	memset(text + n, '[', JSON_MAX_DEPTH);
	memset(text + n + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
	strcpy(text + n + 2 * JSON_MAX_DEPTH, "}");
	assert_null(json_parse(text, strlen(text), &err));
	assert_non_null(strstr(err.msg, "nested too deep"));
}

static void absent_and_null_keep_the_default(void **state)
{
	_autojson_ struct cJSON *doc = parse("{\"b\":null}");
	struct json root = json_root(doc);
	const char *text = "default";
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_get_string(&root, "a", &text, &err), 0);
	assert_int_equal(json_get_string(&root, "b", &text, &err), 0);
	assert_string_equal(text, "default");
}

static void a_wrong_type_names_path_wish_and_value(void **state)
{
	_autojson_ struct cJSON *doc =
		parse("{\"ipam\":{\"range\":7,\"l\":[{\"dst\":[1,2]}]}}");
	struct json root = json_root(doc), ipam, list, item = { 0 };
	struct err err = { 0 };
	const char *text;

	(void)state;
	assert_int_equal(json_get_object(&root, "ipam", &ipam, &err), 1);
	assert_int_equal(json_get_string(&ipam, "range", &text, &err), -1);
	assert_string_equal(err.msg, "ipam.range: expected a string, got 7");
	assert_int_equal(err.code, CNI_BAD_CONFIG);

	assert_int_equal(json_get_array(&ipam, "l", &list, &err), 1);
	assert_true(json_next(&list, &item));
	assert_int_equal(json_get_string(&item, "dst", &text, &err), -1);
	assert_string_equal(err.msg, "ipam.l[0].dst: expected a string, got [1,2]");
	assert_false(json_next(&list, &item));
}

static void numbers_are_whole_and_within_bounds(void **state)
{
	_autojson_ struct cJSON *doc =
		parse("{\"half\":1.5,\"big\":1e30,\"low\":-1,\"max\":4094}");
	struct json root = json_root(doc);
	struct err err = { 0 };
	int64_t n = 0;

	(void)state;
	assert_int_equal(json_get_int(&root, "half", 0, 4094, &n, &err), -1);
	assert_int_equal(json_get_int(&root, "big", 0, 4094, &n, &err), -1);
	assert_int_equal(json_get_int(&root, "low", 0, 4094, &n, &err), -1);
	assert_string_equal(err.msg,
			    "low: expected a whole number from 0 to 4094, got -1");
	assert_int_equal(json_get_int(&root, "max", 0, 4094, &n, &err), 1);
	assert_int_equal(n, 4094);
}

static void a_key_that_stands_twice_is_refused(void **state)
{
	_autojson_ struct cJSON *doc = parse("{\"name\":\"a\",\"name\":\"b\",\"x\":1}");
	struct json root = json_root(doc);
	struct err err = { 0 };
	const char *text;
	int64_t n;

	(void)state;
	assert_int_equal(json_get_string(&root, "name", &text, &err), -1);
	assert_string_equal(err.msg, "name: this key appears twice");
	assert_int_equal(json_get_int(&root, "x", 0, 9, &n, &err), 1);
}

static void a_long_value_is_shortened_in_the_message(void **state)
{
	char text[400] = "{\"a\":\"";
	struct err err = { 0 };
	struct json root;
	int64_t n;

	(void)state;
	memset(text + strlen(text), 'x', 300);
	strcat(text, "\"}");
	_autojson_ struct cJSON *doc = parse(text);
	root = json_root(doc);
	assert_int_equal(json_get_int(&root, "a", 0, 9, &n, &err), -1);
	assert_true(strlen(err.msg) < 150);
	assert_non_null(strstr(err.msg, "xxx..."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rfc_8259_allows_is_read),
		cmocka_unit_test(what_rfc_8259_forbids_is_refused_with_the_byte),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(absent_and_null_keep_the_default),
		cmocka_unit_test(a_wrong_type_names_path_wish_and_value),
		cmocka_unit_test(numbers_are_whole_and_within_bounds),
		cmocka_unit_test(a_key_that_stands_twice_is_refused),
		cmocka_unit_test(a_long_value_is_shortened_in_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
