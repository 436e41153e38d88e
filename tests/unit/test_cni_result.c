/* cni_result.c and cni_print.c: the success object in every version. */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "pkg/cni_result.h"

static struct cni_result result;

/* Read a result of its own version and write it as another. */
static void assert_becomes(const char *text, enum cni_version version, const char *wanted)
{
	struct err err = { 0 };
	_autojson_ struct cJSON *doc = json_parse(text, strlen(text), &err);
	struct json root = json_root(doc);
	_autofree_ char *got = NULL;

	assert_non_null(doc);
	if (cni_result_parse(&root, version, &result, &err))
		fail_msg("%s", err.msg);
	got = cni_result_text(&result, version);
	assert_string_equal(got, wanted);
}

static void refused(const char *text, const char *why)
{
	struct err err = { 0 };
	_autojson_ struct cJSON *doc = json_parse(text, strlen(text), &err);
	struct json root = json_root(doc);

	assert_non_null(doc);
	assert_int_equal(cni_result_parse(&root, CNI_1_1_0, &result, &err), -1);
	assert_string_equal(err.msg, why);
}

static const char full[] =
	"{\"cniVersion\":\"1.1.0\","
	"\"interfaces\":[{\"name\":\"net1\",\"mac\":\"02:00:00:00:00:09\",\"mtu\":9000,"
	"\"sandbox\":\"/run/netns/a\",\"pciID\":\"0000:03:00.2\"}],"
	"\"ips\":[{\"interface\":0,\"address\":\"10.9.0.5/24\",\"gateway\":\"10.9.0.1\"},"
	"{\"interface\":0,\"address\":\"2001:db8::5/64\"}],"
	"\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"10.9.0.1\"},"
	"{\"dst\":\"10.10.0.0/16\",\"gw\":\"10.9.0.1\",\"mtu\":9000,\"advmss\":8960,"
	"\"priority\":100,\"table\":100,\"scope\":0}]}";

static void version_1_1_0_is_kept_whole(void **state)
{
	char line[sizeof(full) + 1];

	(void)state;
	sprintf(line, "%s\n", full);
	assert_becomes(full, CNI_1_1_0, line);
}

static void version_1_0_0_loses_the_fields_that_came_later(void **state)
{
	(void)state;
	assert_becomes(
		full, CNI_1_0_0,
		"{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"net1\","
		"\"mac\":\"02:00:00:00:00:09\",\"sandbox\":\"/run/netns/a\"}],"
		"\"ips\":[{\"interface\":0,\"address\":\"10.9.0.5/24\","
		"\"gateway\":\"10.9.0.1\"},{\"interface\":0,"
		"\"address\":\"2001:db8::5/64\"}],\"routes\":[{\"dst\":\"0.0.0.0/0\","
		"\"gw\":\"10.9.0.1\"},{\"dst\":\"10.10.0.0/16\",\"gw\":\"10.9.0.1\","
		"\"mtu\":9000,\"advmss\":8960,\"priority\":100,\"table\":100,"
		"\"scope\":0}]}\n");
}

static void version_0_3_1_names_the_version_of_each_address(void **state)
{
	(void)state;
	assert_becomes("{\"cniVersion\":\"1.1.0\",\"ips\":[{\"address\":\"10.9.0.5/24\"},"
		       "{\"address\":\"2001:db8::5/64\"}]}",
		       CNI_0_3_1,
		       "{\"cniVersion\":\"0.3.1\",\"ips\":[{\"version\":\"4\","
		       "\"address\":\"10.9.0.5/24\"},{\"version\":\"6\","
		       "\"address\":\"2001:db8::5/64\"}],\"dns\":{}}\n");
}

static void version_0_2_0_has_one_object_a_family(void **state)
{
	(void)state;
	assert_becomes(full, CNI_0_2_0,
		       "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.9.0.5/24\","
		       "\"gateway\":\"10.9.0.1\",\"routes\":[{\"dst\":\"0.0.0.0/0\","
		       "\"gw\":\"10.9.0.1\"},{\"dst\":\"10.10.0.0/16\","
		       "\"gw\":\"10.9.0.1\"}]},\"ip6\":{\"ip\":\"2001:db8::5/64\"}}\n");
}

static void an_old_result_is_read_into_the_new_shape(void **state)
{
	(void)state;
	assert_becomes(
		"{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.9.0.5/24\","
		"\"routes\":[{\"dst\":\"10.0.0.0/8\"}]},"
		"\"dns\":{\"nameservers\":[\"10.9.0.53\"]}}",
		CNI_1_0_0,
		"{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.9.0.5/24\"}],"
		"\"routes\":[{\"dst\":\"10.0.0.0/8\"}],"
		"\"dns\":{\"nameservers\":[\"10.9.0.53\"]}}\n");
}

static void a_wrong_shape_names_the_place(void **state)
{
	(void)state;
	refused("{\"ips\":[{\"address\":\"10.9.0.5\"}]}",
		"ips[0].address: expected an address with a prefix length such as "
		"192.168.1.5/24, got \"10.9.0.5\"");
	refused("{\"ips\":[{}]}", "ips[0].address is missing");
	refused("{\"ips\":[{\"address\":\"10.9.0.5/24\",\"interface\":\"0\"}]}",
		"ips[0].interface: expected a whole number from 0 to 32, got \"0\"");
	refused("{\"routes\":[{\"dst\":\"10.0.0.0/8\",\"mtu\":-1}]}",
		"routes[0].mtu: expected a whole number from 0 to 2147483647, got -1");
	refused("{\"cniVersion\":\"3.0.0\"}", "unsupported result version \"3.0.0\"");
}

static void too_many_addresses_are_refused(void **state)
{
	char text[32 * CNI_MAX_IPS + 64] = "{\"ips\":[{\"address\":\"10.9.0.5/24\"}";

	(void)state;
	for (int i = 0; i < CNI_MAX_IPS; i++)
		strcat(text, ",{\"address\":\"10.9.0.5/24\"}");
	strcat(text, "]}");
	refused(text, "more than 64 addresses in a result");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1_1_0_is_kept_whole),
		cmocka_unit_test(version_1_0_0_loses_the_fields_that_came_later),
		cmocka_unit_test(version_0_3_1_names_the_version_of_each_address),
		cmocka_unit_test(version_0_2_0_has_one_object_a_family),
		cmocka_unit_test(an_old_result_is_read_into_the_new_shape),
		cmocka_unit_test(a_wrong_shape_names_the_place),
		cmocka_unit_test(too_many_addresses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
