/* preflight.c: what would keep RoCEv2 from working well.
 * links: plugins/sriov/preflight.c */
#include "tests/test.h"

#include <string.h>

#include "plugins/sriov/preflight.h"

/* A rail as it should be, with a ToS that leads to priority 3. */
static const struct conf conf = { .rdma = { .tos = 96 } };
static struct view view;
static struct dcb dcb;

static int healthy(void **state)
{
	(void)state;
	view = (struct view){ .link = { .index = 9, .name = "eth5", .mtu = 4200 },
			      .pf = { .index = 3, .name = "ens1", .carrier = true } };
	view.rdma.dev.node_guid = 1;
	strcpy(view.rdma.dev.name, "mlx5_3");
	dcb = (struct dcb){ .pfc = 1 << 3, .dscp_trusted = true };
	memset(dcb.priority_of, -1, sizeof(dcb.priority_of));
	return 0;
}

/* The only finding, or "". */
static const char *finding(const struct dcb *known)
{
	static char text[300];
	char one[300];

	text[0] = '\0';
	for (int i = 0; i < PREFLIGHT_CHECKS; i++) {
		if (!preflight_finding(i, &conf, &view, known, one, sizeof(one)))
			continue;
		assert_string_equal(text, "");
		strcpy(text, one);
	}
	return text;
}

#define says(text) assert_non_null(strstr(finding(&dcb), text))

static void a_healthy_rail_has_no_finding(void **state)
{
	(void)state;
	assert_string_equal(finding(&dcb), "");
}

static void a_rail_that_is_down_is_told(void **state)
{
	(void)state;
	view.pf.carrier = false;
	says("PF ens1 has no carrier");
}

static void a_pf_that_cannot_be_seen_is_not_down(void **state)
{
	(void)state;
	view.pf = (struct link){ 0 };
	assert_string_equal(finding(NULL), "");
}

static void a_node_guid_of_zero_is_told(void **state)
{
	(void)state;
	view.rdma.dev.node_guid = 0;
	says("node GUID 0");
}

static void an_mtu_just_below_a_roce_mtu_is_told(void **state)
{
	(void)state;
	view.link.mtu = 4100;
	says("no room for a RoCE MTU of 4096: it will be 2048");
	view.link.mtu = 1500;
	assert_string_equal(finding(&dcb), "");
	view.link.mtu = 1024;
	says("it will be 512");
}

static void a_priority_without_flow_control_is_told(void **state)
{
	(void)state;
	dcb.pfc = 1 << 4;
	says("PFC is off on PF ens1 for priority 3");
	dcb.priority_of[96 >> 2] = 4;
	assert_string_equal(finding(&dcb), "");
}

static void a_dscp_that_nobody_looks_at_is_told(void **state)
{
	(void)state;
	dcb.dscp_trusted = false;
	says("does not trust DSCP");
}

static void a_pf_that_does_not_tell_is_not_accused(void **state)
{
	(void)state;
	assert_string_equal(finding(NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_healthy_rail_has_no_finding, healthy),
		cmocka_unit_test_setup(a_rail_that_is_down_is_told, healthy),
		cmocka_unit_test_setup(a_pf_that_cannot_be_seen_is_not_down, healthy),
		cmocka_unit_test_setup(a_node_guid_of_zero_is_told, healthy),
		cmocka_unit_test_setup(an_mtu_just_below_a_roce_mtu_is_told, healthy),
		cmocka_unit_test_setup(a_priority_without_flow_control_is_told, healthy),
		cmocka_unit_test_setup(a_dscp_that_nobody_looks_at_is_told, healthy),
		cmocka_unit_test_setup(a_pf_that_does_not_tell_is_not_accused, healthy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
