/* plan.c, plan_json.c: what is changed, and what is written down of it.
 * links: plugins/sriov/plan.c plugins/sriov/plan_json.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>

#include "plugins/sriov/plan.h"

static const struct owner owner = {
	.network = "rail0",
	.container = "c0ffee",
	.ifname = "net1",
	.netns = "/run/netns/a",
	.netns_id = { 4, 4026531999 },
	.pod = "ml/train-0",
};

static const struct cni_call call = {
	.text = "{\"name\":\"rail0\"}",
	.len = 16,
	.path = "/opt/cni/bin",
	.args = "A=b",
	.version = CNI_1_0_0,
};

/* A VF of a PF with MTU 9000, as it usually is before the first pod. */
static struct view usual(void)
{
	return (struct view){
		.vf = { .device = "0000:03:10.2",
			.driver = "igbvf",
			.netdev = "eth5",
			.pf_device = "0000:03:00.0",
			.pf = "ens1",
			.index = 1 },
		.link = { .index = 9,
			  .name = "eth5",
			  .mtu = 1500,
			  .flags = IFF_UP,
			  .mac = { 2, 0, 0, 0, 0, 1 } },
		.pf = { .index = 3, .name = "ens1", .mtu = 9000 },
		.admin = { .has = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE,
			   .vlan_proto = ETH_P_8021Q,
			   .spoofchk = true },
	};
}

static struct err err;

static void refused(const struct conf *conf, const struct view *view, const char *msg)
{
	struct plan plan;

	assert_int_equal(plan_make(&owner, &call, conf, view, &plan, &err), -1);
	assert_string_equal(err.msg, msg);
}

static void only_what_differs_is_changed_and_put_back(void **state)
{
	struct conf conf = { .admin = { .has = VF_VLAN | VF_SPOOFCHK,
					.vlan = 100,
					.vlan_proto = ETH_P_8021Q,
					.spoofchk = true } };
	struct view view = usual();
	_autoplan_ struct plan plan = { 0 };

	(void)state;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_int_equal(plan.shall_admin.has, VF_VLAN);
	assert_int_equal(plan.was.admin.has, VF_VLAN);
	assert_int_equal(plan.was.admin.vlan, 0);
	assert_false(plan.shall.set_mac);
	assert_int_equal(plan.shall.mtu, 0);
}

static void what_the_driver_does_not_tell_is_set_but_not_put_back(void **state)
{
	struct conf conf = { .admin = { .has = VF_LINK_STATE, .link_state = 2 } };
	struct view view = usual();
	_autoplan_ struct plan plan = { 0 };

	(void)state;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_int_equal(plan.shall_admin.has, VF_LINK_STATE);
	assert_int_equal(plan.was.admin.has, 0);
}

static void an_mtu_above_the_pfs_is_refused_with_both(void **state)
{
	struct conf conf = { .mtu = 9001 };
	struct view view = usual();

	(void)state;
	refused(&conf, &view, "mtu: 9001 is more than the 9000 of PF ens1");
	assert_string_equal(err.hint, "raise the PF first: ip link set ens1 mtu 9001");
}

static void settings_through_an_invisible_pf_name_their_key(void **state)
{
	struct conf conf = { .admin = { .has = VF_TRUST | VF_MAC } };
	struct view view = usual();

	(void)state;
	view.pf = (struct link){ 0 };
	refused(&conf, &view,
		"trust: VF 0000:03:10.2 has no visible PF to set it through");
}

static void a_mac_needs_no_pf(void **state)
{
	struct conf conf = { .has_mac = true,
			     .admin = { .has = VF_MAC, .mac = { 2, 0, 0, 0, 0, 9 } } };
	struct view view = usual();
	_autoplan_ struct plan plan = { 0 };

	(void)state;
	view.pf = (struct link){ 0 };
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_int_equal(plan.shall_admin.has, 0);
	assert_true(plan.shall.set_mac);
}

