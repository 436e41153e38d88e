/* record.c: what survives of an attachment's record when its writer is killed.
 * links: ipam/record.c */
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "ipam/record.h"

static char path[] = "/tmp/test-record-XXXXXX";
static int dir;
static struct err err;

static const struct record_head head = {
	.network = "rail0",
	.container = "c1",
	.ifname = "net1",
	.pod = "ns/p",
	.netns = "/run/netns/a",
	.netnsdir = "0:1:2",
	.store = "/mnt/ipam",
	.identity = "0:1-2-3",
	.id = "id",
	.pool = "rail0",
	.owner = "n,b,c1,net1",
};

static struct candidate candidate(const char *text)
{
	struct candidate candidate = { .freed = -1 };

	assert_true(ip_parse(text, &candidate.ip));
	return candidate;
}

/* Open for writing, as an ADD does. */
static void open_record(struct record *ret)
{
	if (record_open(dir, "r", ret, &err))
		fail_msg("%s", err.msg);
	ret->head = head;
}

static void try_two(struct record *record, const char *a, const char *b)
{
	const struct candidate two[] = { candidate(a), candidate(b) };

	if (record_try(record, "10.0.0.0-24", "a81c44d0", two, 2, &err))
		fail_msg("%s", err.msg);
}

/* The claims that a DEL would find: "10.0.0.1 10.0.0.2". */
static const char *claims(void)
{
	static char text[1024];
	_autorecord_ struct record record = RECORD_NONE;
	char ip[IP_LEN];
	int n = 0;

	assert_int_equal(record_load(dir, "r", &record, &err), 1);
	*text = '\0';
	for (int i = 0; i < record.n_claims; i++)
		n += sprintf(text + n, "%s%s", i ? " " : "",
			     ip_format(&record.claims[i].ip, ip));
	return text;
}

static void append_text(const char *text)
{
	_autoclose_ int fd = openat(dir, "r", O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void a_record_that_is_not_there_is_told_from_a_failure(void **state)
{
	struct record record;

	(void)state;
	assert_int_equal(record_load(dir, "r", &record, &err), 0);
}

static void what_is_tried_is_there_before_it_is_done(void **state)
{
	_autorecord_ struct record record = RECORD_NONE;

	(void)state;
	open_record(&record);
	assert_string_equal(claims(), "");
	try_two(&record, "10.0.0.1", "10.0.0.2");
	assert_string_equal(claims(), "10.0.0.1 10.0.0.2");
}

static void the_outcome_leaves_the_one_that_was_won(void **state)
{
	_autorecord_ struct record record = RECORD_NONE;
	struct candidate won = candidate("10.0.0.4");

	(void)state;
	open_record(&record);
	try_two(&record, "10.0.0.1", "10.0.0.2");
	record_lost(&record);
	assert_string_equal(claims(), "");
	try_two(&record, "10.0.0.3", "10.0.0.4");
	record_won(&record, &won.ip);
	assert_string_equal(claims(), "10.0.0.4");
	/* The second address of a dual-stack pod. */
	try_two(&record, "2001:db8::1", "2001:db8::2");
	assert_string_equal(claims(), "10.0.0.4 2001:db8::1 2001:db8::2");
	assert_int_equal(record.n_claims, 3);
	won = candidate("2001:db8::1");
	record_won(&record, &won.ip);
	assert_string_equal(claims(), "10.0.0.4 2001:db8::1");
	assert_int_equal(record.n_claims, 2);
}

static void a_later_add_keeps_what_an_earlier_one_may_have(void **state)
{
	_autorecord_ struct record first = RECORD_NONE, second = RECORD_NONE;
	struct candidate won = candidate("10.0.0.3");

	(void)state;
	open_record(&first);
	try_two(&first, "10.0.0.1", "10.0.0.2");
	open_record(&second);
	assert_int_equal(second.before, 2);
	try_two(&second, "10.0.0.3", "10.0.0.4");
	record_won(&second, &won.ip);
	assert_string_equal(claims(), "10.0.0.1 10.0.0.2 10.0.0.3");
}

static void a_line_that_was_not_finished_counts_for_nothing(void **state)
{
	_autorecord_ struct record first = RECORD_NONE, second = RECORD_NONE;

	(void)state;
	open_record(&first);
	append_text("network rail0\ncontainer c1\nifna");
	assert_string_equal(claims(), "");
	open_record(&second);
	try_two(&second, "10.0.0.1", "10.0.0.2");
	append_text("won 10.0.0.1");
	assert_string_equal(claims(), "10.0.0.1 10.0.0.2");
}

static void the_head_is_read_back(void **state)
{
	_autorecord_ struct record record = RECORD_NONE, again = RECORD_NONE;

	(void)state;
	open_record(&record);
	try_two(&record, "10.0.0.1", "10.0.0.2");
	assert_int_equal(record_load(dir, "r", &again, &err), 1);
	assert_string_equal(again.head.network, "rail0");
	assert_string_equal(again.head.netnsdir, "0:1:2");
	assert_string_equal(again.head.owner, "n,b,c1,net1");
	assert_string_equal(again.claims[0].shard, "10.0.0.0-24");
	assert_string_equal(again.claims[0].nonce, "a81c44d0");
}

static void too_many_claims_are_looked_for_in_the_pool(void **state)
{
	_autorecord_ struct record record = RECORD_NONE, again = RECORD_NONE;

	(void)state;
	open_record(&record);
	for (int i = 0; i <= RECORD_MAX_CLAIMS / 2; i++)
		try_two(&record, "10.0.0.1", "10.0.0.2");
	assert_true(record.list);
	assert_int_equal(record_load(dir, "r", &again, &err), 1);
	assert_true(again.list);
}

static void a_search_can_be_asked_for(void **state)
{
	_autorecord_ struct record record = RECORD_NONE;

	(void)state;
	assert_int_equal(record_write_list(dir, "r", &head, &err), 0);
	assert_int_equal(record_load(dir, "r", &record, &err), 1);
	assert_true(record.list);
	assert_int_equal(record.n_claims, 0);
	assert_string_equal(record.head.store, "/mnt/ipam");
}

static void nonsense_in_a_record_is_harmless(void **state)
{
	static const char *const lines[] = {
		"try\n",  "try a\n",   "try a b c d\n", "won\n",  "won x\n",
		"lost\n", "network\n", "\n\n",		" x y\n", "try  10.0.0.1\n",
	};
	_autorecord_ struct record record = RECORD_NONE;

	(void)state;
	open_record(&record);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		append_text(lines[i]);
		(void)claims();
	}
}

static int make_dir(void **state)
{
	(void)state;
	dir = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY) : -1;
	return dir < 0;
}

static int remove_file(void **state)
{
	(void)state;
	unlinkat(dir, "r", 0);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	close(dir);
	return rmdir(path);
}

#define TEST(f) cmocka_unit_test_teardown(f, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_that_is_not_there_is_told_from_a_failure),
		TEST(what_is_tried_is_there_before_it_is_done),
		TEST(the_outcome_leaves_the_one_that_was_won),
		TEST(a_later_add_keeps_what_an_earlier_one_may_have),
		TEST(a_line_that_was_not_finished_counts_for_nothing),
		TEST(the_head_is_read_back),
		TEST(too_many_claims_are_looked_for_in_the_pool),
		TEST(a_search_can_be_asked_for),
		TEST(nonsense_in_a_record_is_harmless),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
