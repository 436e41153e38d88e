/* rule.c and multipath.c against the real kernel. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/link.h"
#include "pkg/multipath.h"
#include "pkg/rule.h"
#include "tests/netns/sandbox.h"

static struct nl *nl;
static struct err err;
static int rail0, rail1;

static int enter(void **state)
{
	if (sandbox_enter(state) || nl_open(&nl, NETLINK_ROUTE, &err))
		return -1;
	if (system("ip link set lo up;"
		   "ip link set vf0 name rail0; ip link add rail1 type veth peer name w;"
		   "ip link set w up;"
		   "for i in 0 1; do ip addr add 10.$i.0.5/24 dev rail$i;"
		   "ip addr add fd0$i::5/64 dev rail$i nodad; ip link set rail$i up; "
		   "done"))
		return -1;
	rail0 = if_nametoindex("rail0");
	rail1 = if_nametoindex("rail1");
	return 0;
}

static int leave(void **state)
{
	nl_close(nl);
	nl = NULL;
	return sandbox_leave(state);
}

static struct route route_to(const char *dst, const char *gw)
{
	struct route route = {
		.mtu = -1, .advmss = -1, .priority = -1, .table = -1, .scope = -1
	};

	assert_true(cidr_parse(dst, &route.dst));
	assert_true(ip_parse(gw, &route.gw));
	return route;
}

/* The shell command succeeds: grep of what ip prints, folded into one line. */
static void shows(const char *what, const char *pattern)
{
	char command[300];

	snprintf(command, sizeof(command),
		 "%s | tr -s '\\n\\t ' ' ' | grep -q -e '%s' || { %s; exit 1; }", what,
		 pattern, what);
	if (system(command))
		fail_msg("%s: no %s", what, pattern);
}

static void hides(const char *what, const char *pattern)
{
	char command[300];

	snprintf(command, sizeof(command), "! %s | grep -q -e '%s'", what, pattern);
	if (system(command))
		fail_msg("%s: still %s", what, pattern);
}

