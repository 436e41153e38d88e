/* conf.c, conf_range.c, conf_result.c, conf_wanted.c: what a configuration may say.
 * links: ipam/conf.c ipam/conf_range.c ipam/conf_result.c ipam/conf_wanted.c
 * ipam/range.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "ipam/conf.h"

static struct conf conf;
static struct err err;
static struct cJSON *doc;
static struct cni_call call;

/* Parse a network configuration of which only the inside is given. */
static int parse_all(const char *inside, const char *args)
{
	char text[4000];

	snprintf(text, sizeof(text), "{%s}", inside);
	conf_clear(&conf);
	cJSON_Delete(doc);
	doc = json_parse(text, strlen(text), &err);
	if (!doc)
		fail_msg("%s: %s", text, err.msg);
	call = (struct cni_call){ .args = args,
				  .network = "rail0",
				  .conf = json_root(doc) };
	return conf_parse(&call, &conf, &err) || conf_wanted(&call, &conf, &err) ? -1 : 0;
}

static int parse(const char *ipam)
{
	char text[3900];

	snprintf(text, sizeof(text), "\"ipam\":{%s}", ipam);
	return parse_all(text, "");
}

static void good(const char *ipam)
{
	if (parse(ipam))
		fail_msg("%s: %s", ipam, err.msg);
}

static void bad(const char *ipam, const char *msg)
{
	assert_int_equal(parse(ipam), -1);
	assert_string_equal(err.msg, msg);
	assert_int_equal(err.code, CNI_BAD_CONFIG);
}

static void assert_ranges(const char *wanted)
{
	char text[CONF_RANGES_LEN];

	assert_string_equal(conf_ranges(&conf, " ", text), wanted);
}

#define RANGE "\"range\":\"192.168.1.0/24\""

static void a_range_is_all_that_is_needed(void **state)
{
	(void)state;
	good(RANGE);
	assert_ranges("192.168.1.1-192.168.1.254/24");
	assert_string_equal(conf.store, "/var/lib/cni/rail-ipam");
	assert_true(conf.own_store);
	assert_string_equal(conf.pool, "rail0");
	assert_int_equal(conf.deadline, 10000);
	assert_int_equal(conf.reuse_delay, 60);
	assert_true(conf.sticky);
	assert_int_equal(conf.n_sets, 1);
	assert_int_equal(conf.ranges[0].gateway.family, AF_UNSPEC);
}

static void without_a_range_there_is_nothing_to_give(void **state)
{
	(void)state;
	bad("", "ipam.range: missing: which addresses may be handed out?");
	assert_int_equal(parse_all("", ""), -1);
	assert_string_equal(err.msg, "ipam: missing: no IPAM section");
}

static void start_end_gateway_and_excludes_shape_the_range(void **state)
{
	(void)state;
	good(RANGE ",\"range_start\":\"192.168.1.10\",\"range_end\":\"192.168.1.20\","
		   "\"gateway\":\"192.168.1.1\","
		   "\"exclude\":[\"192.168.1.12\",\"192.168.1.14-192.168.1.15\","
		   "\"192.168.1.16/30\"]");
	assert_ranges("192.168.1.10-192.168.1.20/24");
	assert_int_equal(conf.ranges[0].n_excludes, 3);
	assert_int_equal(conf.ranges[0].gateway.family, AF_INET);
}

