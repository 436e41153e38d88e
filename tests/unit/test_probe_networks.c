/* networks.c, rail_index.c: rails named by Multus, and GID indexes somebody insists on.
 */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/networks.h"
#include "tests/fake_local.h"

static struct networks networks;
static struct rails rails;
static struct fake fake;
static struct err err;

static int parse(const char *text)
{
	return networks_parse(text, strlen(text), &networks, &err);
}

static int begin(void **state)
{
	struct rail_want want = { 0 };

	(void)state;
	fake = (struct fake){ 0 };
	fake_link(&fake, 3, "net1", "");
	fake_link(&fake, 4, "net2", "");
	fake_addr(&fake, 3, "10.0.1.2/24");
	fake_addr(&fake, 3, "10.0.9.2/24");
	fake_addr(&fake, 4, "10.0.2.2/24");
	fake_port(&fake, "mlx5_1", 3);
	fake_port(&fake, "mlx5_2", 4);
	fake_gid(&fake, "mlx5_1", 3, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	fake_gid(&fake, "mlx5_1", 5, GID_ROCE_V2, "::ffff:10.0.9.2", 3);
	fake_gid(&fake, "mlx5_1", 6, GID_ROCE_V1, "::ffff:10.0.9.2", 3);
	fake_gid(&fake, "mlx5_2", 5, GID_ROCE_V2, "::ffff:10.0.2.2", 4);
	gids_judge(fake_local(&fake));
	return rails_make(&rails, &fake.local, &want, &err);
}

static void rails_are_called_like_their_networks(void **state)
{
	(void)state;
	assert_int_equal(
		parse("[{\"name\":\"cbr0\",\"interface\":\"eth0\",\"default\":true},"
		      "{\"name\":\"ml/rail0\",\"interface\":\"net1\"},"
		      "{\"name\":\"rail1\",\"interface\":\"net2\"}]"),
		0);
	assert_int_equal(networks.n, 2);
	networks_apply(&networks, &rails);
	assert_string_equal(rails.v[0].name, "rail0");
	assert_string_equal(rails.v[1].name, "rail1");
	assert_int_equal(rails.n, 2);
}

static void two_interfaces_of_one_network_stay_apart(void **state)
{
	(void)state;
	parse("[{\"name\":\"rail0\",\"interface\":\"net1\"},"
	      "{\"name\":\"rail0\",\"interface\":\"net2\"}]");
	networks_apply(&networks, &rails);
	assert_string_equal(rails.v[0].name, "rail0");
	assert_string_equal(rails.v[1].name, "net2");
}

static void multus_may_have_nothing_to_tell(void **state)
{
	(void)state;
	assert_int_equal(parse("null"), 0);
	assert_int_equal(networks.n, 0);
	assert_int_equal(parse("[]"), 0);
	assert_int_equal(networks.n, 0);
}

static void an_interface_that_lost_its_rdma_device_is_a_broken_rail(void **state)
{
	(void)state;
	parse("[{\"name\":\"rail7\",\"interface\":\"net7\",\"device-info\":"
	      "{\"type\":\"pci\",\"pci\":{\"rdma-device\":\"mlx5_7\"}}},"
	      "{\"name\":\"storage\",\"interface\":\"net8\"}]");
	networks_apply(&networks, &rails);
	assert_int_equal(rails.n, 3);
	assert_string_equal(rails.v[2].name, "rail7");
	assert_int_equal(rails.v[2].fault.reason, REASON_NO_DEVICE);
}

static void what_names_no_interface_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(
		parse("[{\"name\":\"rail0\"},{\"interface\":\"net1\"},"
		      "{\"name\":\"rail1\",\"interface\":\"longer-than-a-name\"},"
		      "{\"name\":\"rail2\",\"interface\":\"net2\"}]"),
		0);
	assert_int_equal(networks.n, 1);
	assert_string_equal(networks.v[0].name, "rail2");
}

static void rails_have_a_number_at_most(void **state)
{
	char text[8192] = "[";

	(void)state;
	for (int i = 0; i <= RAIL_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s{\"name\":\"rail%d\",\"interface\":\"x%d\",\"device-info\":"
			 "{\"type\":\"pci\",\"pci\":{\"rdma-device\":\"mlx5_%d\"}}}",
			 i ? "," : "", i, i, i);
	strcat(text, "]");
	assert_int_equal(parse(text), 0);
	assert_int_equal(networks.n, RAIL_MAX);
	networks_apply(&networks, &rails); /* beside the two that there are */
	assert_int_equal(rails.n, RAIL_MAX);
}

static void what_is_no_network_status_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(parse("{}"), -1);
	assert_int_equal(parse("[1]"), -1);
	assert_int_equal(parse("[{\"name\":7}]"), -1);
	assert_int_equal(parse("[]"), 0);
	assert_int_equal(parse("[],\"x\":[]"), 0); /* no way out of the wrapping */
	assert_int_equal(networks.n, 0);
}

static void an_index_that_fits_is_used_with_its_address(void **state)
{
	char text[CIDR_LEN];

	(void)state;
	assert_int_equal(rails.v[0].gid_index, 3);
	rails_force_index(&rails, &fake.local, 5);
	assert_int_equal(rails.v[0].gid_index, 5);
	assert_string_equal(cidr_format(&rails.v[0].ip, text), "10.0.9.2/24");
	assert_int_equal(rails.v[1].gid_index, 5);
}

static void an_index_that_does_not_is_refused_with_its_reason(void **state)
{
	(void)state;
	rails_force_index(&rails, &fake.local, 6);
	assert_false(rail_usable(&rails.v[0]));
	assert_string_equal(rails.v[0].fault.note[0], "index 6 of mlx5_1: RoCE v1");
	assert_string_equal(rails.v[1].fault.note[0], "index 6 of mlx5_2: is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define NETWORKS(test) cmocka_unit_test_setup(test, begin)
		NETWORKS(rails_are_called_like_their_networks),
		NETWORKS(two_interfaces_of_one_network_stay_apart),
		NETWORKS(multus_may_have_nothing_to_tell),
		NETWORKS(an_interface_that_lost_its_rdma_device_is_a_broken_rail),
		NETWORKS(what_names_no_interface_is_passed_over),
		NETWORKS(rails_have_a_number_at_most),
		NETWORKS(what_is_no_network_status_is_an_error),
		NETWORKS(an_index_that_fits_is_used_with_its_address),
		NETWORKS(an_index_that_does_not_is_refused_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
