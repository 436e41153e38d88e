/* cm_msg.c, cm_serve.c, towards.c: what rdma_cm carries, and which rails lead to a peer.
 */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/rtnetlink.h>

#include "plugins/rdma-probe/cm_msg.h"
#include "plugins/rdma-probe/cm_serve.h"
#include "plugins/rdma-probe/egress.h"
#include "plugins/rdma-probe/rail_json.h"
#include "plugins/rdma-probe/towards.h"

static const struct hub_prober prober = { .token = 0xdeadbeef,
					  .end = { .qpn = 0xfffffe, .qkey = 0x7fffffff },
					  .tc = 104 };

static void a_request_survives_the_way(void **state)
{
	struct hub_prober sent = prober, back;
	uint8_t bytes[CM_REQUEST_LEN];

	(void)state;
	gid_parse_unicast("::ffff:10.0.1.2", sent.end.gid);
	cm_request_write(&sent, bytes);
	assert_true(cm_request_read(bytes, sizeof(bytes), &back));
	assert_memory_equal(&back, &sent, sizeof(back));
}

static void a_reply_survives_the_way(void **state)
{
	struct ud_end sent = { .qpn = 17, .qkey = 5 }, back;
	uint8_t bytes[CM_REPLY_LEN];

	(void)state;
	cm_reply_write(&sent, bytes);
	assert_true(cm_reply_read(bytes, sizeof(bytes), &back));
	assert_memory_equal(&back, &sent, sizeof(back));
	assert_false(cm_reply_read(bytes, sizeof(bytes) - 1, &back));
}

/* A request with one byte changed. */
static bool is_read(int at, uint8_t value)
{
	struct hub_prober sent = prober, back;
	uint8_t bytes[CM_REQUEST_LEN];

	gid_parse_unicast("::ffff:10.0.1.2", sent.end.gid);
	cm_request_write(&sent, bytes);
	bytes[at] = value;
	return cm_request_read(bytes, sizeof(bytes), &back);
}

static void what_strangers_ask_is_no_request(void **state)
{
	struct hub_prober back;

	(void)state;
	assert_false(cm_request_read((const uint8_t *)"", 0, &back));
	assert_false(is_read(0, 0));	 /* another magic */
	assert_false(is_read(6, 1));	 /* a traffic class above 255 */
	assert_false(is_read(12, 1));	 /* a queue pair above 2^24 */
	assert_false(is_read(16, 0xff)); /* the kernel's own keys */
	assert_false(is_read(32, 127));	 /* loopback */
	assert_true(is_read(35, 9));
}

/* --- rails */

static struct path_plan plan;
static struct err err;
static int routed_by; /* interface that everything leaves by, if it is not on the link */

int __wrap_egress_get(const struct ip *src, const struct ip *dst, int oif,
		      struct egress *ret)
{
	(void)src;
	(void)dst;
	assert_int_equal(oif, 0);
	*ret = (struct egress){ .ifindex = routed_by, .type = RTN_UNICAST };
	return 0;
}

static void add_rail(const char *name, const char *ip, int ifindex)
{
	struct rail *rail = &plan.mine.v[plan.mine.n++];

	*rail = (struct rail){ .ifindex = ifindex };
	snprintf(rail->name, sizeof(rail->name), "%s", name);
	assert_true(cidr_parse(ip, &rail->ip));
}

static int begin(void **state)
{
	(void)state;
	plan.mine.n = 0;
	routed_by = 99;
	add_rail("r0", "10.0.0.1/24", 3);
	add_rail("r1", "10.0.1.1/24", 4);
	return 0;
}

static void a_peer_on_the_link_is_reached_by_that_rail(void **state)
{
	char text[GID_LEN];

	(void)state;
	snprintf(plan.peer.host, sizeof(plan.peer.host), "10.0.1.7");
	assert_int_equal(towards_peer(&plan, &err), 0);
	assert_int_equal(plan.theirs.n, 1);
	assert_string_equal(plan.theirs.v[0].name, "r1");
	assert_int_equal(plan.theirs.v[0].ip.prefix, 24);
	assert_string_equal(gid_format(plan.theirs.v[0].gid, text), "::ffff:10.0.1.7");
	towards_keep(&plan);
	assert_int_equal(plan.mine.n, 1);
	assert_string_equal(plan.mine.v[0].name, "r1");
}

static void
a_peer_behind_a_router_is_reached_by_the_rail_its_route_leaves_by(void **state)
{
	(void)state;
	snprintf(plan.peer.host, sizeof(plan.peer.host), "10.9.0.7");
	routed_by = 3;
	assert_int_equal(towards_peer(&plan, &err), 0);
	assert_int_equal(plan.theirs.n, 1);
	assert_string_equal(plan.theirs.v[0].name, "r0");
	assert_int_equal(plan.theirs.v[0].ip.prefix, 32);
}

static void a_peer_that_no_rail_leads_to_is_an_error_and_no_rail_is_lost(void **state)
{
	(void)state;
	snprintf(plan.peer.host, sizeof(plan.peer.host), "10.9.0.7");
	assert_int_equal(towards_peer(&plan, &err), -1);
	assert_string_equal(err.msg, "no rail of ours leads to 10.9.0.7");
	assert_int_equal(plan.mine.n, 2);
}

static void a_rail_that_is_broken_leads_nowhere(void **state)
{
	(void)state;
	snprintf(plan.peer.host, sizeof(plan.peer.host), "10.0.1.7");
	plan.mine.v[1].gid_index = -1;
	assert_int_equal(towards_peer(&plan, &err), -1);
}

/* The child that shall listen tells why it cannot. */
static void where_rdma_cm_is_missing_it_is_not_served(void **state)
{
	static struct opts opts = { .listen.port = "24890" };
	static struct server server = { .opts = &opts, .stop = -1 };

	(void)state;
	if (!access("/dev/infiniband/rdma_cm", F_OK))
		skip(); /* there it would be served */
	assert_int_equal(cm_serve_start(&server, &err), -1);
	assert_non_null(strstr(err.msg, "rdma"));
	assert_null(strstr(err.msg, "gone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_survives_the_way),
		cmocka_unit_test(a_reply_survives_the_way),
		cmocka_unit_test(what_strangers_ask_is_no_request),
#define RAILS(test) cmocka_unit_test_setup(test, begin)
		RAILS(a_peer_on_the_link_is_reached_by_that_rail),
		RAILS(a_peer_behind_a_router_is_reached_by_the_rail_its_route_leaves_by),
		RAILS(a_peer_that_no_rail_leads_to_is_an_error_and_no_rail_is_lost),
		RAILS(a_rail_that_is_broken_leads_nowhere),
		cmocka_unit_test(where_rdma_cm_is_missing_it_is_not_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
