/* check.c, judge_*.c, expect.c, facts.c, counters.c: local checks on recorded facts. */
#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "plugins/rdma-probe/judge.h"
#include "plugins/rdma-probe/report.h"
#include "tests/fake_local.h"

static struct fake fake;
static struct facts facts;
static struct rails rails;
static struct expect expect;
static struct checks checks;

/* One rail with which nothing is wrong. */
static int begin(void **state)
{
	struct rail_want want = { 0 };
	struct err err;

	(void)state;
	fake = (struct fake){ 0 };
	facts = (struct facts){ .ipc_lock = true };
	expect = (struct expect){ 0 };
	fake_link(&fake, 3, "net1", "");
	fake_addr(&fake, 3, "192.168.1.11/24");
	fake_port(&fake, "mlx5_4", 3)->gbps = 200;
	fake_gid(&fake, "mlx5_4", 5, GID_ROCE_V2, "::ffff:192.168.1.11", 3);
	fake.local.mode = NETNS_MODE_SHARED;
	gids_judge(fake_local(&fake));
	assert_int_equal(rails_make(&rails, &fake.local, &want, &err), 0);
	facts.rails[0] = (struct rail_facts){ .arp_ignore = 1,
					      .arp_announce = 2,
					      .egress_known = true,
					      .egress_ifindex = 3,
					      .pfc = FACT_UNKNOWN,
					      .looped = true };
	return 0;
}

static int end(void **state)
{
	(void)state;
	checks_clear(&checks);
	return 0;
}

static void judge(void)
{
	struct scene scene = { &fake.local, &rails, &facts, &expect };

	checks_clear(&checks);
	judge_host(&checks, &scene);
	for (int i = 0; i < rails.n; i++)
		judge_rail(&checks, &scene, i);
}

static const struct check *find(enum check_id id)
{
	const struct check *found = NULL;

	for (int i = 0; i < checks.n; i++)
		if (checks.v[i].id == id)
			found = &checks.v[i];
	assert_non_null(found);
	return found;
}

static enum check_status status_of(enum check_id id)
{
	judge();
	return find(id)->status;
}

static void remake(void)
{
	struct rail_want want = { 0 };
	struct err err;

	gids_judge(&fake.local);
	assert_int_equal(rails_make(&rails, &fake.local, &want, &err), 0);
}

static void a_good_rail_gets_every_check_and_passes(void **state)
{
	bool seen[CHECK_IDS] = { false };

	(void)state;
	judge();
	for (int i = 0; i < checks.n; i++)
		seen[checks.v[i].id] = true;
	for (int i = 0; i < CHECK_IDS; i++)
		if (!seen[i])
			fail_msg("no check L%02d", i + 1);
	assert_int_equal(checks_verdict(&checks), VERDICT_OK);
	for (int i = 0; i < checks.n; i++) {
		assert_true(*checks.v[i].value);
		assert_true(*checks.v[i].source);
	}
}

static void nothing_checked_is_no_success(void **state)
{
	(void)state;
	checks_clear(&checks);
	assert_int_equal(checks_verdict(&checks), VERDICT_UNKNOWN);
}

static void what_only_a_pf_tells_does_not_leave_the_verdict_open(void **state)
{
	(void)state;
	judge();
	assert_int_equal(find(L18)->status, CHECK_UNKNOWN);
	assert_int_equal(checks_verdict(&checks), VERDICT_OK);
	assert_null(checks_worst(&checks));
}

static void a_rail_without_a_gid_never_passes(void **state)
{
	(void)state;
	fake.gids[0].ifindex = 9; /* of another namespace */
	remake();
	judge();
	assert_int_equal(find(L09)->status, CHECK_FAIL);
	assert_int_equal(find(L10)->status, CHECK_FAIL);
	assert_int_equal(checks_verdict(&checks), VERDICT_FAIL);
	assert_int_equal(checks_worst(&checks)->id, L09);
}

