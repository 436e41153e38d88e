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
	text = plan_format(&plan);
	if (plan_parse(text, strlen(text), &back, &err))
		fail_msg("%s", err.msg);
	again = plan_format(&back);
	assert_string_equal(text, again);
	assert_memory_equal(&back.owner, &plan.owner, sizeof(back.owner));
	assert_memory_equal(&back.was, &plan.was, sizeof(back.was));
	assert_memory_equal(&back.shall_admin, &plan.shall_admin,
			    sizeof(back.shall_admin));
	assert_int_equal(back.shall.mtu, 4200);
	assert_string_equal(back.conf, "{\"name\":\"rail0\"}");
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
	text = plan_format(&plan);
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
		cmocka_unit_test(a_plan_survives_being_written_down),
		cmocka_unit_test(no_damaged_text_makes_a_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