static void a_vf_without_driver_or_interface_says_so(void **state)
{
	struct view view = usual();
	struct conf conf = { 0 };

	(void)state;
	view.link = (struct link){ 0 };
	refused(&conf, &view,
		"VF 0000:03:10.2 (driver igbvf) has no interface in this network "
		"namespace");
	view.vf.driver[0] = '\0';
	refused(&conf, &view, "VF 0000:03:10.2 has no driver, hence no interface");
	assert_int_equal(err.code, CNI_NO_DEVICE);
}

static void a_vf_of_user_space_is_not_moved(void **state)
{
	struct view view = usual();
	struct conf conf = { 0 };
	_autoplan_ struct plan plan = { 0 };

	(void)state;
	view.link = (struct link){ 0 };
	strcpy(view.vf.driver, "vfio-pci");
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_false(plan.moves);
}

/* The same VF with an RDMA device. */
static struct view with_rdma(enum rdma_mode mode)
{
	struct view view = usual();

	view.rdma.subsystem = true;
	view.rdma.mode = mode;
	strcpy(view.rdma.dev.name, "mlx5_3");
	view.rdma.tos = (struct rdma_tos){ .cm = 0, .tc = -1 };
	return view;
}

static void the_rdma_device_moves_in_exclusive_mode_alone(void **state)
{
	struct conf conf = { .rdma = { .name = "rail0", .tos = -1 } };
	struct view view = with_rdma(RDMA_EXCLUSIVE);
	_autoplan_ struct plan exclusive = { 0 }, shared = { 0 };

	(void)state;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &exclusive, &err), 0);
	assert_true(exclusive.rdma.moves);
	assert_string_equal(exclusive.rdma.name, "mlx5_3");
	assert_string_equal(exclusive.rdma.shall_name, "rail0");
	view = with_rdma(RDMA_SHARED);
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &shared, &err), 0);
	assert_false(shared.rdma.moves);
	assert_string_equal(shared.rdma.shall_name, "mlx5_3");
}

static void a_mode_asked_for_must_be_the_machines(void **state)
{
	struct conf conf = { .rdma = { .mode = RDMA_WANT_EXCLUSIVE, .tos = -1 } };
	struct view view = with_rdma(RDMA_SHARED);

	(void)state;
	refused(&conf, &view,
		"rdma.mode: exclusive asked for, this node's mode is shared");
	view.rdma.mode = RDMA_EXCLUSIVE;
	view.rdma.dev.name[0] = '\0';
	refused(&conf, &view,
		"rdma.mode: exclusive asked for, VF 0000:03:10.2 has no RDMA device");
}

static void a_tos_is_set_where_it_can_be_and_put_back(void **state)
{
	struct conf conf = { .rdma = { .tos = 96 } };
	struct view view = with_rdma(RDMA_SHARED);
	_autoplan_ struct plan plan = { 0 }, other = { 0 };

	(void)state;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_int_equal(plan.rdma.shall_tos.cm, 96);
	assert_int_equal(plan.rdma.shall_tos.tc, -1);
	assert_int_equal(plan.rdma.was_tos.cm, 0);
	view.rdma.tos.tc = 8;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &other, &err), 0);
	assert_int_equal(other.rdma.shall_tos.tc, 96);
	assert_int_equal(other.rdma.was_tos.tc, 8);
}

static void source_routing_takes_the_table_told_or_the_free_one(void **state)
{
	struct conf conf = { .rail = { .source_routing = true, .strict_arp = true },
			     .flr = true };
	struct view view = usual();
	_autoplan_ struct plan plan = { 0 }, told = { 0 };

	(void)state;
	view.free_table = 101;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_int_equal(plan.table, 101);
	assert_true(plan.shall.strict_arp && plan.flr);
	conf.rail.table = 7;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &told, &err), 0);
	assert_int_equal(told.table, 7);
	conf.rail.source_routing = false;
	refused(&conf, &view, "rail.table: needs rail.sourceRouting true");
}