static void a_node_that_is_missing_and_one_that_is_denied_are_told_apart(void **state)
{
	(void)state;
	fake.ports[0].opened = false;
	fake.ports[0].access = ENOENT;
	remake();
	assert_int_equal(status_of(L01), CHECK_FAIL);
	assert_non_null(strstr(find(L01)->value, "No such file"));
	fake.ports[0].access = EPERM;
	assert_int_equal(status_of(L01), CHECK_FAIL);
	assert_non_null(strstr(find(L01)->value, "not permitted"));
	fake.ports[0].access = ACCESS_NO_PROVIDER;
	assert_int_equal(status_of(L01), CHECK_OK);
	assert_int_equal(find(L23)->status, CHECK_FAIL);
}

static void a_port_that_is_down_and_one_of_infiniband_fail(void **state)
{
	(void)state;
	fake.ports[0].state = IBV_PORT_DOWN;
	assert_int_equal(status_of(L06), CHECK_FAIL);
	fake.ports[0].state = IBV_PORT_ACTIVE;
	fake.netdevs[0].up = false;
	assert_int_equal(status_of(L06), CHECK_FAIL);
	fake.ports[0].ethernet = false;
	fake.ports[0].infiniband = true;
	assert_int_equal(status_of(L07), CHECK_FAIL);
}

static void what_was_not_told_or_tried_is_unknown(void **state)
{
	(void)state;
	fake.ports[0].state = 0;
	fake.ports[0].ethernet = fake.ports[0].infiniband = false;
	facts.rails[0].looped = false;
	assert_int_equal(status_of(L06), CHECK_UNKNOWN);
	assert_int_equal(find(L07)->status, CHECK_UNKNOWN);
	assert_int_equal(find(L24)->status, CHECK_UNKNOWN);
	assert_string_equal(find(L24)->value, "not tried: no GID");
	assert_int_equal(checks_verdict(&checks), VERDICT_UNKNOWN);
}

static void locked_memory_is_enough_little_or_too_little(void **state)
{
	(void)state;
	facts.ipc_lock = false;
	facts.memlock = INT64_MAX;
	assert_int_equal(status_of(L04), CHECK_OK);
	facts.memlock = MEMLOCK_GOOD;
	assert_int_equal(status_of(L04), CHECK_WARN);
	facts.memlock = 65536;
	assert_int_equal(status_of(L04), CHECK_FAIL);
	facts.ipc_lock = true;
	assert_int_equal(status_of(L04), CHECK_OK);
}

static void a_gid_index_in_the_environment_must_be_the_right_one(void **state)
{
	(void)state;
	facts.nccl = "3";
	assert_int_equal(status_of(L12), CHECK_FAIL);
	assert_string_equal(find(L12)->want, "unset, or 5 on mlx5_4");
	facts.nccl = "5";
	assert_int_equal(status_of(L12), CHECK_OK);
	facts.nccl = "-1";
	assert_int_equal(status_of(L12), CHECK_OK);
	facts.ucx = "4";
	assert_int_equal(status_of(L12), CHECK_FAIL);
}

static void mtus_are_held_against_each_other_and_against_what_is_expected(void **state)
{
	struct rail *rail = &rails.v[0];

	(void)state;
	assert_int_equal(status_of(L13), CHECK_OK);
	rail->netdev_mtu = 1500;
	rail->active_mtu = 1024;
	assert_int_equal(status_of(L13), CHECK_WARN); /* works, but not well */
	expect.active_mtu = 4096;
	assert_int_equal(status_of(L13), CHECK_FAIL);
	expect.active_mtu = 0;
	rail->active_mtu = 4096; /* and then nothing gets out */
	assert_int_equal(status_of(L13), CHECK_FAIL);
	rail->netdev_mtu = 4200;
	assert_int_equal(status_of(L13), CHECK_OK);
	expect.netdev_mtu = 9000;
	assert_int_equal(status_of(L13), CHECK_FAIL);
}

static void the_largest_roce_mtu_fits_with_its_headers(void **state)
{
	(void)state;
	assert_int_equal(roce_mtu(9000), 4096);
	assert_int_equal(roce_mtu(4096), 2048);
	assert_int_equal(roce_mtu(1500), 1024);
	assert_int_equal(roce_mtu(336), 256);
	assert_int_equal(roce_mtu(335), 0);
}

