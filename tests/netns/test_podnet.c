/* podnet.c against the real kernel: what the pod then has.
 * links: plugins/sriov/podnet.c plugins/sriov/node.c plugins/sriov/state.c
 * plugins/sriov/plan.c plugins/sriov/plan_json.c */
#include "tests/test.h"

#include <string.h>

#include "plugins/sriov/podnet.h"
#include "tests/netns/sandbox.h"

static struct pod pod;
static struct link net1;
static struct err err;
static struct conf conf;
static struct cni_result result;

static int enter(void **state)
{
	_autonl_ struct nl *nl = NULL;

	conf = (struct conf){ 0 };
	result = (struct cni_result){ 0 };
	pod = (struct pod)POD_CLOSED;
	if (sandbox_enter(state) || nl_open(&nl, NETLINK_ROUTE, &err) ||
	    link_move(nl, if_nametoindex("vf0"), sandbox_pod, "net1", &err) ||
	    nl_open_in(&pod.nl, NETLINK_ROUTE, sandbox_pod, &err))
		return -1;
	pod.netns = dup(sandbox_pod);
	return link_get_by_name(pod.nl, "net1", &net1, &err);
}

static int leave(void **state)
{
	pod_close(&pod);
	return sandbox_leave(state);
}

static void add_ip(const char *address, const char *gateway)
{
	struct cni_ip *ip = cni_result_ip(&result, &err);

	assert_true(cidr_parse(address, &ip->address));
	if (gateway)
		assert_true(ip_parse(gateway, &ip->gateway));
}

static struct cni_route *add_route(const char *dst, const char *gw)
{
	struct cni_route *route = cni_result_route(&result, &err);

	assert_true(cidr_parse(dst, &route->dst));
	if (gw)
		assert_true(ip_parse(gw, &route->gw));
	return route;
}

static void configure(void)
{
	if (podnet_plan_routes(&conf, &result, &err) ||
	    podnet_configure(&pod, &conf, &net1, &result, &err))
		fail_msg("%s", err.msg);
}

static void in_pod(const char *command)
{
	if (sandbox_in_pod(command))
		fail_msg("failed in the pod: %s", command);
}

static void assert_check(const char *msg)
{
	struct link now;

	assert_int_equal(link_get_by_name(pod.nl, "net1", &now, &err), 0);
	if (!msg) {
		if (podnet_check(&pod, &now, &result, &err))
			fail_msg("%s", err.msg);
		return;
	}
	assert_int_equal(podnet_check(&pod, &now, &result, &err), -1);
	assert_string_equal(err.msg, msg);
}

static void addresses_of_both_families_are_there(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", NULL);
	add_ip("2001:db8::5/64", NULL);
	in_pod("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
	configure();
	in_pod("ip -4 addr show net1 | grep -q 'inet 10.9.0.5/24 brd 10.9.0.255'");
	in_pod("ip -6 addr show net1 | grep -q 'inet6 2001:db8::5/64'");
	assert_check(NULL);
}

static void a_route_without_next_hop_gets_the_first_gateway_of_its_family(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", "10.9.0.1");
	add_route("10.0.0.0/8", NULL);
	configure();
	in_pod("ip route show 10.0.0.0/8 | grep -q 'via 10.9.0.1 dev net1'");
	assert_check(NULL);
}

static void a_route_of_link_scope_or_without_any_gateway_is_on_link(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", "10.9.0.1");
	add_route("10.1.0.0/16", NULL)->scope = 253;
	configure();
	in_pod("ip route show 10.1.0.0/16 | grep -q 'dev net1 proto static scope link'");
	assert_check(NULL);
}

static void a_next_hop_reached_by_an_on_link_route_may_come_first(void **state)
{
	(void)state;
	add_ip("10.9.0.5/32", NULL);
	add_route("0.0.0.0/0", "169.254.1.1");
	add_route("169.254.1.1/32", NULL);
	configure();
	in_pod("ip route show default | grep -q 'via 169.254.1.1 dev net1'");
}

static void all_attributes_of_a_route_arrive(void **state)
{
	struct cni_route *route;

	(void)state;
	add_ip("10.9.0.5/24", NULL);
	route = add_route("10.0.0.0/8", "10.9.0.1");
	route->mtu = 1400;
	route->advmss = 1360;
	route->priority = 77;
	route->table = 1234;
	configure();
	in_pod("ip route show table 1234 | grep -q "
	       "'^10.0.0.0/8 via 10.9.0.1 dev net1 proto static metric 77 mtu 1400 "
	       "advmss 1360'");
	assert_check(NULL);
}

static void source_and_onlink_of_the_configuration_arrive(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", NULL);
	add_ip("10.9.0.6/24", NULL);
	conf.n_routes = 1;
	conf.routes[0] = (struct route){ .onlink = true,
					 .mtu = -1,
					 .advmss = -1,
					 .priority = -1,
					 .table = -1,
					 .scope = -1 };
	assert_true(cidr_parse("10.0.0.0/8", &conf.routes[0].dst));
	assert_true(ip_parse("192.0.2.1", &conf.routes[0].gw));
	assert_true(ip_parse("10.9.0.6", &conf.routes[0].src));
	configure();
	in_pod("ip route show 10.0.0.0/8 | grep -q "
	       "'via 192.0.2.1 dev net1 proto static src 10.9.0.6 onlink'");
}

static void configuring_twice_is_no_error(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", "10.9.0.1");
	add_route("10.0.0.0/8", NULL);
	configure();
	if (podnet_configure(&pod, &conf, &net1, &result, &err))
		fail_msg("%s", err.msg);
}

static void check_names_what_has_changed(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", "10.9.0.1");
	add_route("10.0.0.0/8", NULL)->table = 7;
	configure();
	in_pod("ip route del 10.0.0.0/8 table 7");
	assert_check("route 10.0.0.0/8 via 10.9.0.1 over net1 is not there any more");
	in_pod("ip addr del 10.9.0.5/24 dev net1");
	assert_check("address 10.9.0.5/24 is not on net1 any more");
	in_pod("ip link set net1 down");
	assert_check("interface net1 is down");
}

static void a_route_that_cannot_be_names_itself_and_why(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", NULL);
	add_route("10.0.0.0/8", "192.0.2.1");
	assert_int_equal(podnet_configure(&pod, &conf, &net1, &result, &err), -1);
	assert_non_null(strstr(err.msg, "add route 10.0.0.0/8 via 192.0.2.1 table 254"));
	assert_non_null(strstr(err.msg, "Nexthop has invalid gateway"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_of_both_families_are_there),
		TEST(a_route_without_next_hop_gets_the_first_gateway_of_its_family),
		TEST(a_route_of_link_scope_or_without_any_gateway_is_on_link),
		TEST(a_next_hop_reached_by_an_on_link_route_may_come_first),
		TEST(all_attributes_of_a_route_arrive),
		TEST(source_and_onlink_of_the_configuration_arrive),
		TEST(configuring_twice_is_no_error),
		TEST(check_names_what_has_changed),
		TEST(a_route_that_cannot_be_names_itself_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
