/* rail.c, pair.c: the rails of a namespace, and how they pair with those of a peer. */
#include "tests/test.h"

#include "plugins/rdma-probe/rail.h"
#include "tests/fake_local.h"

static struct rails rails;

static void make(struct fake *fake, const char *const *specs, int nspecs, int family)
{
	struct rail_spec parsed[4];
	struct rail_want want = { .specs = parsed, .nspecs = nspecs, .family = family };
	struct err err;

	for (int i = 0; i < nspecs; i++)
		assert_true(rail_spec_parse(specs[i], &parsed[i]));
	gids_judge(fake_local(fake));
	assert_int_equal(rails_make(&rails, &fake->local, &want, &err), 0);
}

/* eth0 without RDMA, and two rails. */
static void a_pod(struct fake *fake)
{
	*fake = (struct fake){ 0 };
	fake_link(fake, 1, "lo", "")->loopback = true;
	fake_link(fake, 2, "eth0", "veth");
	fake_link(fake, 3, "net1", "");
	fake_link(fake, 4, "net2", "");
	fake_addr(fake, 1, "127.0.0.1/8");
	fake_addr(fake, 2, "10.244.0.9/24");
	fake_addr(fake, 3, "192.168.1.11/24");
	fake_addr(fake, 4, "fe80::4/64");
	fake_addr(fake, 4, "2001:db8::11/64");
	fake_addr(fake, 4, "192.168.2.11/24");
	fake_port(fake, "mlx5_8", 3);
	fake_port(fake, "mlx5_9", 4);
	fake_gid(fake, "mlx5_8", 5, GID_ROCE_V2, "::ffff:192.168.1.11", 3);
	fake_gid(fake, "mlx5_9", 1, GID_ROCE_V2, "fe80::4", 4);
	fake_gid(fake, "mlx5_9", 2, GID_ROCE_V2, "2001:db8::11", 4);
	fake_gid(fake, "mlx5_9", 7, GID_ROCE_V2, "::ffff:192.168.2.11", 4);
}

static void every_netdev_with_rdma_and_an_address_is_a_rail(void **state)
{
	struct fake fake;

	(void)state;
	a_pod(&fake);
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.n, 2);
	assert_string_equal(rails.v[0].name, "net1");
	assert_string_equal(rails.v[0].dev, "mlx5_8");
	assert_int_equal(rails.v[0].gid_index, 5);
	assert_string_equal(rails.v[1].name, "net2");
	assert_int_equal(rails.v[1].gid_index, 7);
}

static void the_family_can_be_chosen(void **state)
{
	struct fake fake;

	(void)state;
	a_pod(&fake);
	make(&fake, NULL, 0, AF_INET6);
	assert_int_equal(rails.n, 1); /* net1 has no IPv6 address to be a rail with */
	assert_int_equal(rails.v[0].gid_index, 2);
}

static void the_table_tells_which_entries_were_chosen(void **state)
{
	struct fake fake;

	(void)state;
	a_pod(&fake);
	make(&fake, NULL, 0, 0);
	assert_int_equal(fake.gids[0].why, WHY_CHOSEN);
	assert_int_equal(fake.gids[1].why, WHY_LINK_LOCAL);
	assert_int_equal(fake.gids[2].why, WHY_OTHER_ADDRESS);
	assert_int_equal(fake.gids[3].why, WHY_CHOSEN);
}

/* Or a node with a dead rail would pass with the rails it has left. */
static void a_rail_that_broke_stays_a_rail(void **state)
{
	struct fake fake;

	(void)state;
	a_pod(&fake);
	fake.ports[1].state = IBV_PORT_DOWN;
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.n, 2);
	assert_false(rail_usable(&rails.v[1]));
	assert_int_equal(rails.v[1].fault.reason, REASON_PORT_DOWN);
	assert_string_equal(rails.v[1].dev, "mlx5_9");

	a_pod(&fake);
	fake.local.ngids = 1; /* all GIDs of net2 are gone */
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.n, 2);
	assert_int_equal(rails.v[1].fault.reason, REASON_NO_ROCEV2_GID);
}

