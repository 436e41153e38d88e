/* reason.c, fault.c: the closed list of reasons, and what is told with them. */
#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "pkg/cleanup.h"

#include "plugins/rdma-probe/fault.h"

static void every_reason_has_code_layer_and_advice(void **state)
{
	(void)state;
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		assert_non_null(reason_code(i));
		assert_true(*reason_layer(i) && *reason_fix(i));
		assert_int_equal(reason_parse(reason_code(i)), i);
	}
	assert_null(reason_code(REASON_NONE));
}

/* Machines act on these: a change of this list is a change of the schema. */
static void the_list_is_closed(void **state)
{
	static const char *const codes[] = {
		"no_device",
		"uverbs_missing",
		"uverbs_denied",
		"netns_exclusive",
		"memlock",
		"rdma_cgroup",
		"port_down",
		"link_layer_ib",
		"no_rocev2_gid",
		"gid_foreign",
		"gid_linklocal_only",
		"mtu_netdev_small",
		"mtu_peer_mismatch",
		"mtu_blackhole",
		"no_route",
		"wrong_egress",
		"neigh_failed",
		"arp_flux",
		"icmp_blocked",
		"cm_unreachable",
		"cm_rejected",
		"udp4791_blocked",
		"ud_fwd_loss",
		"ud_rev_loss",
		"rc_retry_exceeded",
		"rc_rnr",
		"rc_access",
		"dscp_remarked",
		"ecmp_partial",
		"peer_absent",
		"peer_dead",
		"deadline",
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(codes), REASON_COUNT - 1);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		assert_int_not_equal(reason_parse(codes[i]), REASON_NONE);
	assert_int_equal(reason_parse("no_such_reason"), REASON_NONE);
	assert_int_equal(reason_parse(""), REASON_NONE);
}

static void what_could_not_be_told_is_no_failure(void **state)
{
	(void)state;
	assert_int_equal(reason_verdict(REASON_PEER_ABSENT), VERDICT_UNKNOWN);
	assert_int_equal(reason_verdict(REASON_UVERBS_DENIED), VERDICT_UNKNOWN);
	assert_int_equal(reason_verdict(REASON_PEER_DEAD), VERDICT_FAIL);
	assert_int_equal(reason_verdict(REASON_NONE), VERDICT_FAIL);
}

static void a_fault_collects_evidence_until_it_is_full(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(
		fault_set(&fault, REASON_NO_ROUTE, ENETUNREACH, "route to %s", "x"), -1);
	assert_string_equal(fault.note[0], "route to x: Network is unreachable");
	for (int i = 0; i < 2 * FAULT_NOTES; i++)
		fault_note(&fault, "note %d", i);
	assert_int_equal(fault.notes, FAULT_NOTES);
	assert_string_equal(fault.note[FAULT_NOTES - 1], "note 4");
}

static void particular_advice_goes_before_the_general(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, REASON_NO_ROUTE, 0, "x");
	assert_string_equal(fault_advice(&fault), reason_fix(REASON_NO_ROUTE));
	fault_fix(&fault, "ask %s", "Bob");
	assert_string_equal(fault_advice(&fault), "ask Bob");
}

static void what_the_peer_saw_is_told_as_its_word(void **state)
{
	char long_note[300];
	struct fault fault;

	(void)state;
	memset(long_note, 'x', sizeof(long_note) - 1);
	long_note[sizeof(long_note) - 1] = '\0';
	fault_set(&fault, REASON_PORT_DOWN, 0, "port 1 is DOWN");
	fault_note(&fault, "%s", long_note);
	fault_blame(&fault, "node-b");
	assert_string_equal(fault.note[0], "on node-b: port 1 is DOWN");
	assert_int_equal(strlen(fault.note[1]), sizeof(fault.note[1]) - 1);
	assert_non_null(strstr(fault_advice(&fault), "on node-b: set the interface up"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_code_layer_and_advice),
		cmocka_unit_test(the_list_is_closed),
		cmocka_unit_test(what_could_not_be_told_is_no_failure),
		cmocka_unit_test(a_fault_collects_evidence_until_it_is_full),
		cmocka_unit_test(particular_advice_goes_before_the_general),
		cmocka_unit_test(what_the_peer_saw_is_told_as_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
