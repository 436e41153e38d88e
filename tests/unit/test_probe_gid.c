/* gid.c, gid_explain.c: whose GID is it, and which one carries RoCEv2 for an address? */
#include "tests/test.h"

#include <errno.h>

#include "plugins/rdma-probe/gid.h"
#include "tests/fake_local.h"

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* The entry found for an address, as its index in the device's table; -1 none. */
static int index_of(struct fake *fake, int ifindex, const char *address)
{
	struct ip a = ip(address);
	int entry;

	gids_judge(fake_local(fake));
	entry = gid_find(&fake->local, ifindex, &a);
	return entry < 0 ? -1 : fake->gids[entry].index;
}

static enum reason reason_for(struct fake *fake, int ifindex, const char *address)
{
	struct fault fault = { 0 };
	struct ip a = ip(address);

	assert_int_equal(index_of(fake, ifindex, address), -1);
	assert_int_equal(gid_explain(&fake->local, ifindex, &a, &fault), -1);
	assert_true(fault.notes > 0);
	return fault.reason;
}

/* A pod's table on mlx5: v1 and v2 of each address, its slots wherever they were free. */
static void a_pod_on_mlx5(struct fake *fake)
{
	*fake = (struct fake){ 0 };
	fake_link(fake, 1, "lo", "")->loopback = true;
	fake_link(fake, 3, "net1", "");
	fake_addr(fake, 1, "127.0.0.1/8");
	fake_addr(fake, 3, "10.0.1.2/24");
	fake_addr(fake, 3, "fe80::1/64");
	fake_port(fake, "mlx5_4", 3);
	fake_gid(fake, "mlx5_4", 2, GID_ROCE_V1, "fe80::1", 3);
	fake_gid(fake, "mlx5_4", 3, GID_ROCE_V2, "fe80::1", 3);
	fake_gid(fake, "mlx5_4", 6, GID_ROCE_V1, "::ffff:10.0.1.2", 3);
	fake_gid(fake, "mlx5_4", 7, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
}

static void the_v2_entry_of_the_address_is_found_wherever_it_stands(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), 7);
	assert_int_equal(fake.gids[2].why, WHY_ROCE_V1);
	assert_int_equal(fake.gids[1].why, WHY_LINK_LOCAL);
	assert_int_equal(fake.gids[1].owner, GID_MINE);
}

/* All nodes agree on which of several it is. */
static void of_entries_that_fit_alike_the_first_is_used(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_gid(&fake, "mlx5_4", 9, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), 7);
}

static void an_ipv6_address_is_its_own_gid(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_addr(&fake, 3, "2001:db8::5/64");
	fake_gid(&fake, "mlx5_4", 9, GID_ROCE_V2, "2001:db8::5", 3);
	assert_int_equal(index_of(&fake, 3, "2001:db8::5"), 9);
}

/* In shared mode the tables of all pods are open, and pods look alike: "net1", 3. */
static void the_same_ifindex_in_another_namespace_is_not_ours(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_port(&fake, "mlx5_5", 0);
	fake_gid(&fake, "mlx5_5", 7, GID_ROCE_V2, "::ffff:10.0.1.3", 3);
	gids_judge(fake_local(&fake));
	assert_int_equal(fake.gids[4].owner, GID_FOREIGN);
	assert_int_equal(fake.gids[4].why, WHY_FOREIGN);
}

static void the_same_address_and_ifindex_in_another_namespace_is_not_ours(void **state)
{
	struct fake fake = { 0 };

	(void)state;
	fake_link(&fake, 3, "net1", "veth");
	fake_addr(&fake, 3, "10.0.1.2/24");
	fake_port(&fake, "foreign", 0);
	fake_gid(&fake, "foreign", 1, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_GID_FOREIGN);

	/* Our own device is found behind it. */
	fake_port(&fake, "ours", 3);
	fake_gid(&fake, "ours", 4, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), 4);
}

static void an_ifindex_that_does_not_exist_here_is_foreign(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_port(&fake, "mlx5_6", 0);
	fake_gid(&fake, "mlx5_6", 1, GID_ROCE_V2, "::ffff:10.0.1.2", 44);
	gids_judge(fake_local(&fake));
	assert_int_equal(fake.gids[4].owner, GID_FOREIGN);
}

