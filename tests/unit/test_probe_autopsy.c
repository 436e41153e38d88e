/* autopsy.c: what a silence means. */
#include "tests/test.h"

#include <string.h>
#include <infiniband/verbs.h>
#include <linux/neighbour.h>

#include "plugins/rdma-probe/autopsy.h"

static struct autopsy seen;
static struct fault fault;

/* Everything looks well, and yet no acknowledgement came. */
static int begin(void **state)
{
	(void)state;
	seen = (struct autopsy){ .peer_host = "node-b",
				 .answered = true,
				 .port_state = IBV_PORT_ACTIVE,
				 .rail = { .gid_index = 1, .state = IBV_PORT_ACTIVE },
				 .neigh = { NUD_REACHABLE, "02:00:00:00:01:02" },
				 .hop = "10.0.1.2",
				 .netdev = "net1" };
	fault_set(&fault, REASON_RC_RETRY_EXCEEDED, 0, "write on mlx5_4: retry exceeded");
	fault.wc_status = IBV_WC_RETRY_EXC_ERR;
	fault.vendor = 0x81;
	return 0;
}

static void without_a_cause_the_silence_stands_and_what_was_seen_is_told(void **state)
{
	(void)state;
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_RC_RETRY_EXCEEDED);
	assert_int_equal(fault.notes, 3);
	assert_string_equal(
		fault.note[1],
		"node-b answers on its control channel and says its rail is ACTIVE");
	assert_string_equal(
		fault.note[2],
		"neighbour 10.0.1.2 on net1 is REACHABLE at 02:00:00:00:01:02");
}

static void a_cause_keeps_what_the_completion_said(void **state)
{
	(void)state;
	seen.closed = true;
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_PEER_DEAD);
	assert_int_equal(fault.wc_status, IBV_WC_RETRY_EXC_ERR);
	assert_int_equal(fault.vendor, 0x81);
	assert_string_equal(fault.note[1], "write on mlx5_4: retry exceeded");
}

static void a_peer_that_went_explains_everything_else(void **state)
{
	(void)state;
	seen.closed = true;
	seen.port_state = IBV_PORT_DOWN;
	seen.neigh.state = NUD_FAILED;
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_PEER_DEAD);
}

static void our_own_port_is_looked_at_before_the_peers(void **state)
{
	(void)state;
	seen.port_state = IBV_PORT_DOWN;
	seen.rail.gid_index = -1;
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_PORT_DOWN);
	assert_string_equal(fault.note[0], "our port of net1 is DOWN now");
}

static void what_the_peer_says_of_its_rail_is_its_word(void **state)
{
	(void)state;
	seen.rail.gid_index = -1;
	fault_set(&seen.rail.fault, REASON_PORT_DOWN, 0, "port 1 is DOWN");
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_PORT_DOWN);
	assert_string_equal(fault.note[0], "on node-b: port 1 is DOWN");
}

static void a_neighbour_that_failed_is_the_cause(void **state)
{
	(void)state;
	seen.neigh.state = NUD_FAILED;
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_NEIGH_FAILED);
}

static void a_peer_silent_on_all_channels_is_told_but_not_called_dead(void **state)
{
	(void)state;
	seen.answered = false;
	autopsy_conclude(&seen, &fault);
	assert_int_equal(fault.reason, REASON_RC_RETRY_EXCEEDED);
	assert_non_null(strstr(fault.note[1], "silent on its control channel too"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define SEEN(test) cmocka_unit_test_setup(test, begin)
		SEEN(without_a_cause_the_silence_stands_and_what_was_seen_is_told),
		SEEN(a_cause_keeps_what_the_completion_said),
		SEEN(a_peer_that_went_explains_everything_else),
		SEEN(our_own_port_is_looked_at_before_the_peers),
		SEEN(what_the_peer_says_of_its_rail_is_its_word),
		SEEN(a_neighbour_that_failed_is_the_cause),
		SEEN(a_peer_silent_on_all_channels_is_told_but_not_called_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
