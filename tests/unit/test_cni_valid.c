/* cni_valid.c: what a runtime says is still valid. */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "pkg/cni_valid.h"

static struct err err;

/* Read it from a configuration with this text in it; what cni_valid_read() says. */
static int read_it(const char *text, struct cni_valid *ret)
{
	static struct cJSON *doc;
	struct cni_call call = { .verb = CNI_GC };
	char conf[512];

	snprintf(conf, sizeof(conf), "{\"name\":\"n\"%s}", text);
	cJSON_Delete(doc);
	doc = json_parse(conf, strlen(conf), &err);
	assert_non_null(doc);
	call.conf = json_root(doc);
	return cni_valid_read(&call, ret, &err);
}

static void a_list_is_found_under_either_key(void **state)
{
	static const char *const keys[] = { "valid-attachments", "attachments" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		_autovalid_ struct cni_valid valid = { 0 };
		char text[200];

		snprintf(text, sizeof(text),
			 ",\"cni.dev/%s\":[{\"containerID\":\"a\",\"ifname\":\"net1\"},"
			 "{\"containerID\":\"b\",\"ifname\":\"net2\"}]",
			 keys[i]);
		assert_int_equal(read_it(text, &valid), 0);
		assert_int_equal(valid.count, 2);
		assert_true(cni_valid_has(&valid, "b", "net2"));
		assert_false(cni_valid_has(&valid, "b", "net1"));
	}
}

static void the_newer_key_wins(void **state)
{
	_autovalid_ struct cni_valid valid = { 0 };

	(void)state;
	assert_int_equal(read_it(",\"cni.dev/attachments\":[{\"containerID\":\"a\","
				 "\"ifname\":\"net1\"}],\"cni.dev/valid-attachments\":[]",
				 &valid),
			 0);
	assert_int_equal(valid.count, 0);
}

static void null_means_that_there_are_none(void **state)
{
	_autovalid_ struct cni_valid valid = { 0 };

	(void)state;
	assert_int_equal(read_it(",\"cni.dev/valid-attachments\":null", &valid), 0);
	assert_int_equal(valid.count, 0);
}

static void without_the_key_nobody_knows(void **state)
{
	struct cni_valid valid;

	(void)state;
	assert_int_equal(read_it("", &valid), -1);
	assert_int_equal(err.code, CNI_BAD_CONFIG);
}

static void an_element_that_lacks_something_spoils_all(void **state)
{
	struct cni_valid valid;

	(void)state;
	assert_int_equal(read_it(",\"cni.dev/valid-attachments\":"
				 "[{\"containerID\":\"a\",\"ifname\":\"net1\"},"
				 "{\"containerID\":\"b\"}]",
				 &valid),
			 -1);
	assert_int_equal(err.code, CNI_BAD_CONFIG);
	assert_non_null(strstr(err.msg, "cni.dev/valid-attachments[1]"));
	assert_int_equal(read_it(",\"cni.dev/valid-attachments\":\"a\"", &valid), -1);
	assert_int_equal(read_it(",\"cni.dev/valid-attachments\":[\"a\"]", &valid), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_found_under_either_key),
		cmocka_unit_test(the_newer_key_wins),
		cmocka_unit_test(null_means_that_there_are_none),
		cmocka_unit_test(without_the_key_nobody_knows),
		cmocka_unit_test(an_element_that_lacks_something_spoils_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
