/* state.c: names that say whose they are, and files that are there whole or not at all.
 * links: plugins/sriov/state.c plugins/sriov/plan.c plugins/sriov/plan_json.c */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/sriov/state.h"

static char path[] = "/tmp/test-state-XXXXXX";
static int dir;
static struct err err;

static struct plan plan_of(const char *container, const char *device)
{
	struct plan plan = { .owner = { .network = "rail0", .ifname = "net1" } };

	strcpy(plan.owner.container, container);
	strcpy(plan.vf.device, device);
	plan.conf = strdup("{}");
	plan.cni_path = strdup("/opt/cni/bin");
	plan.cni_args = strdup("");
	return plan;
}

static int count(void)
{
	_autorecords_ struct records records = { 0 };

	assert_int_equal(state_list(dir, &records, &err), 0);
	return records.count;
}

static void a_record_is_found_by_attachment_and_by_vf(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0");
	_autorecords_ struct records records = { 0 };
	struct owner other = plan.owner;

	(void)state;
	assert_int_equal(state_create(dir, &plan, &err), 0);
	assert_int_equal(state_list(dir, &records, &err), 0);
	assert_int_equal(records.count, 1);
	assert_string_equal(records.list[0].device, "0000:03:10.0");
	assert_true(record_is_of(&records.list[0], &plan.owner));
	strcpy(other.ifname, "net2");
	assert_false(record_is_of(&records.list[0], &other));
}

static void odd_interface_names_keep_their_meaning(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0");
	_autorecords_ struct records records = { 0 };

	(void)state;
	strcpy(plan.owner.ifname, ",a\x01,\xc3\xa9");
	assert_int_equal(state_create(dir, &plan, &err), 0);
	assert_int_equal(state_list(dir, &records, &err), 0);
	assert_true(record_is_of(&records.list[0], &plan.owner));
}

static void a_second_record_of_the_same_is_refused(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0");

	(void)state;
	assert_int_equal(state_create(dir, &plan, &err), 0);
	assert_int_equal(state_create(dir, &plan, &err), -1);
	assert_int_equal(err.no, EEXIST);
}

static void what_an_update_left_goes_with_its_record(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0"), back = { 0 };
	_autorecords_ struct records records = { 0 };
	char tmp[NAME_MAX + 1];
	struct stat st;

	(void)state;
	assert_int_equal(state_create(dir, &plan, &err), 0);
	plan.result = strdup("{}");
	assert_int_equal(state_update(dir, &plan, &err), 0);
	assert_int_equal(state_list(dir, &records, &err), 0);
	assert_int_equal(state_load(dir, &records.list[0], &back, &err), 0);
	assert_string_equal(back.result, "{}");

	/* As if killed between making the new text and putting it in place. */
	snprintf(tmp, sizeof(tmp), ".%s.tmp", records.list[0].file);
	close(openat(dir, tmp, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(state_remove(dir, &records.list[0], &err), 0);
	assert_int_equal(fstatat(dir, tmp, &st, 0), -1);
	assert_int_equal(count(), 0);
	assert_int_equal(state_remove(dir, &records.list[0], &err), 0);
}

static void what_an_update_left_goes_when_the_record_is_renamed(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0");
	char tmp[NAME_MAX + 1];
	struct record record;
	struct stat st;

	(void)state;
	assert_int_equal(state_create(dir, &plan, &err), 0);
	assert_int_equal(record_of("0000:03:10.0", &plan.owner, &record, &err), 0);
	snprintf(tmp, sizeof(tmp), ".%s.tmp", record.file);
	close(openat(dir, tmp, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(state_free_vf(dir, &record, &err), 0);
	assert_int_equal(fstatat(dir, tmp, &st, 0), -1);
}

static void a_freed_vf_is_named_by_no_record_but_the_attachment_still_is(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0");
	_autorecords_ struct records records = { 0 };
	struct record record;

	(void)state;
	assert_int_equal(state_create(dir, &plan, &err), 0);
	assert_int_equal(record_of("0000:03:10.0", &plan.owner, &record, &err), 0);
	assert_int_equal(state_free_vf(dir, &record, &err), 0);
	assert_int_equal(state_list(dir, &records, &err), 0);
	assert_int_equal(records.count, 1);
	assert_false(record_has_vf(&records.list[0]));
	assert_true(record_is_of(&records.list[0], &plan.owner));
}

static void foreign_files_are_not_taken_for_records(void **state)
{
	(void)state;
	close(openat(dir, "README", O_CREAT | O_WRONLY, 0600));
	close(openat(dir, "a,b", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(state_lock(dir, "0000:03:10.0", 0, &err) < 0, 0);
	assert_int_equal(count(), 0);
}

static void names_too_long_together_are_told(void **state)
{
	_autoplan_ struct plan plan = plan_of("c1", "0000:03:10.0");

	(void)state;
	memset(plan.owner.container, 'c', 128);
	memset(plan.owner.network, 'n', 128);
	assert_int_equal(state_create(dir, &plan, &err), -1);
	assert_int_equal(err.code, CNI_BAD_CONFIG);
	assert_int_equal(count(), 0);
}

static void a_vf_is_worked_on_by_one_at_a_time(void **state)
{
	_autoclose_ int first = state_lock(dir, "0000:03:10.0", 0, &err);
	_autoclose_ int other = state_lock(dir, "0000:03:10.2", 0, &err);

	(void)state;
	assert_true(first >= 0 && other >= 0);
	assert_int_equal(state_lock(dir, "0000:03:10.0", 30, &err), -1);
	assert_int_equal(err.code, CNI_TRY_LATER);
	assert_int_equal(err.no, EWOULDBLOCK);
}

static int make_dir(void **state)
{
	(void)state;
	strcpy(path, "/tmp/test-state-XXXXXX");
	dir = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY) : -1;
	return dir < 0;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	close(dir);
	snprintf(command, sizeof(command), "rm -r %s", path);
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_found_by_attachment_and_by_vf),
		TEST(odd_interface_names_keep_their_meaning),
		TEST(a_second_record_of_the_same_is_refused),
		TEST(what_an_update_left_goes_with_its_record),
		TEST(what_an_update_left_goes_when_the_record_is_renamed),
		TEST(a_freed_vf_is_named_by_no_record_but_the_attachment_still_is),
		TEST(foreign_files_are_not_taken_for_records),
		TEST(names_too_long_together_are_told),
		TEST(a_vf_is_worked_on_by_one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
