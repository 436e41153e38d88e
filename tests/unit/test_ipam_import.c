/* import_rows.c, import_read.c: who has which address, as others tell it.
 * links: ipam/import_rows.c ipam/import_read.c ipam/listing.c ipam/guard.c ipam/worker.c
 */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "ipam/import_rows.h"

static struct import_rows rows;
static struct err err;

static int parse(const char *text)
{
	char *copy = strdup(text);
	int r;

	import_clear(&rows);
	r = import_parse(copy, strlen(copy), &rows, &err);
	free(copy);
	return r;
}

static void good(const char *text, int n)
{
	if (parse(text))
		fail_msg("%s: %s", text, err.msg);
	assert_int_equal(rows.n, n);
}

static void bad(const char *text, const char *msg)
{
	assert_int_equal(parse(text), -1);
	assert_string_equal(err.msg, msg);
}

static void assert_row(int i, const char *address, const char *container,
		       const char *ifname, const char *node, const char *pod)
{
	char ip[IP_LEN];

	assert_string_equal(ip_format(&rows.list[i].ip, ip), address);
	assert_string_equal(rows.list[i].container, container);
	assert_string_equal(rows.list[i].ifname, ifname);
	assert_string_equal(rows.list[i].node, node);
	assert_string_equal(rows.list[i].pod, pod);
}

static void a_heading_says_what_columns_are(void **state)
{
	(void)state;
	good("pod,interface,address,why,container\r\n"
	     "ml/a,net1,10.0.0.7/24,,c1\r\n\r\n,net2,2001:DB8::7,x,c2\r\n",
	     2);
	assert_row(0, "10.0.0.7", "c1", "net1", "", "ml/a");
	assert_row(1, "2001:db8::7", "c2", "net2", "", "");
	assert_int_equal(rows.list[1].line, 4);
	good("ip,container_id,ifname,node\n10.0.0.7,c1,net1,gpu 7\n", 1);
	assert_row(0, "10.0.0.7", "c1", "net1", "gpu%207", "");
}

static void fields_may_be_quoted(void **state)
{
	(void)state;
	good("address,\"container\",interface,x\n"
	     "\"10.0.0.7\",\"c1\",\"net1\",\"a, \"\"b\"\"\"\n",
	     1);
	assert_row(0, "10.0.0.7", "c1", "net1", "", "");
}

static void json_is_a_list_or_has_one(void **state)
{
	(void)state;
	good(" [{\"address\":\"10.0.0.7\",\"containerID\":\"c1\",\"ifname\":\"net1\","
	     "\"node\":\"gpu7\",\"more\":[1]}]",
	     1);
	assert_row(0, "10.0.0.7", "c1", "net1", "gpu7", "");
	good("{\"allocations\":[{\"ip\":\"10.0.0.7\",\"container\":\"c1\","
	     "\"interface\":\"net1\",\"pod\":\"ml/a\"}]}",
	     1);
	assert_row(0, "10.0.0.7", "c1", "net1", "", "ml/a");
	good("[]", 0);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	(void)state;
	bad("10.0.0.7,c1,net1\n", "line 1: expected a heading with the columns address, "
				  "container and interface");
	bad("address,container,interface\n10.0.0.7,c1\n", "line 2: has no interface");
	bad("address,container,interface\n10.0.0.7,c1,net1,x\n",
	    "line 2: has more fields than the heading");
	bad("address,container,interface\n10.0.0,c1,net1\n",
	    "line 2: '10.0.0' is no address");
	bad("address,container,interface\n10.0.0.7,../c1,net1\n",
	    "line 2: '../c1' is no container id");
	bad("address,container,interface\n10.0.0.7,c1,a/b\n",
	    "line 2: interface name 'a/b' contains / or : or white space");
	bad("address,container,interface,pod\n10.0.0.7,c1,net1,a;IP=1/b\n",
	    "line 2: pod 'a;IP=1/b' is not NAMESPACE/NAME");
	bad("[{\"address\":7}]",
	    "allocations[0]: allocations[0].address: expected a string, got 7");
	bad("[7]", "allocations[0]: allocations[0]: expected an object, got 7");
	bad("{\"x\":1}", "expected a list, or an object with \"allocations\"");
	bad("[{\"container\":\"c1\",\"interface\":\"net1\"}]",
	    "allocations[0]: has no address");
}

static int parse_file(const char *name, const char *content)
{
	char *copy = strdup(content);
	int r;

	import_clear(&rows);
	r = import_parse_file(name, copy, &rows, &err);
	free(copy);
	return r;
}

static void a_file_of_host_local_has_container_and_interface(void **state)
{
	(void)state;
	assert_int_equal(parse_file("10.0.0.7", "c1\r\neth0"), 0);
	assert_row(0, "10.0.0.7", "c1", "eth0", "", "");
	assert_int_equal(parse_file("2001:db8::7", "c1\neth0\n"), 0);
	assert_row(0, "2001:db8::7", "c1", "eth0", "", "");
	assert_int_equal(parse_file("10.0.0.7", "c1"), -1);
	assert_non_null(strstr(err.msg, "10.0.0.7: has no interface"));
	assert_int_equal(parse_file("10.0.0.7", ""), -1);
	assert_non_null(strstr(err.msg, "10.0.0.7: is empty"));
	assert_int_equal(parse_file("notes", "c1\r\neth0"), -1);
	assert_non_null(strstr(err.msg, "notes: neither an address"));
}

static void a_row_twice_is_one(void **state)
{
	(void)state;
	good("address,container,interface\n10.0.0.9,c,net1\n10.0.0.10,b,net1\n"
	     "10.0.0.9,c,net1\n10.0.0.9,d,net1\n",
	     4);
	import_sort(&rows);
	assert_int_equal(rows.n, 3);
	assert_row(0, "10.0.0.9", "c", "net1", "", "");
	assert_row(1, "10.0.0.9", "d", "net1", "", "");
	assert_row(2, "10.0.0.10", "b", "net1", "", "");
}

static int forget(void **state)
{
	(void)state;
	import_clear(&rows);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_heading_says_what_columns_are),
		cmocka_unit_test(fields_may_be_quoted),
		cmocka_unit_test(json_is_a_list_or_has_one),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(a_file_of_host_local_has_container_and_interface),
		cmocka_unit_test(a_row_twice_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
