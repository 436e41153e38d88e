/* ip.c: text and arithmetic of addresses and prefixes. */
#include "tests/test.h"

#include <string.h>

#include "pkg/cleanup.h"
#include "pkg/ip.h"

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static struct cidr cidr(const char *text)
{
	struct cidr cidr;

	assert_true(cidr_parse(text, &cidr));
	return cidr;
}

static void assert_ip(const struct ip *got, const char *wanted)
{
	char text[IP_LEN];

	assert_string_equal(ip_format(got, text), wanted);
}

static void one_address_has_one_spelling(void **state)
{
	struct ip a = ip("2001:DB8:0:0:0:0:0:5");

	(void)state;
	assert_ip(&a, "2001:db8::5");
}

static void what_is_not_quite_an_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	     "1.2.3",	    "1.2.3.4.5", "01.2.3.4",
		"1.2.3.256", " 1.2.3.4",    "1.2.3.4 ",	 "1.2.3.4/24",
		"::1%lo",    "2001:db8::g", ":",	 "localhost"
	};
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(ip_parse(bad[i], &ip));
}

static void what_is_not_quite_a_prefix_is_refused(void **state)
{
	static const char *const bad[] = { "10.0.0.0",	   "10.0.0.0/",	  "10.0.0.0/33",
					   "10.0.0.0/+8",  "10.0.0.0/ 8", "10.0.0.0/08",
					   "10.0.0.0/8/8", "::/129",	  "/24",
					   "10.0.0.0/0x8", "10.0.0.0/-1" };
	struct cidr cidr;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(cidr_parse(bad[i], &cidr));
}

static void a_host_is_a_prefix_of_all_bits(void **state)
{
	struct cidr host;
	char text[CIDR_LEN];

	(void)state;
	assert_true(cidr_parse_or_host("192.168.1.5", &host));
	assert_string_equal(cidr_format(&host, text), "192.168.1.5/32");
	assert_true(cidr_parse_or_host("::1", &host));
	assert_string_equal(cidr_format(&host, text), "::1/128");
}

static void first_and_last_frame_a_prefix_at_any_bit(void **state)
{
	static const struct {
		const char *net, *first, *last;
	} cases[] = {
		{ "192.168.1.77/26", "192.168.1.64", "192.168.1.127" },
		{ "10.1.2.3/0", "0.0.0.0", "255.255.255.255" },
		{ "10.1.2.3/32", "10.1.2.3", "10.1.2.3" },
		{ "10.1.2.3/31", "10.1.2.2", "10.1.2.3" },
		{ "2001:db8::ff/121", "2001:db8::80", "2001:db8::ff" },
		{ "2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cidr net = cidr(cases[i].net);
		struct ip first = cidr_first(&net), last = cidr_last(&net);

		assert_ip(&first, cases[i].first);
		assert_ip(&last, cases[i].last);
		assert_true(cidr_contains(&net, &first) && cidr_contains(&net, &last));
	}
}

static void a_prefix_holds_its_own_addresses_only(void **state)
{
	struct cidr net = cidr("192.168.1.0/26");
	struct ip below = ip("192.168.0.255"), above = ip("192.168.1.64"),
		  other = ip("::c0a8:101");

	(void)state;
	assert_false(cidr_contains(&net, &below));
	assert_false(cidr_contains(&net, &above));
	assert_false(cidr_contains(&net, &other));
}

static void adding_carries_and_stops_at_the_end_of_the_family(void **state)
{
	struct ip a = ip("10.0.0.255"), b = ip("2001:db8::ffff:ffff:ffff:ffff"),
		  end = ip("255.255.255.255"),
		  end6 = ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), sum;

	(void)state;
	assert_true(ip_add(&a, 1, &sum));
	assert_ip(&sum, "10.0.1.0");
	assert_true(ip_add(&a, 0x00ffff00, &sum));
	assert_ip(&sum, "10.255.255.255");
	assert_true(ip_add(&b, 1, &sum));
	assert_ip(&sum, "2001:db8:0:1::");
	assert_false(ip_add(&end, 1, &sum));
	assert_false(ip_add(&end6, UINT64_MAX, &sum));
}

static void distance_undoes_adding_and_saturates(void **state)
{
	struct ip a = ip("10.0.0.7"), b = ip("10.1.0.0"), zero = ip("::"),
		  far = ip("0:0:0:1::"), near = ip("::ffff:ffff:ffff:ffff");

	(void)state;
	assert_int_equal(ip_distance(&a, &b), 0xfff9);
	assert_int_equal(ip_distance(&a, &a), 0);
	assert_true(ip_distance(&zero, &near) == UINT64_MAX);
	assert_true(ip_distance(&zero, &far) == UINT64_MAX);
}

static void ipv4_comes_before_ipv6_then_by_value(void **state)
{
	struct ip a = ip("10.0.0.9"), b = ip("10.0.0.10"), c = ip("::1");

	(void)state;
	assert_true(ip_cmp(&a, &b) < 0 && ip_cmp(&b, &c) < 0 && ip_cmp(&c, &a) > 0);
	assert_true(ip_equal(&a, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_has_one_spelling),
		cmocka_unit_test(what_is_not_quite_an_address_is_refused),
		cmocka_unit_test(what_is_not_quite_a_prefix_is_refused),
		cmocka_unit_test(a_host_is_a_prefix_of_all_bits),
		cmocka_unit_test(first_and_last_frame_a_prefix_at_any_bit),
		cmocka_unit_test(a_prefix_holds_its_own_addresses_only),
		cmocka_unit_test(adding_carries_and_stops_at_the_end_of_the_family),
		cmocka_unit_test(distance_undoes_adding_and_saturates),
		cmocka_unit_test(ipv4_comes_before_ipv6_then_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