static void a_plan_survives_being_written_down(void **state)
{
	struct conf conf = { .mtu = 4200,
			     .has_mac = true,
			     .admin = { .has = VF_MAC | VF_VLAN | VF_TRUST | VF_RATE,
					.mac = { 2, 0, 0, 0, 0, 9 },
					.vlan = 7,
					.qos = 3,
					.vlan_proto = ETH_P_8021AD,
					.trust = true,
					.max_rate = 1000 } };
	_autoplan_ struct plan plan = { 0 }, back = { 0 };
	_autofree_ char *text = NULL, *again = NULL;
	struct view view = usual();

	(void)state;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	plan.result = strdup("{\"ips\":[]}\n");
	plan.table = UINT32_MAX;
	text = plan_format(&plan, &err);
	if (plan_parse(text, strlen(text), &back, &err))
		fail_msg("%s", err.msg);
	again = plan_format(&back, &err);
	assert_string_equal(text, again);
	assert_memory_equal(&back.owner, &plan.owner, sizeof(back.owner));
	assert_memory_equal(&back.was, &plan.was, sizeof(back.was));
	assert_memory_equal(&back.shall_admin, &plan.shall_admin,
			    sizeof(back.shall_admin));
	assert_int_equal(back.shall.mtu, 4200);
	assert_true(back.table == UINT32_MAX);
	assert_string_equal(back.conf, "{\"name\":\"rail0\"}");
}

/* Written down, it could not be read again, and nothing undone. */
static void a_plan_with_a_name_that_is_no_utf8_is_refused(void **state)
{
	struct view view = usual();
	struct conf conf = { 0 };
	_autoplan_ struct plan plan = { 0 };

	(void)state;
	strcpy(view.link.name, "eth\xff");
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	assert_null(plan_format(&plan, &err));
	assert_string_equal(err.msg,
			    "was.name: 'eth?' is not UTF-8, and cannot be written down");
}

/* Cut anywhere, it is no plan: never half of one. */
static void no_damaged_text_makes_a_plan(void **state)
{
	struct view view = usual();
	struct conf conf = { 0 };
	_autoplan_ struct plan plan = { 0 };
	_autofree_ char *text = NULL;

	(void)state;
	assert_int_equal(plan_make(&owner, &call, &conf, &view, &plan, &err), 0);
	text = plan_format(&plan, &err);
	for (size_t len = strlen(text); len-- > 0;) {
		struct plan back;

		assert_int_equal(plan_parse(text, len, &back, &err), -1);
	}
	assert_int_equal(plan_parse("{\"format\":2}", 12, &plan, &err), -1);
	assert_string_equal(err.msg, "written in format 2 by another version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_differs_is_changed_and_put_back),
		cmocka_unit_test(what_the_driver_does_not_tell_is_set_but_not_put_back),
		cmocka_unit_test(an_mtu_above_the_pfs_is_refused_with_both),
		cmocka_unit_test(settings_through_an_invisible_pf_name_their_key),
		cmocka_unit_test(a_mac_needs_no_pf),
		cmocka_unit_test(a_vf_without_driver_or_interface_says_so),
		cmocka_unit_test(a_vf_of_user_space_is_not_moved),
		cmocka_unit_test(the_rdma_device_moves_in_exclusive_mode_alone),
		cmocka_unit_test(a_mode_asked_for_must_be_the_machines),
		cmocka_unit_test(a_tos_is_set_where_it_can_be_and_put_back),
		cmocka_unit_test(source_routing_takes_the_table_told_or_the_free_one),
		cmocka_unit_test(a_plan_survives_being_written_down),
		cmocka_unit_test(a_plan_with_a_name_that_is_no_utf8_is_refused),
		cmocka_unit_test(no_damaged_text_makes_a_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
