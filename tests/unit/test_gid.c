/* gid.c on a directory that looks like /sys. */
#include "tests/test.h"

#include "pkg/gid.h"
#include "tests/fake_sysfs.h"

#define PORT "class/infiniband/mlx5_4/ports/1/"
#define V4   "0000:0000:0000:0000:0000:ffff:0a00:0001"

/* As a VF of a ConnectX shows it: each address once for RoCE v1, once for v2. */
static const char *const table[] = {
	PORT "gids/0=fe80:0000:0000:0000:0000:00ff:fe00:0009",
	PORT "gids/1=fe80:0000:0000:0000:0000:00ff:fe00:0009",
	PORT "gids/2=0000:0000:0000:0000:0000:0000:0000:0000",
	PORT "gids/3=" V4,
	PORT "gids/4=" V4,
	PORT "gids/5=" V4,
	PORT "gids/6=2001:0db8:0000:0000:0000:0000:0000:0005",
	PORT "gid_attrs/types/3=IB/RoCE v1",
	PORT "gid_attrs/types/4=RoCE v2",
	PORT "gid_attrs/types/5=RoCE v2",
	PORT "gid_attrs/types/6=RoCE v2",
	PORT "gid_attrs/ndevs/3=net1",
	PORT "gid_attrs/ndevs/4=bond0",
	PORT "gid_attrs/ndevs/5=net1",
	PORT "gid_attrs/ndevs/6=net1",
	"bus/pci/devices/0000:03:10.0/infiniband/mlx5_4/",
	"bus/pci/devices/0000:03:10.0/infiniband_verbs/uverbs7/",
	"bus/pci/devices/0000:03:10.2/net/eth1/",
	NULL,
};

static int find(const char *address, const char *netdev)
{
	int sys = fake_sysfs(table), index;
	struct ip ip;

	assert_true(ip_parse(address, &ip));
	index = gid_find(sys, "mlx5_4", &ip, netdev);
	fake_sysfs_remove(sys);
	return index;
}

static void the_gid_is_of_version_2_and_of_this_interface(void **state)
{
	(void)state;
	assert_int_equal(find("10.0.0.1", "net1"), 5);
	assert_int_equal(find("10.0.0.1", "bond0"), 4);
	assert_int_equal(find("2001:db8::5", "net1"), 6);
}

static void what_is_not_there_yet_has_no_index(void **state)
{
	(void)state;
	assert_int_equal(find("10.0.0.2", "net1"), -1);
	assert_int_equal(find("10.0.0.1", "net2"), -1);
	assert_int_equal(find("fe80::ff:fe00:9", "net1"), -1); /* no type is readable */
}

static void the_devices_of_a_function_are_found(void **state)
{
	char rdma[RDMA_NAME_LEN], uverbs[32];
	int sys = fake_sysfs(table);

	(void)state;
	sysfs_rdma(sys, "0000:03:10.0", rdma);
	assert_string_equal(rdma, "mlx5_4");
	sysfs_uverbs(sys, "0000:03:10.0", uverbs);
	assert_string_equal(uverbs, "uverbs7");
	sysfs_rdma(sys, "0000:03:10.2", rdma);
	assert_string_equal(rdma, "");
	fake_sysfs_remove(sys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gid_is_of_version_2_and_of_this_interface),
		cmocka_unit_test(what_is_not_there_yet_has_no_index),
		cmocka_unit_test(the_devices_of_a_function_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