/* libibverbs does not even list a device whose node is not mounted. */
static void a_rail_without_its_uverbs_node_stays_a_rail(void **state)
{
	struct fake fake;

	(void)state;
	a_pod(&fake);
	fake.ports[1].opened = false;
	fake.ports[1].state = 0;
	fake.ports[1].access = ENOENT;
	fake.local.ngids = 1;
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.n, 2);
	assert_int_equal(rails.v[1].fault.reason, REASON_UVERBS_MISSING);
	fake.ports[1].access = ACCESS_NO_PROVIDER;
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.v[1].fault.reason, REASON_NO_DEVICE);
}

static void a_second_address_serves_when_the_first_has_no_gid(void **state)
{
	struct fake fake;

	(void)state;
	a_pod(&fake);
	fake.local.ngids = 3;
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.v[1].gid_index, 2);
	assert_int_equal(rails.v[1].ip.ip.family, AF_INET6);
}

static void a_rail_can_be_named_by_anything_that_means_it(void **state)
{
	static const char *const specs[][1] = {
		{ "x=net2" }, { "x=192.168.2.11" }, { "x=192.168.2.0/24" }, { "x=mlx5_9" }
	};
	struct fake fake;

	(void)state;
	a_pod(&fake);
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		make(&fake, specs[i], 1, 0);
		assert_int_equal(rails.n, 1);
		assert_string_equal(rails.v[0].name, "x");
		assert_int_equal(rails.v[0].gid_index, 7);
	}
}

static void a_subnet_chooses_among_the_addresses_of_its_netdev(void **state)
{
	static const char *const specs[] = { "x=2001:db8::/64" };
	struct fake fake;

	(void)state;
	a_pod(&fake);
	make(&fake, specs, 1, 0);
	assert_int_equal(rails.v[0].gid_index, 2);
}

static void a_rail_that_is_not_there_is_told_not_dropped(void **state)
{
	static const char *const specs[] = { "a=net9", "b=eth0", "c=net1" };
	struct fake fake;

	(void)state;
	a_pod(&fake);
	make(&fake, specs, 3, 0);
	assert_int_equal(rails.n, 3);
	assert_int_equal(rails.v[0].fault.reason, REASON_NO_DEVICE);
	assert_int_equal(rails.v[1].fault.reason, REASON_NO_DEVICE);
	assert_true(rail_usable(&rails.v[2]));
}

static void a_netdev_with_only_a_link_local_address_is_no_rail_unless_named(void **state)
{
	static const char *const specs[] = { "x=net3" };
	struct fake fake;

	(void)state;
	a_pod(&fake);
	fake_link(&fake, 5, "net3", "");
	fake_addr(&fake, 5, "fe80::5/64");
	fake_port(&fake, "mlx5_10", 5);
	fake_gid(&fake, "mlx5_10", 0, GID_ROCE_V2, "fe80::5", 5);
	make(&fake, NULL, 0, 0);
	assert_int_equal(rails.n, 2);
	make(&fake, specs, 1, 0);
	assert_false(rail_usable(&rails.v[0]));
}

static void a_rail_spec_has_a_name_and_a_value(void **state)
{
	static const char *const bad[] = {
		"", "net1", "=net1",
		"net1=", "a-name-of-more-than-thirty-one-characters=x"
	};
	struct rail_spec spec;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(rail_spec_parse(bad[i], &spec));
	assert_true(rail_spec_parse("a=b=c", &spec));
	assert_string_equal(spec.name, "a");
	assert_string_equal(spec.value, "b=c");
}

static void put(struct rails *ret, const char *name, const char *cidr)
{
	struct rail *rail = &ret->v[ret->n++];

	*rail = (struct rail){ .gid_index = 1 };
	strcpy(rail->name, name);
	if (cidr)
		assert_true(cidr_parse(cidr, &rail->ip));
}

static struct rails mine, theirs;
static struct rail_pair pairs[2 * RAIL_MAX];

static int begin(void **state)
{
	(void)state;
	mine.n = theirs.n = 0;
	return 0;
}

static void assert_pair(int i, int a, int b)
{
	assert_int_equal(pairs[i].mine, a);
	assert_int_equal(pairs[i].theirs, b);
}

