/* range.c and shard.c: which addresses a pool hands out, and in which directory.
 * links: ipam/range.c ipam/shard.c */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "ipam/shard.h"

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static struct range range(const char *text)
{
	struct range range;

	if (!range_parse(text, &range))
		fail_msg("%s is refused", text);
	return range;
}

static void exclude(struct range *range, const char *text)
{
	static struct span spans[64];
	static int used;

	/* Those of a range lie side by side: a test excludes from one at a time. */
	if (!range->n_excludes)
		range->excludes = &spans[used];
	assert_true(span_parse(text, &spans[used++]));
	range->n_excludes++;
}

static void assert_range(const char *text, const char *wanted)
{
	struct range r = range(text);
	char buf[RANGE_LEN];

	assert_string_equal(range_format(&r, buf), wanted);
}

static void network_and_broadcast_are_no_hosts(void **state)
{
	(void)state;
	assert_range("192.168.1.0/24", "192.168.1.1-192.168.1.254/24");
	assert_range("192.168.1.77/24", "192.168.1.1-192.168.1.254/24");
	assert_range("192.168.1.0-192.168.1.255/24", "192.168.1.1-192.168.1.254/24");
	assert_range("10.0.0.0/30", "10.0.0.1-10.0.0.2/30");
	assert_range("2001:DB8::/64", "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff/64");
}

static void links_and_hosts_have_neither(void **state)
{
	(void)state;
	assert_range("10.0.0.4/31", "10.0.0.4-10.0.0.5/31");
	assert_range("10.0.0.4/32", "10.0.0.4-10.0.0.4/32");
	assert_range("2001:db8::/127", "2001:db8::-2001:db8::1/127");
}

static void a_range_may_be_part_of_its_network(void **state)
{
	(void)state;
	assert_range("192.168.1.10-192.168.1.99/24", "192.168.1.10-192.168.1.99/24");
	assert_range("2001:db8::10-2001:db8::1f/64", "2001:db8::10-2001:db8::1f/64");
}

static void what_is_no_range_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"192.168.1.0",
		"192.168.1.0/33",
		"192.168.1.99-192.168.1.10/24",
		"192.168.2.10-192.168.1.99/24",
		"192.168.1.10-192.168.1.99",
		"192.168.1.10-2001:db8::1/64",
		"-192.168.1.99/24",
		"192.168.1.0/24-192.168.1.9/24",
		"192.168.1.10 - 192.168.1.99/24",
		"192.168.1.255-192.168.1.255/24",
	};
	struct range ret;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (range_parse(bad[i], &ret))
			fail_msg("%s is taken", bad[i]);
}

static void assert_next(const struct range *range, const char *from, const char *wanted)
{
	struct ip at = ip(from);
	char text[IP_LEN];

	if (!wanted) {
		assert_false(range_next(range, &at));
		return;
	}
	assert_true(range_next(range, &at));
	assert_string_equal(ip_format(&at, text), wanted);
}

static void gateway_and_excluded_addresses_are_stepped_over(void **state)
{
	struct range r = range("192.168.1.0/24");

	(void)state;
	r.gateway = ip("192.168.1.1");
	exclude(&r, "192.168.1.2");
	exclude(&r, "192.168.1.4-192.168.1.9");
	exclude(&r, "192.168.1.8/29");
	exclude(&r, "192.168.1.248/29");
	assert_next(&r, "192.168.1.0", "192.168.1.3");
	assert_next(&r, "10.0.0.1", "192.168.1.3");
	assert_next(&r, "192.168.1.4", "192.168.1.16");
	assert_next(&r, "192.168.1.247", "192.168.1.247");
	assert_next(&r, "192.168.1.248", NULL);
}

static void half_an_ipv6_network_excluded_is_one_step(void **state)
{
	struct range r = range("2001:db8::/64");

	(void)state;
	exclude(&r, "2001:db8::/65");
	assert_next(&r, "2001:db8::", "2001:db8:0:0:8000::");
	exclude(&r, "2001:db8::8000:0:0:0/65");
	assert_next(&r, "2001:db8::", NULL);
}

static void the_last_address_of_a_family_ends_the_search(void **state)
{
	struct range r = range("255.255.255.252/31"), s = range("255.255.255.254/31");

	(void)state;
	exclude(&s, "255.255.255.255");
	assert_next(&r, "255.255.255.253", "255.255.255.253");
	assert_next(&s, "255.255.255.255", NULL);
}

