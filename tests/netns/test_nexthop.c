/* nexthop.c, hostroute.c and the queue of nl.c against the real kernel. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "pkg/hostroute.h"
#include "pkg/nexthop.h"
#include "tests/netns/sandbox.h"

#define OURS 211

static struct nl *nl;
static struct err err;
static int rail[2];

/* Two rails with a carrier, and what carries it: w0 and w1, here too. */
static int enter(void **state)
{
	if (sandbox_enter(state) || nl_open(&nl, NETLINK_ROUTE, &err))
		return -1;
	nl_strict(nl);
	if (system("ip link set lo up; ip addr add 10.99.0.1/32 dev lo;"
		   "ip addr add fd99::1/128 dev lo;"
		   "for i in 0 1; do ip link add rail$i type veth peer name w$i;"
		   "ip link set w$i up; ip addr add 192.168.$i.1/24 dev rail$i;"
		   "ip addr add fd0$i::1/64 dev rail$i nodad;"
		   "ip link set rail$i up; done"))
		return -1;
	rail[0] = (int)if_nametoindex("rail0");
	rail[1] = (int)if_nametoindex("rail1");
	return 0;
}

static int leave(void **state)
{
	nl_close(nl);
	nl = NULL;
	return sandbox_leave(state);
}

static struct ip address(const char *text)
{
	struct ip ip = { 0 };

	assert_true(ip_parse(text, &ip));
	return ip;
}

static struct nexthop hop(uint32_t id, const char *gw, int ifindex)
{
	return (struct nexthop){
		.id = id, .protocol = OURS, .gw = address(gw), .ifindex = ifindex
	};
}

static struct nexthop group(uint32_t id, int n, uint32_t first)
{
	struct nexthop group = { .id = id, .protocol = OURS, .n = n };

	for (int i = 0; i < n; i++)
		group.members[i] = first + i;
	return group;
}

static struct hostroute route(const char *dst, const char *src, uint32_t nexthop)
{
	struct ip ip = address(dst);

	return (struct hostroute){ .dst = { ip, ip_bits(ip.family) },
				   .src = address(src),
				   .nexthop = nexthop,
				   .table = RT_TABLE_MAIN };
}

static void add(struct nexthop nexthop)
{
	nexthop_begin_add(nl, &nexthop);
	if (nl_talk(nl, NULL, NULL, &err))
		fail_msg("%s", err.msg);
}

static void add_route(struct hostroute route)
{
	hostroute_begin_add(nl, OURS, &route);
	if (nl_talk(nl, NULL, NULL, &err))
		fail_msg("%s", err.msg);
}

/* Two rails to 10.99.0.2: next hops 1 and 2, group 10. */
static void make_two_rails(void)
{
	add(hop(1, "192.168.0.2", rail[0]));
	add(hop(2, "192.168.1.2", rail[1]));
	add(group(10, 2, 1));
	add_route(route("10.99.0.2", "10.99.0.1", 10));
}

static int count_routes(void)
{
	_autohostroutes_ struct hostroutes routes = { 0 };

	assert_int_equal(hostroutes_get(nl, OURS, &routes, &err), 0);
	return routes.count;
}

/* "2: 1 10" - how many next hops there are, and their ids. */
static const char *ids(void)
{
	_autonexthops_ struct nexthops all = { 0 };
	static char text[20000];
	int n;

	assert_int_equal(nexthops_get(nl, &all, &err), 0);
	n = snprintf(text, sizeof(text), "%d:", all.count);
	for (int i = 0; i < all.count; i++)
		n += snprintf(text + n, sizeof(text) - n, " %u", all.list[i].id);
	return text;
}

static void what_was_made_is_what_is_listed(void **state)
{
	_autonexthops_ struct nexthops all = { 0 };
	_autohostroutes_ struct hostroutes routes = { 0 };
	struct ip gw = address("192.168.1.2"), src = address("10.99.0.1");

	(void)state;
	make_two_rails();
	assert_int_equal(nexthops_get(nl, &all, &err), 0);
	assert_int_equal(all.count, 3);
	assert_int_equal(all.list[1].id, 2);
	assert_int_equal(all.list[1].protocol, OURS);
	assert_int_equal(all.list[1].ifindex, rail[1]);
	assert_true(ip_equal(&all.list[1].gw, &gw));
	assert_int_equal(all.list[1].n, 0);
	assert_int_equal(all.list[2].n, 2);
	assert_int_equal(all.list[2].members[1], 2);
	for (int i = 0; i < all.count; i++)
		assert_false(all.list[i].odd);

	assert_int_equal(hostroutes_get(nl, OURS, &routes, &err), 0);
	assert_int_equal(routes.count, 1);
	assert_int_equal(routes.list[0].nexthop, 10);
	assert_true(ip_equal(&routes.list[0].src, &src));
	assert_int_equal(routes.list[0].dst.prefix, 32);
	assert_false(routes.list[0].odd);
}