static void a_wrong_value_names_its_place(void **state)
{
	(void)state;
	bad("\"range\":7", "ipam.range: expected a string, got 7");
	bad("\"range\":\"x\"", "ipam.range: expected a range such as 192.168.1.0/24 or "
			       "192.168.1.10-192.168.1.99/24, got \"x\"");
	bad(RANGE ",\"range_start\":\"192.168.2.1\"",
	    "ipam.range_start: expected an address of 192.168.1.1-192.168.1.254/24, got "
	    "\"192.168.2.1\"");
	bad(RANGE ",\"range_start\":\"192.168.1.9\",\"range_end\":\"192.168.1.8\"",
	    "ipam.range_end: expected an address of 192.168.1.9-192.168.1.254/24, got "
	    "\"192.168.1.8\"");
	bad(RANGE ",\"gateway\":\"2001:db8::1\"",
	    "ipam.gateway: expected an address of the range's family, got "
	    "\"2001:db8::1\"");
	bad(RANGE ",\"exclude\":[\"192.168.1.9\",\"9\"]",
	    "ipam.exclude[1]: expected an address, a range FIRST-LAST or a prefix, got "
	    "\"9\"");
	bad(RANGE ",\"exclude\":\"192.168.1.9\"",
	    "ipam.exclude: expected an array, got \"192.168.1.9\"");
	bad(RANGE ",\"store\":\"ipam\"",
	    "ipam.store: expected an absolute path, got \"ipam\"");
	bad(RANGE ",\"dataDir\":false", "ipam.dataDir: expected a string, got false");
	bad(RANGE ",\"pool\":\"../x\"",
	    "ipam.pool: expected a name of letters, digits and ._-, got \"../x\"");
	bad(RANGE ",\"pool\":\"nodes\"",
	    "ipam.pool: 'nodes' has another meaning in a store");
	bad(RANGE ",\"deadline\":0",
	    "ipam.deadline: expected a whole number from 1 to 3600, got 0");
	bad(RANGE ",\"reuseDelay\":-1",
	    "ipam.reuseDelay: expected a whole number from 0 to 31536000, got -1");
	bad(RANGE ",\"sticky\":\"yes\"",
	    "ipam.sticky: expected \"pod\" or \"none\", got \"yes\"");
	bad(RANGE ",\"nodeName\":\"\"",
	    "ipam.nodeName: expected the node's name, got \"\"");
	bad(RANGE ",\"routes\":[{\"gw\":\"10.0.0.1\"}]", "ipam.routes[0].dst is missing");
	bad(RANGE ",\"dns\":[]", "ipam.dns: expected an object, got []");
}

static void unknown_keys_are_ignored(void **state)
{
	(void)state;
	good(RANGE ",\"type\":\"rail-ipam\",\"log_file\":7,\"kubernetes\":{}");
}

static void both_spellings_of_the_store_are_read(void **state)
{
	(void)state;
	good(RANGE ",\"dataDir\":\"/mnt/a\"");
	assert_string_equal(conf.store, "/mnt/a");
	assert_false(conf.own_store);
	good(RANGE ",\"dataDir\":\"/mnt/a\",\"store\":\"/mnt/b\"");
	assert_string_equal(conf.store, "/mnt/b");
}

static void several_ranges_give_an_address_each(void **state)
{
	(void)state;
	good("\"ipRanges\":[{\"range\":\"10.0.0.0/30\"},"
	     "{\"range\":\"2001:db8::/64\",\"gateway\":\"2001:db8::1\"}]");
	assert_ranges("10.0.0.1-10.0.0.2/30 "
		      "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff/64");
	assert_int_equal(conf.n_sets, 2);
	good(RANGE ",\"ipRanges\":[{\"range\":\"10.0.0.0/30\"}]");
	assert_int_equal(conf.n_sets, 2);
	bad("\"ipRanges\":[{\"gateway\":\"10.0.0.1\"}]",
	    "ipam.ipRanges[0]: expected an object with a range, got "
	    "{\"gateway\":\"10.0.0.1\"}");
}

