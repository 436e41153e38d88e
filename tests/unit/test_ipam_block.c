/* block.c and range_part(): what nodes take for themselves, and its names.
 * links: ipam/block.c ipam/range.c */
#include "tests/test.h"

#include <string.h>

#include "pkg/cleanup.h"
#include "ipam/block.h"

static struct range range;

static void setup(const char *text)
{
	if (!range_read(text, &range))
		fail_msg("%s is refused", text);
}

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* The part of the range in the block of an address, and its gateway: "FIRST-LAST/LEN GW"
 */
static void assert_part(const char *of, const char *wanted)
{
	struct ip at = ip(of);
	struct range part = range_part(&range, &at);
	char text[RANGE_LEN + IP_LEN], gateway[IP_LEN];

	part.block = 0;
	range_format(&part, text);
	strcat(text, " ");
	strcat(text, ip_format(&part.gateway, gateway));
	assert_string_equal(text, wanted);
}

static void a_block_is_a_network_of_its_own(void **state)
{
	(void)state;
	setup("10.0.0.1-10.0.255.254/16 in /26 gateway 1");
	assert_part("10.0.3.70", "10.0.3.65-10.0.3.126/26 10.0.3.65");
	assert_part("10.0.0.0", "10.0.0.1-10.0.0.62/26 10.0.0.1");
	assert_part("10.0.255.255", "10.0.255.193-10.0.255.254/26 10.0.255.193");
}

static void a_range_that_starts_inside_a_block_has_a_part_of_it(void **state)
{
	(void)state;
	setup("10.0.0.77-10.0.0.200/16 in /26");
	assert_part("10.0.0.77", "10.0.0.77-10.0.0.126/26 ");
	assert_part("10.0.0.200", "10.0.0.193-10.0.0.200/26 ");
}

static void without_blocks_the_part_is_the_whole(void **state)
{
	(void)state;
	setup("10.0.0.1-10.0.255.254/16");
	assert_part("10.0.3.70", "10.0.0.1-10.0.255.254/16 ");
}

/* The first addresses of the blocks in a directory of the range. */
static int blocks_in(const char *first)
{
	struct ip at = ip(first);
	struct blockdir dir = blockdir_of(&range, &at);
	int n = 0;

	for (at = dir.span.first; block_next(&range, &dir, &at); n++)
		if (!block_behind(&range, &at))
			return n + 1;
	return n;
}

static void a_directory_has_at_most_256_blocks(void **state)
{
	struct blockdir dir;

	(void)state;
	setup("10.0.0.1-10.0.255.254/16 in /26");
	assert_true(blockdir_next(&range, NULL, 0, &dir));
	assert_string_equal(dir.name, "blocks-10.0.0.0-18");
	assert_int_equal(blocks_in("10.0.0.0"), 256);
	setup("2001:db8::1-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/32 in /64");
	assert_int_equal(blocks_in("2001:db8::"), 256);
	setup("10.0.0.77-10.0.0.200/16 in /26");
	assert_int_equal(blocks_in("10.0.0.77"), 3);
	setup("255.255.255.1-255.255.255.254/24 in /26");
	assert_int_equal(blocks_in("255.255.255.1"), 4);
}

static void directories_are_made_in_range_order(void **state)
{
	struct blockdir made[2], next;

	(void)state;
	setup("10.0.64.1-10.0.191.254/16 in /26");
	assert_true(blockdir_next(&range, made, 0, &made[0]));
	assert_string_equal(made[0].name, "blocks-10.0.64.0-18");
	assert_true(blockdir_next(&range, made, 1, &made[1]));
	assert_string_equal(made[1].name, "blocks-10.0.128.0-18");
	assert_false(blockdir_next(&range, made, 2, &next));
}

static void only_directories_of_the_range_are_read(void **state)
{
	struct blockdir dir;

	(void)state;
	setup("10.0.64.1-10.0.191.254/16 in /26");
	assert_true(blockdir_parse(&range, "blocks-10.0.64.0-18", &dir));
	assert_false(blockdir_parse(&range, "blocks-10.0.0.0-18", &dir));
	assert_false(blockdir_parse(&range, "blocks-10.0.64.0-19", &dir));
	assert_false(blockdir_parse(&range, "blocks-10.0.64.1-18", &dir));
	assert_false(blockdir_parse(&range, "blocks-x", &dir));
	assert_false(blockdir_parse(&range, "10.0.64.0-24", &dir));
	assert_false(blockdir_parse(&range, "blocks-2001:db8::-56", &dir));
}

static void a_file_says_who_has_the_block(void **state)
{
	struct block block;

	(void)state;
	assert_true(block_parse("10.0.3.64-26", &block));
	assert_int_equal(block.state, LEASE_FREE);
	assert_int_equal(block.freed, -1);
	assert_true(block_parse("10.0.3.64-26@1732262400", &block));
	assert_int_equal(block.freed, 1732262400);
	assert_true(block_parse("10.0.3.64-26=gpu07,a81c44d0", &block));
	assert_int_equal(block.state, LEASE_HELD);
	assert_string_equal(block.node, "gpu07");
	assert_string_equal(block.nonce, "a81c44d0");
	assert_true(block_parse("10.0.3.64-26=reserved,printers", &block));
	assert_int_equal(block.state, LEASE_RESERVED);
}

static void a_name_that_means_nothing_is_nobodys(void **state)
{
	struct block block;

	(void)state;
	assert_true(block_parse("10.0.3.64-26=gpu07", &block));
	assert_int_equal(block.state, LEASE_ODD);
	assert_true(block_parse("10.0.3.64-26@soon", &block));
	assert_int_equal(block.state, LEASE_ODD);
	assert_false(block_parse("10.0.3.64", &block));
	assert_false(block_parse("10.0.03.64-26", &block));
	assert_false(block_parse("10.0.3.64-33", &block));
	assert_false(block_parse("", &block));
}

static void names_are_read_back(void **state)
{
	struct ip at = ip("10.0.3.70");
	char name[LEASE_LEN];

	(void)state;
	setup("10.0.0.1-10.0.255.254/16 in /26");
	assert_string_equal(block_free_name(&range, &at, -1, name), "10.0.3.64-26");
	assert_string_equal(block_free_name(&range, &at, 7, name), "10.0.3.64-26@7");
	assert_string_equal(block_held_name(&range, &at, "gpu07", "a81c44d0", name),
			    "10.0.3.64-26=gpu07,a81c44d0");
}

static void the_text_of_a_range_with_blocks_is_read_back(void **state)
{
	char text[RANGE_LEN];

	(void)state;
	setup("10.0.0.1-10.0.255.254/16 in /26 gateway 1");
	assert_string_equal(range_format(&range, text),
			    "10.0.0.1-10.0.255.254/16 in /26 gateway 1");
	assert_false(range_read("10.0.0.1-10.0.255.254/16 in /x", &range));
	assert_false(range_read("10.0.0.1-10.0.255.254/16 in /26 gate", &range));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_a_network_of_its_own),
		cmocka_unit_test(a_range_that_starts_inside_a_block_has_a_part_of_it),
		cmocka_unit_test(without_blocks_the_part_is_the_whole),
		cmocka_unit_test(a_directory_has_at_most_256_blocks),
		cmocka_unit_test(directories_are_made_in_range_order),
		cmocka_unit_test(only_directories_of_the_range_are_read),
		cmocka_unit_test(a_file_says_who_has_the_block),
		cmocka_unit_test(a_name_that_means_nothing_is_nobodys),
		cmocka_unit_test(names_are_read_back),
		cmocka_unit_test(the_text_of_a_range_with_blocks_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
