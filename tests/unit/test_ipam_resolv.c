/* resolv.c: a resolv.conf becomes a result's DNS.
 * links: ipam/resolv.c */
#include "tests/test.h"

#include <string.h>

#include "pkg/cni.h"
#include "ipam/resolv.h"

static void becomes(const char *text, const char *wanted)
{
	_autofree_ char *copy = strdup(text);
	_autojson_ struct cJSON *dns = resolv_parse(copy);
	_autofree_ char *json = cJSON_PrintUnformatted(dns);

	assert_string_equal(json, wanted);
}

static void every_key_is_read(void **state)
{
	(void)state;
	becomes("# by hand\nnameserver 10.0.0.53\nnameserver\t2001:db8::53\n"
		"domain example.org\nsearch a.org  b.org\noptions ndots:2 rotate\n",
		"{\"nameservers\":[\"10.0.0.53\",\"2001:db8::53\"],"
		"\"domain\":\"example.org\",\"search\":[\"a.org\",\"b.org\"],"
		"\"options\":[\"ndots:2\",\"rotate\"]}");
}

static void comments_and_unknown_lines_are_nothing(void **state)
{
	(void)state;
	becomes("; old\n\nsortlist 10.0.0.0\nnameserver 10.0.0.53 # main",
		"{\"nameservers\":["
		"\"10.0.0.53\"]}");
	becomes("", "{}");
	becomes("nameserver", "{}");
}

static void the_last_search_line_counts(void **state)
{
	(void)state;
	becomes("search a.org\nsearch b.org\n", "{\"search\":[\"b.org\"]}");
}

static void a_file_that_is_not_there_is_a_mistake(void **state)
{
	struct err err;

	(void)state;
	assert_null(resolv_read("/nowhere", &err));
	assert_int_equal(err.code, CNI_BAD_CONFIG);
	assert_non_null(strstr(err.msg, "ipam.resolvConf: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(comments_and_unknown_lines_are_nothing),
		cmocka_unit_test(the_last_search_line_counts),
		cmocka_unit_test(a_file_that_is_not_there_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
