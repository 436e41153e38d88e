/* ibsys.c: RDMA devices in a made-up sysfs. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/ibsys.h"

static char dir[] = "/tmp/test_probe_ibsys.XXXXXX";
static int sys = -1;

static void sh(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && %s", dir, command);
	assert_int_equal(system(line), 0);
}

/* A VF with two ports, a software device, and uverbs nodes in another order. */
static int make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	sh("mkdir -p pci/0000:03:10.2/physfn infiniband/mlx5_4/ports/1 "
	   "infiniband/mlx5_4/ports/2 infiniband/rxe0/ports/1 "
	   "infiniband_verbs/uverbs0 infiniband_verbs/uverbs1 "
	   "infiniband_verbs/abi_version");
	sh("ln -s ../../pci/0000:03:10.2 infiniband/mlx5_4/device");
	sh("echo 1 > pci/0000:03:10.2/numa_node");
	sh("echo InfiniBand > infiniband/mlx5_4/ports/1/link_layer");
	sh("echo Ethernet > infiniband/mlx5_4/ports/2/link_layer");
	sh("echo Ethernet > infiniband/rxe0/ports/1/link_layer");
	sh("echo 0255:00ff:fe00:0001 > infiniband/mlx5_4/node_guid");
	sh("echo rxe0 > infiniband_verbs/uverbs0/ibdev");
	sh("echo mlx5_4 > infiniband_verbs/uverbs1/ibdev");
	sys = open(dir, O_RDONLY | O_DIRECTORY);
	return sys < 0;
}

static int destroy(void **state)
{
	(void)state;
	close(sys);
	sh("rm -rf \"$PWD\"");
	return 0;
}

static void a_function_tells_where_it_is_and_what(void **state)
{
	struct port port = { .dev = "mlx5_4", .port = 2 };

	(void)state;
	ibsys_describe(sys, &port);
	ibsys_uverbs(sys, &port);
	assert_string_equal(port.pci, "0000:03:10.2");
	assert_int_equal(port.numa, 1);
	assert_string_equal(port.function, "vf");
	assert_string_equal(port.guid, "0255:00ff:fe00:0001");
	assert_string_equal(port.uverbs, "/dev/infiniband/uverbs1");
	assert_true(port.ethernet && !port.infiniband);
}

static void each_port_has_its_own_link_layer(void **state)
{
	struct port port = { .dev = "mlx5_4", .port = 1 };

	(void)state;
	ibsys_describe(sys, &port);
	assert_true(port.infiniband && !port.ethernet);
	assert_true(ibsys_has_port(sys, "mlx5_4", 2));
	assert_false(ibsys_has_port(sys, "mlx5_4", 3));
}

static void a_software_device_is_no_function(void **state)
{
	struct port port = { .dev = "rxe0", .port = 1 };

	(void)state;
	ibsys_describe(sys, &port);
	ibsys_uverbs(sys, &port);
	assert_string_equal(port.pci, "");
	assert_int_equal(port.numa, -1);
	assert_null(port.function);
	assert_string_equal(port.uverbs, "/dev/infiniband/uverbs0");
}

static void what_sysfs_does_not_show_stays_unknown(void **state)
{
	struct port port = { .dev = "nothing", .port = 1 };

	(void)state;
	ibsys_describe(sys, &port);
	ibsys_uverbs(sys, &port);
	assert_string_equal(port.uverbs, "");
	assert_false(port.ethernet || port.infiniband);
	ibsys_describe(-1, &port);
	assert_string_equal(port.guid, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_tells_where_it_is_and_what),
		cmocka_unit_test(each_port_has_its_own_link_layer),
		cmocka_unit_test(a_software_device_is_no_function),
		cmocka_unit_test(what_sysfs_does_not_show_stays_unknown),
	};

	return cmocka_run_group_tests(tests, make, destroy);
}