/* A macvlan in a pod: the port's own netdev is on the host. */
static void a_macvlan_uses_the_device_it_came_from(void **state)
{
	struct fake fake = { 0 };

	(void)state;
	fake_link(&fake, 3, "net1", "macvlan");
	fake_addr(&fake, 3, "10.0.1.2/24");
	fake_port(&fake, "mlx5_0", 0);
	fake_gid(&fake, "mlx5_0", 3, GID_ROCE_V2, "::ffff:10.0.0.1", 9);
	fake_gid(&fake, "mlx5_0", 5, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), 5);
	assert_int_equal(fake.gids[0].owner, GID_FOREIGN);

	/* But not on the word of a name, which every pod has. */
	fake.gids[1].by_name = true;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_GID_FOREIGN);
}

static void a_vlan_on_our_own_netdev_is_ours(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_link(&fake, 8, "net1.7", "vlan")->lower = 3;
	fake_addr(&fake, 8, "10.7.0.2/24");
	fake_gid(&fake, "mlx5_4", 11, GID_ROCE_V2, "::ffff:10.7.0.2", 8);
	assert_int_equal(index_of(&fake, 8, "10.7.0.2"), 11);
}

static void a_macvlan_of_ours_that_moved_to_a_pod_is_foreign(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_link(&fake, 8, "eth0", "veth");
	fake_gid(&fake, "mlx5_4", 11, GID_ROCE_V2, "::ffff:10.7.0.2", 8);
	gids_judge(fake_local(&fake));
	assert_int_equal(fake.gids[4].owner, GID_FOREIGN);
}

static void a_bond_prefers_the_device_of_its_own_function(void **state)
{
	struct fake fake = { 0 };

	(void)state;
	fake_link(&fake, 5, "bond0", "bond");
	fake_link(&fake, 3, "eth1", "")->master = 5;
	fake_link(&fake, 4, "eth2", "")->master = 5;
	fake_addr(&fake, 5, "10.0.1.2/24");
	fake_port(&fake, "mlx5_0", 3);
	fake_port(&fake, "mlx5_bond_0", 5);
	fake_gid(&fake, "mlx5_0", 3, GID_ROCE_V2, "::ffff:10.0.1.2", 5);
	fake_gid(&fake, "mlx5_bond_0", 4, GID_ROCE_V2, "::ffff:10.0.1.2", 5);
	assert_int_equal(index_of(&fake, 5, "10.0.1.2"), 4);
}

/* A kernel that does not name the port's netdev: the PCI function may still prove it. */
static void without_the_kernels_word_the_pci_function_decides(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake.ports[0].ifindex = -1;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_GID_FOREIGN);
	assert_int_equal(fake.gids[3].why, WHY_UNPROVEN);

	strcpy(fake.ports[0].pci, "0000:03:10.0");
	strcpy(fake.netdevs[1].pci, "0000:03:10.0");
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), 7);
	strcpy(fake.netdevs[1].pci, "0000:03:10.2");
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), -1);
}

static void an_index_above_255_cannot_be_used(void **state)
{
	struct fake fake = { 0 };

	(void)state;
	fake_link(&fake, 3, "net1", "");
	fake_addr(&fake, 3, "10.0.1.2/24");
	fake_port(&fake, "rxe0", 3);
	fake_gid(&fake, "rxe0", 256, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_NO_ROCEV2_GID);
	assert_int_equal(fake.gids[0].why, WHY_INDEX);
	fake.gids[0].index = 255;
	assert_int_equal(index_of(&fake, 3, "10.0.1.2"), 255);
}

static void an_entry_without_netdev_belongs_to_nobody(void **state)
{
	struct fake fake = { 0 };

	(void)state;
	fake_link(&fake, 3, "net1", "");
	fake_addr(&fake, 3, "10.0.1.2/24");
	fake_port(&fake, "mlx4_0", 0);
	fake_gid(&fake, "mlx4_0", 0, GID_IB, "fe80::2:c903:1:2", 0);
	gids_judge(fake_local(&fake));
	assert_int_equal(fake.gids[0].owner, GID_NOBODY);
	assert_int_equal(fake.gids[0].why, WHY_NO_NETDEV);
}

