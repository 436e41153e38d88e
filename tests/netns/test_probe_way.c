/* here.c, egress.c, neigh.c: what the kernel says of the way to a peer, without RDMA. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/neighbour.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/neigh.h"
#include "tests/netns/sandbox.h"

/* The sandbox's pod is the peer. Rails 1 and 2 are veth pairs between node and peer, and
 * rail 3 leads to nobody. */
static struct local local;
static struct rail rail;
static struct fault fault;
static struct err err;

static void sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void sh_peer(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void sh(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command))
		fail_msg("%s", command);
}

static void sh_peer(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (sandbox_in_pod(command))
		fail_msg("%s", command);
}

static void join_rail(int i)
{
	sh("ip link add net%d type veth peer name net%d netns /proc/%d/fd/%d", i, i,
	   getpid(), sandbox_pod);
	sh("ip addr add 192.168.%d.11/24 dev net%d && ip link set net%d up &&"
	   " ip addr add 2001:db8:%d::11/64 dev net%d nodad",
	   i, i, i, i, i);
	sh_peer("ip addr add 192.168.%d.12/24 dev net%d && ip link set net%d up &&"
		" ip addr add 2001:db8:%d::12/64 dev net%d nodad",
		i, i, i, i, i);
}

static int build(void **state)
{
	if (sandbox_enter(state))
		return -1;
	sh("ip link set lo up");
	join_rail(1);
	join_rail(2);
	sh("ip link add net3 type veth peer name nobody && ip link set net3 up &&"
	   " ip link set nobody up && ip addr add 192.168.3.11/24 dev net3");
	/* IPv6 is silent until the link-local addresses are known to be unique. */
	sh("for i in $(seq 50); do ip -6 addr show tentative | grep -q . || exit 0;"
	   " sleep 0.1; done; exit 1");
	return 0;
}

static int end(void **state)
{
	(void)state;
	local_clear(&local);
	return 0;
}

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* As rails_make() would have made it, if veth had RDMA. */
static void take_rail(const char *netdev, const char *address)
{
	const struct netdev *link;

	local_clear(&local);
	assert_int_equal(here_read(&local, &err), 0);
	link = local_netdev_named(&local, netdev);
	assert_non_null(link);
	rail = (struct rail){ .ifindex = link->ifindex };
	strcpy(rail.netdev, netdev);
	assert_true(cidr_parse(address, &rail.ip));
}

static void interfaces_and_addresses_are_seen_as_they_are(void **state)
{
	const struct netdev *net1;
	bool found = false;

	(void)state;
	sh("ip link set net1 mtu 1400");
	take_rail("net1", "192.168.1.11/24");
	sh("ip link set net1 mtu 1500");
	net1 = local_netdev_named(&local, "net1");
	assert_int_equal(net1->mtu, 1400);
	assert_string_equal(net1->kind, "veth");
	assert_int_equal(strlen(net1->mac), 17);
	assert_true(net1->up);
	assert_int_equal(net1->lower, 0); /* the other half is elsewhere */
	assert_false(netdev_is_stacked(net1));
	assert_true(local_netdev_named(&local, "lo")->loopback);
	for (int i = 0; i < local.naddrs; i++)
		found |= cidr_equal(&local.addrs[i].ip, &rail.ip) &&
			 local.addrs[i].ifindex == net1->ifindex;
	assert_true(found);
}

static void a_macvlan_stands_on_its_netdev(void **state)
{
	const struct netdev *link;

	(void)state;
	if (system("ip link add macv link net1 type macvlan 2> /dev/null"))
		skip(); /* this kernel has none */
	take_rail("net1", "192.168.1.11/24");
	sh("ip link del macv");
	link = local_netdev_named(&local, "macv");
	assert_true(netdev_is_stacked(link));
	assert_int_equal(link->lower, rail.ifindex);
}

static enum reason check(const char *to, struct egress *route)
{
	struct ip dst = ip(to);

	return egress_check(&rail, &dst, route, &fault) ? fault.reason : REASON_NONE;
}

static void a_peer_on_the_link_needs_no_gateway(void **state)
{
	struct egress route;

	(void)state;
	take_rail("net1", "192.168.1.11/24");
	assert_int_equal(check("192.168.1.12", &route), REASON_NONE);
	assert_int_equal(route.ifindex, rail.ifindex);
	assert_int_equal(route.gateway.family, AF_UNSPEC);
	take_rail("net1", "2001:db8:1::11/64");
	assert_int_equal(check("2001:db8:1::12", &route), REASON_NONE);
}

/* With the interface given, as RDMA has it, the kernel would call it on-link. */
static void no_route_is_no_route(void **state)
{
	struct egress route;
	struct ip src = ip("192.168.1.11"), dst = ip("10.99.0.1");

	(void)state;
	take_rail("net1", "192.168.1.11/24");
	assert_int_equal(egress_get(&src, &dst, rail.ifindex, &route), 0);
	assert_int_equal(check("10.99.0.1", &route), REASON_NO_ROUTE);
	assert_int_equal(fault.no, ENETUNREACH);
	take_rail("net1", "2001:db8:1::11/64");
	assert_int_equal(check("2001:db8:99::1", &route), REASON_NO_ROUTE);
}

static void a_route_that_refuses_is_no_route(void **state)
{
	static const char *const kinds[] = { "unreachable", "prohibit", "blackhole" };
	struct egress route;

	(void)state;
	take_rail("net1", "192.168.1.11/24");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		sh("ip route add %s 10.98.0.0/16", kinds[i]);
		assert_int_equal(check("10.98.0.1", &route), REASON_NO_ROUTE);
		sh("ip route del %s 10.98.0.0/16", kinds[i]);
	}
	take_rail("net1", "2001:db8:1::11/64");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		sh("ip -6 route add %s 2001:db8:98::/64", kinds[i]);
		assert_int_equal(check("2001:db8:98::1", &route), REASON_NO_ROUTE);
		sh("ip -6 route del %s 2001:db8:98::/64", kinds[i]);
	}
}