static void alternatives_are_one_set(void **state)
{
	(void)state;
	good("\"ranges\":[[{\"subnet\":\"10.0.0.0/30\"},"
	     "{\"subnet\":\"10.0.1.0/24\",\"rangeStart\":\"10.0.1.9\","
	     "\"rangeEnd\":\"10.0.1.12\",\"gateway\":\"10.0.1.254\"}],"
	     "[{\"subnet\":\"2001:db8::/64\"}]]");
	assert_ranges("10.0.0.1-10.0.0.2/30 10.0.1.9-10.0.1.12/24 "
		      "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff/64");
	assert_int_equal(conf.n_sets, 2);
	assert_int_equal(conf.ranges[0].set, 0);
	assert_int_equal(conf.ranges[1].set, 0);
	assert_int_equal(conf.ranges[2].set, 1);
	bad("\"ranges\":[{\"subnet\":\"10.0.0.0/30\"}]",
	    "ipam.ranges[0]: expected a list of ranges, got "
	    "{\"subnet\":\"10.0.0.0/30\"}");
	bad("\"ranges\":[[{\"subnet\":\"10.0.0.0/30\"},{\"subnet\":\"::/64\"}]]",
	    "ipam.ranges: 10.0.0.1-10.0.0.2/30 and ::1-::ffff:ffff:ffff:ffff/64 are "
	    "alternatives of two families");
}

static void a_subnet_has_its_gateway_first_unless_it_says_where(void **state)
{
	char text[IP_LEN];

	(void)state;
	good("\"subnet\":\"10.0.0.0/24\"");
	assert_string_equal(ip_format(&conf.ranges[0].gateway, text), "10.0.0.1");
	good("\"subnet\":\"10.0.0.0/24\",\"gateway\":\"10.0.0.7\"");
	assert_string_equal(ip_format(&conf.ranges[0].gateway, text), "10.0.0.7");
}

static void ranges_that_overlap_are_a_mistake(void **state)
{
	(void)state;
	bad("\"ipRanges\":[{\"range\":\"10.0.0.0/24\"},{\"range\":\"10.0.0.9-10.0.0.9/"
	    "24\"}]",
	    "ipam: ranges 10.0.0.1-10.0.0.254/24 and 10.0.0.9-10.0.0.9/24 overlap");
}

static void routes_and_dns_are_passed_on(void **state)
{
	(void)state;
	good(RANGE ",\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"192.168.1.1\"},"
		   "{\"dst\":\"10.0.0.0/8\",\"mtu\":9000}],"
		   "\"dns\":{\"nameservers\":[\"192.168.1.53\"]}");
	assert_int_equal(conf.n_routes, 2);
	assert_int_equal(conf.routes[1].mtu, 9000);
	assert_non_null(conf.dns);
}

static void blocks_of_nodes_shape_the_range(void **state)
{
	(void)state;
	good("\"range\":\"10.0.0.0/16\",\"perNode\":{\"prefix\":26,\"gatewayIndex\":1}");
	assert_ranges("10.0.0.1-10.0.255.254/16 in /26 gateway 1");
	assert_true(conf_has_blocks(&conf));
	good("\"subnet\":\"10.0.0.0/16\",\"perNode\":{\"prefix\":26}");
	assert_ranges("10.0.0.1-10.0.255.254/16 in /26");
	assert_int_equal(conf.ranges[0].gateway.family, AF_UNSPEC);
	good("\"ipRanges\":[{\"range\":\"10.0.0.0/16\",\"perNode\":{\"prefix\":26}},"
	     "{\"range\":\"2001:db8::/48\",\"perNode\":{\"prefix\":64}}]");
	assert_ranges("10.0.0.1-10.0.255.254/16 in /26 "
		      "2001:db8::1-2001:db8:0:ffff:ffff:ffff:ffff:ffff/48 in /64");
	good("\"range\":\"10.0.0.0/16\",\"node_slice_size\":\"/24\"");
	assert_ranges("10.0.0.1-10.0.255.254/16 in /24");
	good(RANGE);
	assert_false(conf_has_blocks(&conf));
}

