/* sysfs.c on a directory that looks like /sys. */
#include "tests/test.h"

#include <errno.h>

#include "pkg/sysfs.h"
#include "tests/fake_sysfs.h"

#define DEVICES "bus/pci/devices/"
#define PF	DEVICES "0000:03:00.0/"

/* An 82576 as QEMU makes it: VFs of PF 03:00.0 from 03:10.0 on, every second one. */
static const char *const igb[] = {
	PF "sriov_numvfs=2",
	PF "sriov_offset=128",
	PF "sriov_stride=2",
	PF "net/rail0/",
	PF "virtfn0->../0000:03:10.0",
	PF "virtfn1->../0000:03:10.2",
	DEVICES "0000:03:10.0/physfn->../0000:03:00.0",
	DEVICES "0000:03:10.0/driver->../../../bus/pci/drivers/igbvf",
	DEVICES "0000:03:10.0/net/eth4/",
	DEVICES "0000:03:10.2/physfn->../0000:03:00.0",
	DEVICES "0000:03:10.2/driver->../../../bus/pci/drivers/vfio-pci",
	"class/net/rail0/device->../../../0000:03:00.0",
	NULL,
};

static struct pci_vf look(const char *const *entries, const char *device)
{
	struct err err = { 0 };
	struct pci_vf vf;
	int sys = fake_sysfs(entries);

	if (sysfs_vf(sys, device, &vf, &err))
		fail_msg("%s", err.msg);
	fake_sysfs_remove(sys);
	return vf;
}

static void a_vf_knows_its_pf_number_driver_and_interface(void **state)
{
	struct pci_vf vf = look(igb, "0000:03:10.0");

	(void)state;
	assert_string_equal(vf.pf_device, "0000:03:00.0");
	assert_string_equal(vf.pf, "rail0");
	assert_string_equal(vf.driver, "igbvf");
	assert_string_equal(vf.netdev, "eth4");
	assert_int_equal(vf.index, 0);
	assert_false(pci_vf_is_user(&vf));
}

static void a_vf_given_to_user_space_has_no_interface(void **state)
{
	struct pci_vf vf = look(igb, "0000:03:10.2");

	(void)state;
	assert_int_equal(vf.index, 1);
	assert_string_equal(vf.netdev, "");
	assert_true(pci_vf_is_user(&vf));
}

/* ConnectX: offset 2, stride 1, and VFs that run over onto the next bus. */
static void numbers_count_across_buses(void **state)
{
	static const char *const mlx5[] = {
		DEVICES "0000:5e:00.1/sriov_numvfs=300",
		DEVICES "0000:5e:00.1/sriov_offset=129",
		DEVICES "0000:5e:00.1/sriov_stride=1",
		DEVICES "0000:5f:00.2/physfn->../0000:5e:00.1",
		NULL,
	};

	(void)state;
	assert_int_equal(look(mlx5, "0000:5f:00.2").index, 0x102 - 129 - 1);
}

static void a_vf_passed_to_a_virtual_machine_has_no_pf(void **state)
{
	static const char *const vm[] = { DEVICES "0000:00:05.0/net/eth1/", NULL };
	struct pci_vf vf = look(vm, "0000:00:05.0");

	(void)state;
	assert_string_equal(vf.pf_device, "");
	assert_int_equal(vf.index, -1);
	assert_string_equal(vf.netdev, "eth1");
}

static void in_switchdev_mode_the_uplink_is_the_pf_not_a_representor(void **state)
{
	static const char *const switchdev[] = {
		PF "sriov_numvfs=1",
		PF "sriov_offset=1",
		PF "sriov_stride=1",
		PF "net/aaa/",
		PF "net/mmm/",
		PF "net/zzz/",
		"class/net/aaa/phys_port_name=pf0vf0",
		"class/net/mmm/phys_port_name=p0",
		"class/net/zzz/phys_port_name=pf0vf1",
		DEVICES "0000:03:00.1/physfn->../0000:03:00.0",
		NULL,
	};

	(void)state;
	assert_string_equal(look(switchdev, "0000:03:00.1").pf, "mmm");
}

static void no_representor_is_taken_for_the_pf(void **state)
{
	static const char *const reps[] = {
		PF "sriov_numvfs=1",
		PF "net/aaa/",
		PF "net/zzz/",
		"class/net/aaa/phys_port_name=pf0vf0",
		"class/net/zzz/phys_port_name=pf0vf1",
		DEVICES "0000:03:00.1/physfn->../0000:03:00.0",
		NULL,
	};

	(void)state;
	assert_string_equal(look(reps, "0000:03:00.1").pf, "");
}

static void what_is_no_vf_is_told_apart(void **state)
{
	int sys = fake_sysfs(igb);
	struct err err = { 0 };
	struct pci_vf vf;

	(void)state;
	assert_int_equal(sysfs_vf(sys, "0000:03:10.6", &vf, &err), -1);
	assert_int_equal(err.no, ENOENT);
	assert_int_equal(sysfs_vf(sys, "0000:03:00.0", &vf, &err), -1);
	assert_int_equal(err.no, EINVAL);
	fake_sysfs_remove(sys);
}

static void vfs_of_a_pf_are_found_by_number(void **state)
{
	int sys = fake_sysfs(igb);
	char device[DEVICE_LEN];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sysfs_device_of(sys, "rail0", device, &err), 0);
	assert_string_equal(device, "0000:03:00.0");
	assert_true(sysfs_vf_device(sys, device, 1, device));
	assert_string_equal(device, "0000:03:10.2");
	assert_false(sysfs_vf_device(sys, "0000:03:00.0", 2, device));
	assert_int_equal(sysfs_device_of(sys, "lo", device, &err), -1);
	assert_int_equal(err.no, ENODEV);
	fake_sysfs_remove(sys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vf_knows_its_pf_number_driver_and_interface),
		cmocka_unit_test(a_vf_given_to_user_space_has_no_interface),
		cmocka_unit_test(numbers_count_across_buses),
		cmocka_unit_test(a_vf_passed_to_a_virtual_machine_has_no_pf),
		cmocka_unit_test(
			in_switchdev_mode_the_uplink_is_the_pf_not_a_representor),
		cmocka_unit_test(no_representor_is_taken_for_the_pf),
		cmocka_unit_test(what_is_no_vf_is_told_apart),
		cmocka_unit_test(vfs_of_a_pf_are_found_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