static void the_same_for_ipv6(void **state)
{
	_autohostroutes_ struct hostroutes routes = { 0 };
	struct hostroute made = route("fd99::2", "fd99::1", 10);

	(void)state;
	add(hop(1, "fd00::2", rail[0]));
	add(hop(2, "fd01::2", rail[1]));
	add(group(10, 2, 1));
	add_route(made);
	assert_int_equal(hostroutes_get(nl, OURS, &routes, &err), 0);
	assert_int_equal(routes.count, 1);
	assert_true(cidr_equal(&routes.list[0].dst, &made.dst));
	assert_true(ip_equal(&routes.list[0].src, &made.src));
	assert_false(routes.list[0].odd);
	hostroute_begin_del(nl, OURS, &routes.list[0]);
	assert_int_equal(nl_talk(nl, NULL, NULL, &err), 0);
	assert_int_equal(count_routes(), 0);
}

static void what_we_would_not_make_is_odd(void **state)
{
	_autonexthops_ struct nexthops all = { 0 };
	_autohostroutes_ struct hostroutes routes = { 0 };

	(void)state;
	assert_int_equal(
		system("ip nexthop add id 1 blackhole proto 211;"
		       "ip nexthop add id 2 via 192.168.0.2 dev rail0 onlink proto 211;"
		       "ip nexthop add id 3 via 192.168.0.2 dev rail0 proto 211;"
		       "ip nexthop add id 4 group 3,7 proto 211;"
		       "ip nexthop add id 5 group 3 type resilient buckets 8 proto 211;"
		       "ip route add 10.99.1.0/24 nhid 3 proto 211;"
		       "ip route add 10.99.0.2 nhid 3 proto 211 metric 5;"
		       "ip route add 10.99.0.2 nhid 3 proto 211 table 7;"
		       "ip route add default nhid 3 proto 211;"
		       "ip route add prohibit 10.99.0.9 proto 211"),
		0);
	assert_int_equal(nexthops_get(nl, &all, &err), 0);
	assert_int_equal(all.count, 5);
	for (int i = 0; i < all.count; i++)
		assert_int_equal(all.list[i].odd, all.list[i].id != 3);
	assert_int_equal(hostroutes_get(nl, OURS, &routes, &err), 0);
	assert_int_equal(routes.count, 5);
	for (int i = 0; i < routes.count; i++) {
		assert_true(routes.list[i].odd);
		hostroute_begin_del(nl, OURS, &routes.list[i]);
		assert_int_equal(nl_talk(nl, NULL, NULL, &err), 0);
	}
	assert_int_equal(count_routes(), 0);
}

static void replacing_a_group_moves_its_routes(void **state)
{
	struct nexthop smaller = group(10, 1, 2);

	(void)state;
	make_two_rails();
	nexthop_begin_replace(nl, &smaller);
	assert_int_equal(nl_talk(nl, NULL, NULL, &err), 0);
	assert_int_equal(system("ip route get 10.99.0.2 | grep -q 'dev rail1 src "
				"10.99.0.1'"),
			 0);
	assert_int_equal(count_routes(), 1);
}

static void an_id_that_is_taken_stays_who_had_it(void **state)
{
	struct nexthop ours = hop(7, "192.168.0.2", rail[0]);

	(void)state;
	assert_int_equal(system("ip nexthop add id 7 via 192.168.1.9 dev rail1"), 0);
	nexthop_begin_add(nl, &ours);
	assert_int_equal(nl_talk(nl, NULL, NULL, &err), -1);
	assert_int_equal(err.no, EEXIST);
	assert_int_equal(system("ip nexthop show id 7 | grep -q 192.168.1.9"), 0);
}

static void a_route_of_others_is_found_and_survives(void **state)
{
	struct hostroute ours = route("10.99.0.2", "10.99.0.1", 10);
	uint8_t protocol = 0;

	(void)state;
	add(hop(1, "192.168.0.2", rail[0]));
	add(group(10, 1, 1));
	assert_int_equal(hostroute_foreign(nl, &ours.dst.ip, OURS, &protocol, &err), 0);
	assert_int_equal(system("ip route add 10.99.0.2 via 192.168.1.2 proto static"),
			 0);
	assert_int_equal(hostroute_foreign(nl, &ours.dst.ip, OURS, &protocol, &err), 1);
	assert_int_equal(protocol, RTPROT_STATIC);
	hostroute_begin_add(nl, OURS, &ours);
	assert_int_equal(nl_talk(nl, NULL, NULL, &err), -1);
	assert_int_equal(err.no, EEXIST);
	hostroute_begin_del(nl, OURS, &ours);
	assert_int_equal(nl_talk(nl, NULL, NULL, &err), -1);
	assert_int_equal(err.no, ESRCH);
	assert_int_equal(system("ip route show 10.99.0.2 | grep -q static"), 0);
	assert_int_equal(count_routes(), 0);
}