static void blocks_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	bad("\"range\":\"10.0.0.0/16\",\"perNode\":{}",
	    "ipam.perNode: expected an object with a prefix, got {}");
	bad("\"range\":\"10.0.0.0/16\",\"perNode\":{\"prefix\":16}",
	    "ipam.perNode.prefix: expected a prefix length from 17 to 32, got 16");
	bad("\"range\":\"10.0.0.0/16\",\"perNode\":{\"prefix\":33}",
	    "ipam.perNode.prefix: expected a prefix length from 17 to 32, got 33");
	bad("\"range\":\"10.0.0.0/16\",\"perNode\":{\"prefix\":28,\"gatewayIndex\":16}",
	    "ipam.perNode.prefix: expected blocks in which gatewayIndex lies, got 28");
	bad("\"range\":\"10.0.0.0/16\",\"gateway\":\"10.0.0.1\","
	    "\"perNode\":{\"prefix\":28,\"gatewayIndex\":1}",
	    "ipam.gateway: expected no gateway beside perNode.gatewayIndex, got "
	    "\"10.0.0.1\"");
	bad("\"range\":\"10.0.0.0/16\",\"node_slice_size\":\"big\"",
	    "ipam.node_slice_size: expected a prefix length such as \"/26\", got "
	    "\"big\"");
}

static void addresses_of_no_range_are_passed_on(void **state)
{
	(void)state;
	good(RANGE ",\"addresses\":[{\"address\":\"10.9.0.1/24\","
		   "\"gateway\":\"10.9.0.254\"},{\"address\":\"2001:db8::7/64\"}]");
	assert_int_equal(conf.n_fixed, 2);
	assert_int_equal(conf.fixed[0].gateway.b[3], 254);
	assert_int_equal(conf.fixed[1].gateway.family, AF_UNSPEC);
	bad(RANGE ",\"addresses\":[{\"address\":\"10.9.0.1\"}]",
	    "ipam.addresses[0].address: expected an address with its prefix length, got "
	    "\"10.9.0.1\"");
	bad(RANGE ",\"addresses\":[7]",
	    "ipam.addresses[0]: expected an address with its prefix length, got 7");
}

static void a_pool_may_have_another_plugins_name_for_it(void **state)
{
	(void)state;
	good(RANGE ",\"network_name\":\"blue\"");
	assert_string_equal(conf.pool, "blue");
	good(RANGE ",\"network_name\":\"blue\",\"pool\":\"red\"");
	assert_string_equal(conf.pool, "red");
	good(RANGE ",\"network_name\":\"\"");
	assert_string_equal(conf.pool, "rail0");
	bad(RANGE ",\"network_name\":\"a/b\"",
	    "ipam.network_name: expected a name of letters, digits and ._-, got "
	    "\"a/b\"");
}

static void ranges_of_the_runtime_come_first(void **state)
{
	(void)state;
	assert_int_equal(parse_all("\"ipam\":{" RANGE "},\"runtimeConfig\":{\"ipRanges\":"
				   "[[{\"subnet\":\"10.0.0.0/30\"}]]}",
				   ""),
			 0);
	assert_ranges("10.0.0.1-10.0.0.2/30 192.168.1.1-192.168.1.254/24");
	assert_int_equal(conf.n_sets, 2);
}

static void assert_wanted(const char *inside, const char *args, const char *wanted)
{
	char all[2000], text[IP_LEN];

	snprintf(all, sizeof(all), "\"ipam\":{" RANGE "}%s%s", *inside ? "," : "",
		 inside);
	if (parse_all(all, args))
		fail_msg("%s", err.msg);
	assert_string_equal(ip_format(&conf.wanted[0], text), wanted);
}

static void a_requested_address_comes_from_the_nearest_of_three(void **state)
{
	static const char all_three[] =
		"\"runtimeConfig\":{\"ips\":[\"192.168.1.7/24\"]},"
		"\"args\":{\"cni\":{\"ips\":[\"192.168.1.8\"]}}";

	(void)state;
	assert_wanted("", "", "");
	assert_wanted("", "IgnoreUnknown=1;IP=192.168.1.9", "192.168.1.9");
	assert_wanted("\"args\":{\"cni\":{\"ips\":[\"192.168.1.8\"]}}", "IP=192.168.1.9",
		      "192.168.1.8");
	assert_wanted(all_three, "IP=192.168.1.9", "192.168.1.7");
	assert_wanted("\"runtimeConfig\":{\"ips\":[]}", "IP=192.168.1.9", "192.168.1.9");
	assert_wanted("", "IP=192.168.1.9,192.168.1.9", "192.168.1.9");
}