static void ranges_that_share_an_address_overlap(void **state)
{
	struct range a = range("10.0.0.0/24"), b = range("10.0.0.254-10.0.1.9/16"),
		     c = range("10.0.1.0/24"), d = range("::10.0.0.0/120");

	(void)state;
	assert_true(range_overlaps(&a, &b) && range_overlaps(&b, &a));
	assert_true(range_overlaps(&b, &c));
	assert_false(range_overlaps(&a, &c));
	assert_false(range_overlaps(&a, &d));
}

static void a_shard_is_an_aligned_block_of_256(void **state)
{
	struct range r = range("192.168.1.64/26"), wide = range("10.0.0.0/16");
	struct ip a = ip("192.168.1.70"), b = ip("10.0.255.3");
	struct shard shard = shard_of(&r, &a);
	char text[IP_LEN];

	(void)state;
	assert_string_equal(shard.name, "192.168.1.0-24");
	assert_int_equal(shard_size(&shard), 62);
	assert_string_equal(ip_format(&shard.span.first, text), "192.168.1.65");
	shard = shard_of(&wide, &b);
	assert_string_equal(shard.name, "10.0.255.0-24");
	assert_int_equal(shard_size(&shard), 255);
	assert_int_equal(shard_slot(&b), 3);
	b = shard_ip(&shard, 200);
	assert_string_equal(ip_format(&b, text), "10.0.255.200");
}

static void an_ipv6_shard_is_named_after_its_120_bits(void **state)
{
	struct range r = range("2001:db8::/64");
	struct ip a = ip("2001:db8::4:17");
	struct shard shard = shard_of(&r, &a);

	(void)state;
	assert_string_equal(shard.name, "2001:db8::4:0-120");
	assert_int_equal(shard_slot(&a), 0x17);
	assert_int_equal(shard_size(&shard), 256);
}

static void only_directories_of_the_range_are_its_shards(void **state)
{
	static const char *const bad[] = { "192.168.2.0-24", "192.168.1.0-25",
					   "192.168.1.5-24", "192.168.001.0-24",
					   "192.168.1.0",    ".new-a-12345678",
					   "pool.json",	     "2001:db8::-120" };
	struct range r = range("192.168.1.0/24");
	struct shard shard;

	(void)state;
	assert_true(shard_parse(&r, "192.168.1.0-24", &shard));
	assert_int_equal(shard_size(&shard), 254);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (shard_parse(&r, bad[i], &shard))
			fail_msg("%s is taken", bad[i]);
}

/* Make shards until there are none left; how many. */
static int make_all(const struct range *range, struct shard *made, int max)
{
	int n = 0;

	while (n < max && shard_next(range, made, n, &made[n]))
		qsort(made, ++n, sizeof(*made), shard_cmp);
	return n;
}

static void shards_are_made_in_range_order_until_all_are(void **state)
{
	struct range r = range("10.0.0.200-10.0.3.10/22");
	struct shard made[8];

	(void)state;
	assert_int_equal(make_all(&r, made, 8), 4);
	assert_string_equal(made[0].name, "10.0.0.0-24");
	assert_string_equal(made[3].name, "10.0.3.0-24");
	assert_int_equal(shard_size(&made[0]), 56);
	assert_int_equal(shard_size(&made[3]), 11);
}

static void a_block_without_a_usable_address_is_never_made(void **state)
{
	struct range r = range("10.0.0.0/22"), huge = range("2001:db8::/64");
	struct shard made[8], next;

	(void)state;
	exclude(&r, "10.0.1.0-10.0.2.255");
	assert_int_equal(make_all(&r, made, 8), 2);
	assert_string_equal(made[1].name, "10.0.3.0-24");
	exclude(&huge, "2001:db8::/65");
	assert_true(shard_next(&huge, NULL, 0, &next));
	assert_string_equal(next.name, "2001:db8:0:0:8000::-120");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_and_broadcast_are_no_hosts),
		cmocka_unit_test(links_and_hosts_have_neither),
		cmocka_unit_test(a_range_may_be_part_of_its_network),
		cmocka_unit_test(what_is_no_range_is_refused),
		cmocka_unit_test(gateway_and_excluded_addresses_are_stepped_over),
		cmocka_unit_test(half_an_ipv6_network_excluded_is_one_step),
		cmocka_unit_test(the_last_address_of_a_family_ends_the_search),
		cmocka_unit_test(ranges_that_share_an_address_overlap),
		cmocka_unit_test(a_shard_is_an_aligned_block_of_256),
		cmocka_unit_test(an_ipv6_shard_is_named_after_its_120_bits),
		cmocka_unit_test(only_directories_of_the_range_are_its_shards),
		cmocka_unit_test(shards_are_made_in_range_order_until_all_are),
		cmocka_unit_test(a_block_without_a_usable_address_is_never_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