static void join(const char *dst, const char *gw, int ifindex, int weight)
{
	struct route route = route_to(dst, gw);

	if (multipath_join(nl, ifindex, &route, weight, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(multipath_has(nl, ifindex, &route, &err), 1);
}

static void depart(const char *dst, const char *gw, int ifindex)
{
	struct route route = route_to(dst, gw);

	if (multipath_leave(nl, ifindex, &route, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(multipath_has(nl, ifindex, &route, &err), 0);
}

static void next_hops_join_one_route_and_leave_it_in_any_order(void **state)
{
	(void)state;
	join("172.16.0.0/12", "10.0.0.1", rail0, 1);
	join("172.16.0.0/12", "10.1.0.1", rail1, 3);
	shows("ip route show 172.16.0.0/12",
	      "nexthop via 10.0.0.1 dev rail0 weight 1 nexthop via 10.1.0.1 dev rail1 "
	      "weight 3");
	depart("172.16.0.0/12", "10.0.0.1", rail0);
	shows("ip route show 172.16.0.0/12", "via 10.1.0.1 dev rail1");
	depart("172.16.0.0/12", "10.0.0.1", rail0); /* twice is no error */
	depart("172.16.0.0/12", "10.1.0.1", rail1);
	hides("ip route show 172.16.0.0/12", "via");
}

static void the_same_for_ipv6(void **state)
{
	(void)state;
	join("fd99::/32", "fd00::1", rail0, 1);
	join("fd99::/32", "fd01::1", rail1, 2);
	shows("ip -6 route show fd99::/32",
	      "nexthop via fd00::1 dev rail0 weight 1 nexthop via fd01::1 dev rail1 "
	      "weight 2");
	depart("fd99::/32", "fd01::1", rail1);
	shows("ip -6 route show fd99::/32", "via fd00::1 dev rail0");
	depart("fd99::/32", "fd00::1", rail0);
	hides("ip -6 route show fd99::/32", "via");
}

static void joining_again_changes_the_weight(void **state)
{
	(void)state;
	join("172.16.0.0/12", "10.0.0.1", rail0, 1);
	join("172.16.0.0/12", "10.1.0.1", rail1, 1);
	join("172.16.0.0/12", "10.1.0.1", rail1, 256);
	shows("ip route show 172.16.0.0/12", "dev rail0 weight 1 .*dev rail1 weight 256");
}

static void a_route_of_others_is_not_touched(void **state)
{
	struct route route = route_to("172.16.0.0/12", "10.0.0.1");

	(void)state;
	assert_int_equal(system("ip route add 172.16.0.0/12 via 10.1.0.1"), 0);
	assert_int_equal(multipath_join(nl, rail0, &route, 1, &err), -1);
	assert_int_equal(err.no, EEXIST);
	assert_int_equal(multipath_leave(nl, rail1, &route, &err), 0);
	shows("ip route show 172.16.0.0/12", "via 10.1.0.1 dev rail1");
}

static void another_table_or_metric_is_another_route(void **state)
{
	struct route route = route_to("172.16.0.0/12", "10.0.0.1");

	(void)state;
	join("172.16.0.0/12", "10.0.0.1", rail0, 1);
	route.table = 100;
	assert_int_equal(multipath_has(nl, rail0, &route, &err), 0);
	assert_int_equal(multipath_join(nl, rail0, &route, 1, &err), 0);
	route.table = -1;
	route.priority = 5;
	assert_int_equal(multipath_has(nl, rail0, &route, &err), 0);
	depart("172.16.0.0/12", "10.0.0.1", rail0);
	shows("ip route show table 100", "172.16.0.0/12 via 10.0.0.1");
}

static void a_shared_default_route_is_found_again(void **state)
{
	(void)state;
	join("0.0.0.0/0", "10.0.0.1", rail0, 1);
	join("0.0.0.0/0", "10.1.0.1", rail1, 1);
	shows("ip route show default", "dev rail0 weight 1 nexthop .* dev rail1");
	depart("0.0.0.0/0", "10.0.0.1", rail0);
	depart("0.0.0.0/0", "10.1.0.1", rail1);
	hides("ip route show default", "via");
}

static void answers_of_an_address_leave_by_its_table(void **state)
{
	struct ip from;

	(void)state;
	assert_true(ip_parse("10.1.0.5", &from));
	assert_int_equal(rule_add(nl, &from, 100, &err), 0);
	assert_int_equal(rule_add(nl, &from, 100, &err), 0); /* twice is no error */
	assert_int_equal(rule_exists(nl, &from, 100, &err), 1);
	assert_int_equal(rule_exists(nl, &from, 101, &err), 0);
	assert_int_equal(system("ip route add default via 10.0.0.1 dev rail0;"
				"ip route add default via 10.1.0.1 dev rail1 table 100"),
			 0);
	shows("ip route get 192.0.2.1 from 10.1.0.5", "dev rail1");
	shows("ip route get 192.0.2.1 from 10.0.0.5", "dev rail0");
	assert_int_equal(rule_del(nl, &from, 100, &err), 0);
	assert_int_equal(rule_del(nl, &from, 100, &err), 0);
	shows("ip route get 192.0.2.1 from 10.1.0.5", "dev rail0");
}

static void a_rule_of_others_stays(void **state)
{
	struct ip from;

	(void)state;
	assert_true(ip_parse("10.1.0.5", &from));
	assert_int_equal(system("ip rule add from 10.1.0.5 lookup 100 priority 1000"), 0);
	assert_int_equal(rule_del(nl, &from, 100, &err), 0);
	shows("ip rule", "from 10.1.0.5 lookup 100");
}

static void the_first_free_table_has_neither_rule_nor_route(void **state)
{
	uint32_t table;

	(void)state;
	assert_int_equal(table_first_free(nl, 100, &table, &err), 0);
	assert_int_equal(table, 100);
	assert_int_equal(system("ip rule add from 10.1.0.5 lookup 100;"
				"ip route add 192.0.2.0/24 dev rail0 table 101;"
				"ip -6 route add fd98::/32 dev rail0 table 102;"
				"ip -6 rule add from fd01::5 lookup 103"),
			 0);
	assert_int_equal(table_first_free(nl, 100, &table, &err), 0);
	assert_int_equal(table, 104);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(next_hops_join_one_route_and_leave_it_in_any_order),
		TEST(the_same_for_ipv6),
		TEST(joining_again_changes_the_weight),
		TEST(a_route_of_others_is_not_touched),
		TEST(another_table_or_metric_is_another_route),
		TEST(a_shared_default_route_is_found_again),
		TEST(answers_of_an_address_leave_by_its_table),
		TEST(a_rule_of_others_stays),
		TEST(the_first_free_table_has_neither_rule_nor_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