static void refused(const char *ips, int code, const char *msg)
{
	char all[1000];

	snprintf(all, sizeof(all),
		 "\"ipam\":{" RANGE ",\"gateway\":\"192.168.1.1\","
		 "\"exclude\":[\"192.168.1.5\"]},\"runtimeConfig\":{\"ips\":%s}",
		 ips);
	assert_int_equal(parse_all(all, ""), -1);
	assert_string_equal(err.msg, msg);
	assert_int_equal(err.code, code);
}

static void an_address_that_cannot_be_had_says_why(void **state)
{
	(void)state;
	refused("[\"10.0.0.1\"]", CNI_NO_ADDRESS,
		"requested address 10.0.0.1 is in none of the ranges "
		"192.168.1.1-192.168.1.254/24");
	refused("[\"192.168.1.1\"]", CNI_NO_ADDRESS,
		"requested address 192.168.1.1 is the gateway of "
		"192.168.1.1-192.168.1.254/24");
	refused("[\"192.168.1.5\"]", CNI_NO_ADDRESS,
		"requested address 192.168.1.5 is excluded from "
		"192.168.1.1-192.168.1.254/24");
	refused("[\"192.168.1.7\",\"192.168.1.8\"]", CNI_BAD_CONFIG,
		"requested addresses 192.168.1.7 and 192.168.1.8 are of one range, which "
		"gives one");
	refused("[\"seven\"]", CNI_BAD_CONFIG,
		"runtimeConfig.ips[0]: expected an address such as 192.168.1.7, got "
		"\"seven\"");
	refused("[7]", CNI_BAD_CONFIG, "runtimeConfig.ips[0]: expected a string, got 7");
	refused("\"192.168.1.7\"", CNI_BAD_CONFIG,
		"runtimeConfig.ips: expected an array, got \"192.168.1.7\"");
}

static void del_needs_to_know_no_more_than_where(void **state)
{
	(void)state;
	assert_int_equal(parse("\"range\":7,\"store\":\"/mnt/a\",\"deadline\":3"), -1);
	assert_true(conf_parse_leniently(&call, &conf));
	assert_string_equal(conf.store, "/mnt/a");
	assert_string_equal(conf.pool, "rail0");
	assert_int_equal(conf.deadline, 3000);
	assert_int_equal(parse("\"store\":7"), -1);
	assert_false(conf_parse_leniently(&call, &conf));
}

static int forget(void **state)
{
	(void)state;
	conf_clear(&conf);
	cJSON_Delete(doc);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_all_that_is_needed),
		cmocka_unit_test(without_a_range_there_is_nothing_to_give),
		cmocka_unit_test(start_end_gateway_and_excludes_shape_the_range),
		cmocka_unit_test(a_wrong_value_names_its_place),
		cmocka_unit_test(unknown_keys_are_ignored),
		cmocka_unit_test(both_spellings_of_the_store_are_read),
		cmocka_unit_test(several_ranges_give_an_address_each),
		cmocka_unit_test(alternatives_are_one_set),
		cmocka_unit_test(a_subnet_has_its_gateway_first_unless_it_says_where),
		cmocka_unit_test(ranges_that_overlap_are_a_mistake),
		cmocka_unit_test(routes_and_dns_are_passed_on),
		cmocka_unit_test(blocks_of_nodes_shape_the_range),
		cmocka_unit_test(blocks_that_make_no_sense_are_refused),
		cmocka_unit_test(addresses_of_no_range_are_passed_on),
		cmocka_unit_test(a_pool_may_have_another_plugins_name_for_it),
		cmocka_unit_test(ranges_of_the_runtime_come_first),
		cmocka_unit_test(a_requested_address_comes_from_the_nearest_of_three),
		cmocka_unit_test(an_address_that_cannot_be_had_says_why),
		cmocka_unit_test(del_needs_to_know_no_more_than_where),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
