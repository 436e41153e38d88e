/* doctor_mount.c: which ways to mount a store are dangerous.
 * links: ipam/doctor_mount.c ipam/mount_of.c
 */
#include "tests/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipam/doctor_mount.h"

static const char *mounted; /* type and options */
static char said[4096];	    /* warnings and failures */

int __wrap_mount_of(int dir, struct mount *ret, struct err *err);
int __wrap_mount_of(int dir, struct mount *ret, struct err *err)
{
	(void)dir;
	(void)err;
	*ret = (struct mount){ .source = "node1:/", .point = "/mnt" };
	assert_int_equal(sscanf(mounted, "%31s %1023s", ret->type, ret->options), 2);
	return 0;
}

void store_fs(const struct store *store, char ret[32], bool *local)
{
	(void)store;
	strcpy(ret, "nfs");
	*local = false;
}

void doctor_say(struct doctor *doctor, enum health health, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warn", "FAIL" };
	size_t len = strlen(said);
	va_list ap;

	(void)doctor;
	if (health == HEALTH_OK)
		return;
	len += snprintf(said + len, sizeof(said) - len, "%s: ", words[health]);
	va_start(ap, fmt);
	vsnprintf(said + len, sizeof(said) - len, fmt, ap);
	va_end(ap);
}

static const char *diagnose(const char *as)
{
	struct store store = STORE_CLOSED;
	struct doctor doctor = { .about = "/mnt" };

	mounted = as;
	*said = '\0';
	doctor_mount(&doctor, &store);
	return said;
}

static void what_the_manual_advises_is_fine(void **state)
{
	(void)state;
	assert_string_equal(diagnose("nfs4 rw,relatime,vers=4.2,hard,proto=tcp"), "");
	assert_string_equal(diagnose("nfs rw,vers=3,hard,nolock,proto=tcp"), "");
	assert_string_equal(diagnose("ext4 rw,relatime"), "");
}

static void a_mount_that_gives_up_is_a_failure(void **state)
{
	(void)state;
	assert_non_null(
		strstr(diagnose("nfs rw,vers=3,soft"), "FAIL: it is mounted soft:"));
	assert_non_null(strstr(diagnose("nfs4 rw,vers=4.2,softerr"),
			       "FAIL: it is mounted softerr"));
}

static void listings_that_may_be_old_are_a_failure(void **state)
{
	(void)state;
	assert_non_null(
		strstr(diagnose("nfs4 rw,hard,nocto"), "FAIL: it is mounted nocto"));
}

static void what_cannot_be_written_is_a_failure(void **state)
{
	(void)state;
	assert_non_null(
		strstr(diagnose("ext4 ro,relatime"), "FAIL: it is mounted read-only"));
}

static void versions_that_lose_replies_are_warned_of(void **state)
{
	(void)state;
	assert_non_null(strstr(diagnose("nfs4 rw,hard,vers=4.0"), "warn: NFS 4.0"));
	assert_non_null(
		strstr(diagnose("nfs rw,hard,vers=3,proto=udp"), "warn: NFS over UDP"));
}

/* Renames wait for the server's answer either way. */
static void ceph_may_make_and_remove_files_asynchronously(void **state)
{
	(void)state;
	assert_string_equal(diagnose("ceph rw,relatime,nowsync"), "");
	assert_string_equal(diagnose("ceph rw,relatime,wsync"), "");
}

/* "soft" is a word of NFS alone. */
static void an_option_counts_for_its_file_system(void **state)
{
	(void)state;
	assert_string_equal(diagnose("fuse.thing rw,soft,nocto"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_manual_advises_is_fine),
		cmocka_unit_test(a_mount_that_gives_up_is_a_failure),
		cmocka_unit_test(listings_that_may_be_old_are_a_failure),
		cmocka_unit_test(what_cannot_be_written_is_a_failure),
		cmocka_unit_test(versions_that_lose_replies_are_warned_of),
		cmocka_unit_test(ceph_may_make_and_remove_files_asynchronously),
		cmocka_unit_test(an_option_counts_for_its_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