static void rails_pair_by_subnet_whatever_they_are_called(void **state)
{
	(void)state;
	put(&mine, "net1", "192.168.1.11/24");
	put(&mine, "net2", "192.168.2.11/24");
	put(&theirs, "net1", "192.168.2.12/24");
	put(&theirs, "net2", "192.168.1.12/24");
	assert_int_equal(rails_pair(&mine, &theirs, pairs), 2);
	assert_pair(0, 0, 1);
	assert_pair(1, 1, 0);
}

static void in_one_subnet_the_name_decides(void **state)
{
	(void)state;
	put(&mine, "net1", "192.168.1.11/24");
	put(&mine, "net2", "192.168.1.21/24");
	put(&theirs, "net2", "192.168.1.22/24");
	put(&theirs, "net1", "192.168.1.12/24");
	assert_int_equal(rails_pair(&mine, &theirs, pairs), 2);
	assert_pair(0, 0, 1);
	assert_pair(1, 1, 0);
}

static void where_every_node_has_its_own_subnet_the_name_decides(void **state)
{
	(void)state;
	put(&mine, "net1", "10.1.1.0/31");
	put(&mine, "net2", "10.2.1.0/31");
	put(&theirs, "net2", "10.2.7.0/31");
	put(&theirs, "net1", "10.1.7.0/31");
	assert_int_equal(rails_pair(&mine, &theirs, pairs), 2);
	assert_pair(0, 0, 1);
	assert_pair(1, 1, 0);
}

static void what_has_no_partner_on_either_side_is_told(void **state)
{
	(void)state;
	put(&mine, "net1", "192.168.1.11/24");
	put(&mine, "net3", "192.168.3.11/24");
	put(&theirs, "net1", "192.168.1.12/24");
	put(&theirs, "net2", "192.168.2.12/24");
	put(&theirs, "net4", NULL);
	assert_int_equal(rails_pair(&mine, &theirs, pairs), 4);
	assert_pair(0, 0, 0);
	assert_pair(1, 1, -1);
	assert_pair(2, -1, 1);
	assert_pair(3, -1, 2);
}

static void a_subnet_must_hold_both_addresses(void **state)
{
	(void)state;
	put(&mine, "a", "10.0.0.1/8");
	put(&theirs, "b", "10.9.9.9/24");
	assert_int_equal(rails_pair(&mine, &theirs, pairs), 2);
	assert_pair(0, 0, -1);
}

static void as_many_rails_as_there_can_be_fit(void **state)
{
	char name[16], cidr[32];

	(void)state;
	for (int i = 0; i < RAIL_MAX; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		snprintf(cidr, sizeof(cidr), "10.0.%d.1/24", i);
		put(&mine, name, cidr);
		snprintf(name, sizeof(name), "b%d", i);
		snprintf(cidr, sizeof(cidr), "10.1.%d.1/24", i);
		put(&theirs, name, cidr);
	}
	assert_int_equal(rails_pair(&mine, &theirs, pairs), 2 * RAIL_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_netdev_with_rdma_and_an_address_is_a_rail),
		cmocka_unit_test(the_family_can_be_chosen),
		cmocka_unit_test(the_table_tells_which_entries_were_chosen),
		cmocka_unit_test(a_rail_that_broke_stays_a_rail),
		cmocka_unit_test(a_rail_without_its_uverbs_node_stays_a_rail),
		cmocka_unit_test(a_second_address_serves_when_the_first_has_no_gid),
		cmocka_unit_test(a_rail_can_be_named_by_anything_that_means_it),
		cmocka_unit_test(a_subnet_chooses_among_the_addresses_of_its_netdev),
		cmocka_unit_test(a_rail_that_is_not_there_is_told_not_dropped),
		cmocka_unit_test(
			a_netdev_with_only_a_link_local_address_is_no_rail_unless_named),
		cmocka_unit_test(a_rail_spec_has_a_name_and_a_value),
		cmocka_unit_test_setup(rails_pair_by_subnet_whatever_they_are_called,
				       begin),
		cmocka_unit_test_setup(in_one_subnet_the_name_decides, begin),
		cmocka_unit_test_setup(
			where_every_node_has_its_own_subnet_the_name_decides, begin),
		cmocka_unit_test_setup(what_has_no_partner_on_either_side_is_told, begin),
		cmocka_unit_test_setup(a_subnet_must_hold_both_addresses, begin),
		cmocka_unit_test_setup(as_many_rails_as_there_can_be_fit, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