static void a_route_by_another_rail_is_the_wrong_way(void **state)
{
	struct egress route;

	(void)state;
	take_rail("net1", "192.168.1.11/24");
	assert_int_equal(check("192.168.2.12", &route), REASON_WRONG_EGRESS);
	assert_string_equal(fault.note[0], "from 192.168.1.11 to 192.168.2.12 the route "
					   "leaves by net2, not by net1");

	/* Unless a rule sends what comes from the rail's address out by the rail. */
	sh("ip rule add from 192.168.1.11 lookup 100");
	sh("ip route add default via 192.168.1.12 dev net1 table 100");
	assert_int_equal(check("192.168.2.12", &route), REASON_NONE);
	assert_int_equal(route.gateway.b[3], 12);
	sh("ip rule del from 192.168.1.11 && ip route flush table 100");
}

static void an_address_of_our_own_tests_no_path(void **state)
{
	struct egress route;

	(void)state;
	take_rail("net1", "192.168.1.11/24");
	assert_int_equal(check("192.168.2.11", &route), REASON_WRONG_EGRESS);
	assert_non_null(strstr(fault.note[0], "test no path"));
	assert_int_equal(check("192.168.1.11", &route), REASON_WRONG_EGRESS);
}

static enum reason warm(const char *to, int ms, struct neigh *neigh)
{
	struct until until = { clock_ns() + ms * NS_MS, -1 };
	struct ip dst = ip(to);
	struct egress route = { .ifindex = rail.ifindex };

	return neigh_warm(&rail, &dst, &route, &until, neigh, &fault) ? fault.reason
								      : REASON_NONE;
}

static void a_cold_neighbour_is_warmed_at_once(void **state)
{
	struct neigh neigh;
	int64_t start;

	(void)state;
	sh("ip neigh flush dev net1");
	take_rail("net1", "192.168.1.11/24");
	start = clock_ns();
	assert_int_equal(warm("192.168.1.12", 1000, &neigh), REASON_NONE);
	assert_true(clock_ns() - start < 500 * NS_MS);
	assert_int_equal(strlen(neigh.mac), 17);
	take_rail("net1", "2001:db8:1::11/64");
	assert_int_equal(warm("2001:db8:1::12", 1000, &neigh), REASON_NONE);
}

static void a_neighbour_that_is_not_there_fails_by_the_deadline(void **state)
{
	struct neigh neigh;
	int64_t start = clock_ns();

	(void)state;
	take_rail("net3", "192.168.3.11/24");
	assert_int_equal(warm("192.168.3.12", 200, &neigh), REASON_NEIGH_FAILED);
	assert_true(clock_ns() - start < 900 * NS_MS);
	assert_non_null(
		strstr(fault.note[0], "192.168.3.12 does not answer ARP on net3"));
}

static void a_neighbour_without_entry_is_told_from_one_that_failed(void **state)
{
	struct ip dst = ip("192.168.2.77");
	struct neigh neigh;

	(void)state;
	take_rail("net2", "192.168.2.11/24");
	assert_int_equal(neigh_get(rail.ifindex, &dst, &neigh), ENOENT);
	sh("ip neigh add 192.168.2.77 lladdr 02:00:00:00:00:77 dev net2");
	assert_int_equal(neigh_get(rail.ifindex, &dst, &neigh), 0);
	assert_int_equal(neigh.state, NUD_PERMANENT);
	assert_string_equal(neigh.mac, "02:00:00:00:00:77");
	sh("ip neigh del 192.168.2.77 dev net2");
}

static void another_rail_of_the_peer_that_answers_is_arp_flux(void **state)
{
	static struct rails theirs = { .n = 2 };
	struct neigh neigh = { .mac = "02:00:00:00:00:02" };

	(void)state;
	strcpy(theirs.v[0].mac, "02:00:00:00:00:01");
	strcpy(theirs.v[0].netdev, "net1");
	strcpy(theirs.v[1].mac, "02:00:00:00:00:02");
	strcpy(theirs.v[1].netdev, "net2");
	assert_int_equal(neigh_check_owner(&neigh, &theirs.v[0], &theirs, &fault), -1);
	assert_int_equal(fault.reason, REASON_ARP_FLUX);
	assert_int_equal(neigh_check_owner(&neigh, &theirs.v[1], &theirs, &fault), 0);

	/* A stranger's may be a proxy. */
	strcpy(neigh.mac, "02:00:00:00:00:99");
	assert_int_equal(neigh_check_owner(&neigh, &theirs.v[0], &theirs, &fault), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WAY(test) cmocka_unit_test_teardown(test, end)
		WAY(interfaces_and_addresses_are_seen_as_they_are),
		WAY(a_macvlan_stands_on_its_netdev),
		WAY(a_peer_on_the_link_needs_no_gateway),
		WAY(no_route_is_no_route),
		WAY(a_route_that_refuses_is_no_route),
		WAY(a_route_by_another_rail_is_the_wrong_way),
		WAY(an_address_of_our_own_tests_no_path),
		WAY(a_cold_neighbour_is_warmed_at_once),
		WAY(a_neighbour_that_is_not_there_fails_by_the_deadline),
		WAY(a_neighbour_without_entry_is_told_from_one_that_failed),
		WAY(another_rail_of_the_peer_that_answers_is_arp_flux),
	};

	return cmocka_run_group_tests(tests, build, sandbox_leave);
}