static void a_network_that_holds_the_address_is_no_foreign_route(void **state)
{
	struct ip dst = address("10.99.0.2"), dst6 = address("fd99::2");
	uint8_t protocol;

	(void)state;
	assert_int_equal(system("ip route add 10.99.0.0/24 via 192.168.1.2;"
				"ip -6 route add default via fd00::2"),
			 0);
	assert_int_equal(hostroute_foreign(nl, &dst, OURS, &protocol, &err), 0);
	assert_int_equal(hostroute_foreign(nl, &dst6, OURS, &protocol, &err), 0);
}

static void the_kernel_drops_the_next_hops_of_a_rail_without_carrier(void **state)
{
	(void)state;
	make_two_rails();
	assert_int_equal(system("ip link set w0 down"), 0);
	for (int i = 0; i < 300 && strcmp(ids(), "2: 2 10"); i++)
		usleep(10000);
	assert_string_equal(ids(), "2: 2 10");
	assert_int_equal(count_routes(), 1);
	assert_int_equal(system("ip link set rail1 down"), 0);
	assert_string_equal(ids(), "0:");
	assert_int_equal(count_routes(), 0);
}

static void a_silent_neighbour_is_passed_over(void **state)
{
	(void)state;
	make_two_rails();
	assert_int_equal(system("ip neigh add 192.168.0.2 dev rail0 nud failed;"
				"ip neigh add 192.168.1.2 lladdr 2:0:0:0:0:2 dev rail1;"
				"sysctl -qw net.ipv4.fib_multipath_hash_policy=1;"
				"for p in 1 2 3 4 5 6 7 8 9; do ip route get 10.99.0.2 "
				"ipproto tcp sport 999 dport $p; done | "
				"awk '/dev rail0/ { exit 1 }'"),
			 0);
}

struct failures {
	int n, which[8], no[8];
};

static void note(void *data, int i, const struct err *failed)
{
	struct failures *failures = data;

	assert_true(failures->n < 8);
	failures->which[failures->n] = i;
	failures->no[failures->n++] = failed->no;
}

static void a_queue_is_done_in_order_and_tells_which_request_failed(void **state)
{
	struct nexthop all[] = {
		hop(1, "192.168.0.2", rail[0]),
		hop(2, "203.0.113.9", rail[1]),
		hop(3, "192.168.1.2", rail[1]),
		group(10, 2, 1),
		group(11, 1, 3),
	};
	struct failures failures = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		nexthop_begin_add(nl, &all[i]);
		assert_false(nl_queue(nl));
	}
	assert_int_equal(nl_flush(nl, note, &failures, &err), 0);
	assert_int_equal(failures.n, 2); /* no such network; no such next hop */
	assert_int_equal(failures.which[0], 1);
	assert_int_equal(failures.no[0], ENETUNREACH);
	assert_int_equal(failures.which[1], 3);
	assert_string_equal(ids(), "3: 1 3 11");

	nexthop_begin_del(nl, 999); /* the last one's failure is its answer */
	nl_queue(nl);
	failures.n = 0;
	assert_int_equal(nl_flush(nl, note, &failures, &err), 0);
	assert_int_equal(failures.n, 1);
	assert_int_equal(failures.which[0], 0);
	assert_int_equal(nl_flush(nl, note, &failures, &err), 0); /* of nothing */
	assert_string_equal(ids(), "3: 1 3 11");
}

static void a_queue_of_thousands_is_flushed_on_the_way(void **state)
{
	struct failures failures = { 0 };
	char gw[IP_LEN];
	int flushes = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct nexthop one;

		snprintf(gw, sizeof(gw), "fd00::%x", i + 2);
		one = hop(i + 1, gw, rail[0]);
		nexthop_begin_add(nl, &one);
		if (nl_queue(nl)) {
			flushes++;
			assert_int_equal(nl_flush(nl, note, &failures, &err), 0);
		}
	}
	assert_int_equal(nl_flush(nl, note, &failures, &err), 0);
	assert_int_equal(failures.n, 0);
	assert_in_range(flushes, 20, 60);
	assert_memory_equal(ids(), "2000: 1 2 3", 11);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_made_is_what_is_listed),
		TEST(the_same_for_ipv6),
		TEST(what_we_would_not_make_is_odd),
		TEST(replacing_a_group_moves_its_routes),
		TEST(an_id_that_is_taken_stays_who_had_it),
		TEST(a_route_of_others_is_found_and_survives),
		TEST(a_network_that_holds_the_address_is_no_foreign_route),
		TEST(the_kernel_drops_the_next_hops_of_a_rail_without_carrier),
		TEST(a_silent_neighbour_is_passed_over),
		TEST(a_queue_is_done_in_order_and_tells_which_request_failed),
		TEST(a_queue_of_thousands_is_flushed_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
