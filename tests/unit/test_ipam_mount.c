/* mount_of.c: how a store is mounted.
 * links: ipam/mount_of.c
 */
#include "tests/test.h"

#include "ipam/mount_of.h"

static struct mount mount;

static const char nfs[] =
	"91 25 0:53 / /mnt/ipam rw,relatime shared:40 - nfs4 node1:/ rw,vers=4.2,soft,"
	"proto=tcp\n";

static void a_line_of_mountinfo_is_read(void **state)
{
	(void)state;
	assert_true(mount_parse(nfs, 91, &mount));
	assert_string_equal(mount.type, "nfs4");
	assert_string_equal(mount.source, "node1:/");
	assert_string_equal(mount.point, "/mnt/ipam");
}

static void another_mounts_line_is_not(void **state)
{
	(void)state;
	assert_false(mount_parse(nfs, 9, &mount));
	assert_false(mount_parse("91 25 0:53 / /mnt rw", 91, &mount));
	assert_false(mount_parse("", 91, &mount));
}

static void options_are_whole_words(void **state)
{
	(void)state;
	assert_true(mount_parse(nfs, 91, &mount));
	assert_true(mount_has(&mount, "soft"));
	assert_true(mount_has(&mount, "rw"));
	assert_true(mount_has(&mount, "vers=4.2"));
	assert_false(mount_has(&mount, "vers=4"));
	assert_false(mount_has(&mount, "sof"));
	assert_false(mount_has(&mount, "ro"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_mountinfo_is_read),
		cmocka_unit_test(another_mounts_line_is_not),
		cmocka_unit_test(options_are_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
