/* pick.c: in which order free addresses are tried.
 * links: ipam/pick.c ipam/shard.c ipam/range.c ipam/lease.c ipam/digest.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "ipam/pick.h"

#define NOW 1000000

static struct range range;
static struct shard shard;
static struct view view;
static struct pick pick;

static void setup(const char *text, uint64_t hash)
{
	assert_true(range_parse(text, &range));
	shard = shard_of(&range, &range.span.first);
	memset(&view, 0, sizeof(view));
	pick = (struct pick){
		.range = &range, .hash = hash << 32, .now = NOW, .delay = 60
	};
}

static void file(const char *name)
{
	struct lease lease;

	assert_true(lease_parse(name, &lease));
	view_note(&view, &lease);
}

/* The last bytes of the candidates, in order: "5 6 1". */
static const char *order(const struct candidate *list, int n)
{
	static char text[1024];
	int len = 0;

	*text = '\0';
	for (int i = 0; i < n; i++)
		len += sprintf(text + len, "%s%d", i ? " " : "", shard_slot(&list[i].ip));
	return text;
}

static const char *rested(int max)
{
	struct candidate list[SHARD_SLOTS];

	return order(list, pick_rested(&pick, &shard, &view, list, max));
}

static const char *resting(int max)
{
	struct candidate list[SHARD_SLOTS];

	return order(list, pick_resting(&pick, &shard, &view, list, 0, max));
}

static void all_free(int first, int last)
{
	char name[32];

	for (int i = first; i <= last; i++) {
		sprintf(name, "10.0.0.%d", i);
		file(name);
	}
}

static void the_search_starts_at_the_hash_and_wraps(void **state)
{
	(void)state;
	setup("10.0.0.0/29", 4); /* six hosts: 1 to 6 */
	all_free(1, 6);
	assert_string_equal(rested(99), "5 6 1 2 3 4");
	assert_string_equal(rested(2), "5 6");
}

static void the_place_depends_on_the_host_part_alone(void **state)
{
	(void)state;
	setup("10.0.0.64-10.0.0.127/24", 70);
	all_free(64, 127);
	assert_string_equal(rested(1), "70");
	setup("10.0.7.64-10.0.7.127/24", 70);
	file("10.0.7.70");
	assert_string_equal(rested(1), "70");
}

static void taken_and_reserved_addresses_are_no_candidates(void **state)
{
	(void)state;
	setup("10.0.0.0/29", 0);
	all_free(1, 3);
	file("10.0.0.4=reserved,gateway");
	file("10.0.0.5=n,5b1e9a02,c,net1,a81c44d0");
	file("10.0.0.6=what");
	assert_string_equal(rested(99), "1 2 3");
	assert_int_equal(view.n_held, 1);
	assert_int_equal(view.n_reserved, 1);
}

static void an_address_seen_free_and_taken_is_not_for_us(void **state)
{
	(void)state;
	setup("10.0.0.0/29", 0);
	file("10.0.0.1");
	file("10.0.0.1=n,5b1e9a02,c,net1,a81c44d0");
	file("10.0.0.2=n,5b1e9a02,c,net1,a81c44d0");
	file("10.0.0.2@5");
	file("10.0.0.3");
	assert_string_equal(rested(99), "3");
}

static void what_the_configuration_excludes_by_now_is_skipped(void **state)
{
	struct span span;

	(void)state;
	setup("10.0.0.0/29", 0);
	all_free(1, 6);
	assert_true(span_parse("10.0.0.2-10.0.0.3", &span));
	range.excludes = &span;
	range.n_excludes = 1;
	assert_true(ip_parse("10.0.0.1", &range.gateway));
	assert_string_equal(rested(99), "4 5 6");
}

static void a_freed_address_rests_and_is_then_like_new(void **state)
{
	(void)state;
	setup("10.0.0.0/29", 0);
	file("10.0.0.1@999941"); /* 59 s ago */
	file("10.0.0.2@999940");
	file("10.0.0.3");
	assert_string_equal(rested(99), "2 3");
	assert_string_equal(resting(99), "1");
}

static void resting_addresses_come_longest_rested_first(void **state)
{
	(void)state;
	setup("10.0.0.0/28", 3);
	file("10.0.0.1@999990");
	file("10.0.0.2@999960");
	file("10.0.0.3@999999");
	file("10.0.0.4@999970");
	assert_string_equal(rested(99), "");
	assert_string_equal(resting(99), "2 4 1 3");
	assert_string_equal(resting(2), "2 4");
}

static void a_time_to_come_is_no_reason_to_never_use_an_address(void **state)
{
	(void)state;
	setup("10.0.0.0/29", 0);
	file("10.0.0.1@2000000");
	assert_string_equal(rested(99), "");
	assert_string_equal(resting(99), "1");
	pick.delay = 0;
	assert_string_equal(rested(99), "1");
}

static void resting_addresses_of_several_shards_are_one_queue(void **state)
{
	struct candidate list[8];
	int n;

	(void)state;
	setup("10.0.0.0/23", 0);
	file("10.0.0.7@999990");
	file("10.0.0.8@999950");
	n = pick_resting(&pick, &shard, &view, list, 0, 3);
	memset(&view, 0, sizeof(view));
	shard = shard_of(&range, &range.span.last);
	file("10.0.1.1@999970");
	file("10.0.1.2@999995");
	n = pick_resting(&pick, &shard, &view, list, n, 3);
	assert_string_equal(order(list, n), "8 1 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_search_starts_at_the_hash_and_wraps),
		cmocka_unit_test(the_place_depends_on_the_host_part_alone),
		cmocka_unit_test(taken_and_reserved_addresses_are_no_candidates),
		cmocka_unit_test(an_address_seen_free_and_taken_is_not_for_us),
		cmocka_unit_test(what_the_configuration_excludes_by_now_is_skipped),
		cmocka_unit_test(a_freed_address_rests_and_is_then_like_new),
		cmocka_unit_test(resting_addresses_come_longest_rested_first),
		cmocka_unit_test(a_time_to_come_is_no_reason_to_never_use_an_address),
		cmocka_unit_test(resting_addresses_of_several_shards_are_one_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