static void an_address_that_went_leaves_a_gid_that_is_not_used(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_gid(&fake, "mlx5_4", 9, GID_ROCE_V2, "::ffff:10.0.1.9", 3);
	gids_judge(fake_local(&fake));
	assert_int_equal(fake.gids[4].owner, GID_MINE);
	assert_int_equal(fake.gids[4].why, WHY_NO_ADDRESS);
}

static void every_cause_has_its_reason(void **state)
{
	struct fake fake;

	(void)state;
	a_pod_on_mlx5(&fake);
	fake_addr(&fake, 3, "10.0.1.77/24");
	assert_int_equal(reason_for(&fake, 3, "10.0.1.77"), REASON_NO_ROCEV2_GID);

	fake.ports[0].state = IBV_PORT_DOWN;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_PORT_DOWN);
	fake.ports[0].infiniband = true;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_LINK_LAYER_IB);

	fake.local.ngids = 0;
	fake.ports[0].access = EPERM;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_UVERBS_DENIED);
	fake.ports[0].access = ENOENT;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_UVERBS_MISSING);
	fake.ports[0].access = EIO; /* of a device that is not there any more */
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_NO_DEVICE);

	fake.local.nports = 0;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_NO_DEVICE);
	fake.local.mode = NETNS_MODE_EXCLUSIVE;
	assert_int_equal(reason_for(&fake, 3, "10.0.1.2"), REASON_NETNS_EXCLUSIVE);
}

static void link_local_alone_is_a_reason_of_its_own(void **state)
{
	struct fake fake = { 0 };

	(void)state;
	fake_link(&fake, 3, "net1", "");
	fake_addr(&fake, 3, "fe80::1/64");
	fake_port(&fake, "rxe0", 3);
	assert_int_equal(reason_for(&fake, 3, "fe80::1"), REASON_GID_LINKLOCAL_ONLY);
}

static void gids_and_addresses_are_the_same_thing_twice(void **state)
{
	static const char *const texts[] = { "10.0.1.2", "2001:db8::5", "fe80::1" };
	struct ip a, b;
	uint8_t raw[16];
	char text[GID_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		a = ip(texts[i]);
		gid_from_ip(&a, raw);
		b = gid_to_ip(raw);
		assert_true(ip_equal(&a, &b));
	}
	a = ip("10.0.1.2");
	gid_from_ip(&a, raw);
	assert_string_equal(gid_format(raw, text), "::ffff:10.0.1.2");
}

static void every_entry_has_words_for_why_not(void **state)
{
	(void)state;
	for (int why = WHY_CHOSEN + 1; why <= WHY_NO_RAIL; why++)
		assert_true(*gid_why_text(why));
	assert_string_equal(gid_why_text(WHY_CHOSEN), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_v2_entry_of_the_address_is_found_wherever_it_stands),
		cmocka_unit_test(of_entries_that_fit_alike_the_first_is_used),
		cmocka_unit_test(an_ipv6_address_is_its_own_gid),
		cmocka_unit_test(the_same_ifindex_in_another_namespace_is_not_ours),
		cmocka_unit_test(
			the_same_address_and_ifindex_in_another_namespace_is_not_ours),
		cmocka_unit_test(an_ifindex_that_does_not_exist_here_is_foreign),
		cmocka_unit_test(a_macvlan_uses_the_device_it_came_from),
		cmocka_unit_test(a_vlan_on_our_own_netdev_is_ours),
		cmocka_unit_test(a_macvlan_of_ours_that_moved_to_a_pod_is_foreign),
		cmocka_unit_test(a_bond_prefers_the_device_of_its_own_function),
		cmocka_unit_test(without_the_kernels_word_the_pci_function_decides),
		cmocka_unit_test(an_index_above_255_cannot_be_used),
		cmocka_unit_test(an_entry_without_netdev_belongs_to_nobody),
		cmocka_unit_test(an_address_that_went_leaves_a_gid_that_is_not_used),
		cmocka_unit_test(every_cause_has_its_reason),
		cmocka_unit_test(link_local_alone_is_a_reason_of_its_own),
		cmocka_unit_test(gids_and_addresses_are_the_same_thing_twice),
		cmocka_unit_test(every_entry_has_words_for_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