static void an_expected_speed_and_number_of_rails_are_asked_for(void **state)
{
	(void)state;
	expect.gbps = 200;
	assert_int_equal(status_of(L08), CHECK_OK);
	expect.gbps = 400;
	assert_int_equal(status_of(L08), CHECK_FAIL);
	expect = (struct expect){ .rails = 2 };
	judge();
	assert_int_equal(checks_verdict(&checks), VERDICT_FAIL);
	assert_string_equal(checks_worst(&checks)->value, "1 rails");
}

static void traffic_that_leaves_by_another_interface_fails(void **state)
{
	(void)state;
	fake_link(&fake, 4, "net2", "");
	facts.rails[0].egress_ifindex = 4;
	assert_int_equal(status_of(L15), CHECK_FAIL);
	assert_string_equal(find(L15)->value, "its subnet is left for by net2");
}

static void an_address_that_is_there_twice_fails_a_shared_subnet_warns(void **state)
{
	(void)state;
	fake_link(&fake, 4, "net2", "");
	fake_addr(&fake, 4, "192.168.1.12/24");
	assert_int_equal(status_of(L11), CHECK_WARN);
	fake_addr(&fake, 4, "192.168.1.11/24");
	assert_int_equal(status_of(L11), CHECK_FAIL);
}

static void arp_settings_only_matter_where_there_are_several_rails(void **state)
{
	(void)state;
	facts.rails[0].arp_ignore = 0;
	assert_int_equal(status_of(L17), CHECK_OK);
	rails.v[1] = rails.v[0];
	rails.n = 2;
	facts.rails[1] = facts.rails[0];
	assert_int_equal(status_of(L17), CHECK_WARN);
}

static void a_pf_without_the_flow_control_expected_fails(void **state)
{
	(void)state;
	facts.rails[0].pfc = 1 << 3;
	facts.rails[0].dscp_trusted = 1;
	expect.pfc = 1 << 3;
	assert_int_equal(status_of(L18), CHECK_OK);
	facts.rails[0].dscp_trusted = 0;
	assert_int_equal(status_of(L18), CHECK_FAIL);
	expect.pfc = 0;
	assert_int_equal(status_of(L18), CHECK_WARN);
}

static void a_nic_that_does_not_reach_itself_fails_with_its_evidence(void **state)
{
	(void)state;
	fault_set(&facts.rails[0].loop, REASON_RC_RETRY_EXCEEDED, 0, "silence");
	assert_int_equal(status_of(L24), CHECK_FAIL);
	assert_string_equal(find(L24)->value, "silence");
}

static void what_a_cgroup_leaves_is_counted_by_device(void **state)
{
	static const char max[] = "mlx5_0 hca_handle=max hca_object=9\nmlx5_4 "
				  "hca_handle=2 hca_object=max\n";
	static const char now[] = "mlx5_0 hca_handle=1 hca_object=10\n"
				  "mlx5_4 hca_handle=1 hca_object=2\n";

	(void)state;
	assert_int_equal(cgroup_left(max, now, "mlx5_4", "hca_handle"), 1);
	assert_int_equal(cgroup_left(max, now, "mlx5_4", "hca_object"), -1);
	assert_int_equal(cgroup_left(max, now, "mlx5_0", "hca_object"), 0);
	assert_int_equal(cgroup_left(max, now, "mlx5_0", "hca_handle"), -1);
	assert_int_equal(cgroup_left(max, "", "mlx5_4", "hca_handle"), 2);
	assert_int_equal(cgroup_left(max, now, "mlx5", "hca_object"), -1);
	snprintf(facts.cgroup_max, sizeof(facts.cgroup_max), "%s", max);
	snprintf(facts.cgroup_now, sizeof(facts.cgroup_now), "%s",
		 "mlx5_4 hca_handle=2 hca_object=2\n");
	assert_int_equal(status_of(L05), CHECK_FAIL);
}

static void counters_of_trouble_are_told_from_counters_of_traffic(void **state)
{
	struct counter was[] = { { "out_of_sequence", 5 }, { "sent_pkts", 7 } },
		       is[] = { { "out_of_sequence", 8 }, { "sent_pkts", 90 } };
	struct counters before = { was, 2 }, now = { is, 2 };
	char text[64];

	(void)state;
	assert_int_equal(counters_errors(&before, &now, text, sizeof(text)), 1);
	assert_string_equal(text, "out_of_sequence +3");
	assert_int_equal(counters_errors(NULL, &now, text, sizeof(text)), 1);
	assert_string_equal(text, "out_of_sequence 8");
	assert_int_equal(counters_errors(&now, &now, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	counters_errors(&before, &now, text, 4); /* too small a room is no harm */
	assert_string_equal(text, "out");
}

static void a_capability_of_a_pods_own_user_namespace_does_not_count(void **state)
{
	(void)state;
	assert_true(facts_has_ipc_lock("Name:\tx\nCapEff:\t000001ffffffffff\n"));
	assert_false(facts_has_ipc_lock("CapEff:\t00000000a80425fb\n"));
	assert_false(facts_has_ipc_lock("Name:\tx\n"));
	assert_true(facts_is_first_userns("         0          0 4294967295\n"));
	assert_false(facts_is_first_userns("         0     100000      65536\n"));
	assert_false(facts_is_first_userns(""));
}

static int parse(const char *text)
{
	struct err err;

	return expect_parse(text, strlen(text), &expect, &err);
}

static void what_is_expected_is_read_strictly(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"rails\":4,\"gbps\":200,\"pfc\":[3,5]}"), 0);
	assert_int_equal(expect.rails, 4);
	assert_int_equal(expect.pfc, 0x28);
	assert_int_equal(parse("{\"rail\":4}"), -1);
	assert_int_equal(parse("{\"rails\":0}"), -1);
	assert_int_equal(parse("{\"pfc\":[8]}"), -1);
	assert_int_equal(parse("[]"), -1);
	assert_int_equal(expect.rails, 4); /* untouched */
}

static void node_problem_detector_gets_eighty_bytes_at_most(void **state)
{
	static struct report report;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	report_say(&report, VERDICT_FAIL, "%0200d", 1);
	report_print_npd(&report, out);
	fclose(out);
	assert_int_equal(size, 80);
	assert_memory_equal(text, "FAIL 0", 6);
	assert_int_equal(text[79], '\n');
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CHECK(test) cmocka_unit_test_setup_teardown(test, begin, end)
		CHECK(a_good_rail_gets_every_check_and_passes),
		CHECK(nothing_checked_is_no_success),
		CHECK(what_only_a_pf_tells_does_not_leave_the_verdict_open),
		CHECK(a_rail_without_a_gid_never_passes),
		CHECK(a_node_that_is_missing_and_one_that_is_denied_are_told_apart),
		CHECK(a_port_that_is_down_and_one_of_infiniband_fail),
		CHECK(what_was_not_told_or_tried_is_unknown),
		CHECK(locked_memory_is_enough_little_or_too_little),
		CHECK(a_gid_index_in_the_environment_must_be_the_right_one),
		CHECK(mtus_are_held_against_each_other_and_against_what_is_expected),
		CHECK(the_largest_roce_mtu_fits_with_its_headers),
		CHECK(an_expected_speed_and_number_of_rails_are_asked_for),
		CHECK(traffic_that_leaves_by_another_interface_fails),
		CHECK(an_address_that_is_there_twice_fails_a_shared_subnet_warns),
		CHECK(arp_settings_only_matter_where_there_are_several_rails),
		CHECK(a_pf_without_the_flow_control_expected_fails),
		CHECK(a_nic_that_does_not_reach_itself_fails_with_its_evidence),
		CHECK(what_a_cgroup_leaves_is_counted_by_device),
		CHECK(counters_of_trouble_are_told_from_counters_of_traffic),
		CHECK(a_capability_of_a_pods_own_user_namespace_does_not_count),
		CHECK(what_is_expected_is_read_strictly),
		CHECK(node_problem_detector_gets_eighty_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
