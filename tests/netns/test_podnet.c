/* podnet.c against the real kernel: what the pod then has.
 * links: plugins/sriov/podnet.c plugins/sriov/rail.c plugins/sriov/announce.c
 * plugins/sriov/node.c plugins/sriov/state.c plugins/sriov/plan.c
 * plugins/sriov/plan_json.c plugins/sriov/conf_routes.c */
#include "tests/test.h"

#include <string.h>

#include "plugins/sriov/podnet.h"
#include "plugins/sriov/rail.h"
#include "tests/netns/sandbox.h"

static struct pod pod;
static struct link net1;
static struct err err;
static struct plan plan;
static struct conf conf;
static struct cni_result result;

static int enter(void **state)
{
	_autonl_ struct nl *nl = NULL;

	plan = (struct plan){ .conf = (char *)"{}" };
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

static struct conf_route *conf_route(const char *dst, const char *gw)
{
	struct conf_route *route = &conf.routes[conf.n_routes++];

	route->route = (struct route){
		.mtu = -1, .advmss = -1, .priority = -1, .table = -1, .scope = -1
	};
	assert_true(cidr_parse(dst, &route->route.dst));
	if (gw)
		assert_true(ip_parse(gw, &route->route.gw));
	return route;
}

static void configure(void)
{
	if (podnet_plan_routes(&conf, &result, &err) ||
	    podnet_configure(&pod, &plan, &conf, &net1, &result, &err))
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
		if (podnet_check(&pod, &plan, &conf, &now, &result, &err))
			fail_msg("%s", err.msg);
		return;
	}
	assert_int_equal(podnet_check(&pod, &plan, &conf, &now, &result, &err), -1);
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
	struct conf_route *route;

	(void)state;
	add_ip("10.9.0.5/24", NULL);
	add_ip("10.9.0.6/24", NULL);
	route = conf_route("10.0.0.0/8", "192.0.2.1");
	route->route.onlink = true;
	assert_true(ip_parse("10.9.0.6", &route->route.src));
	configure();
	in_pod("ip route show 10.0.0.0/8 | grep -q "
	       "'via 192.0.2.1 dev net1 proto static src 10.9.0.6 onlink'");
}

static void a_shared_route_gets_our_next_hop_and_loses_it_again(void **state)
{
	(void)state;
	in_pod("ip link set lo up; ip link add net0 type veth peer name w; ip link set w "
	       "up;"
	       "ip addr add 10.8.0.5/24 dev net0; ip link set net0 up;"
	       "ip route add 172.16.0.0/12 via 10.8.0.1 proto 210");
	add_ip("10.9.0.5/24", "10.9.0.1");
	conf_route("172.16.0.0/12", NULL)->weight = 2;
	plan.conf = (char *)"{\"routes\":[{\"dst\":\"172.16.0.0/12\",\"multipath\":"
			    "{\"weight\":2}}]}";
	configure();
	in_pod("ip route show 172.16.0.0/12 | grep -q 'via 10.9.0.1 dev net1 weight 2'");
	assert_check(NULL);
	if (rail_leave(&pod, &plan, &net1, &err))
		fail_msg("%s", err.msg);
	in_pod("ip route show 172.16.0.0/12 | grep -q '^172.16.0.0/12 via 10.8.0.1 dev "
	       "net0'");
	in_pod("! ip route show 172.16.0.0/12 | grep -q net1");
}

static void answers_leave_by_the_rail_they_came_in_on(void **state)
{
	(void)state;
	in_pod("ip link set lo up; ip link add net0 type veth peer name w; ip link set w "
	       "up;"
	       "ip addr add 10.8.0.5/24 dev net0; ip link set net0 up;"
	       "ip route add default via 10.8.0.1");
	add_ip("10.9.0.5/24", "10.9.0.1");
	add_ip("fd09::5/64", "fd09::1");
	plan.table = 100;
	configure();
	in_pod("ip route get 192.0.2.1 from 10.9.0.5 | grep -q 'via 10.9.0.1 dev net1'");
	in_pod("ip route get 192.0.2.1 from 10.8.0.5 | grep -q 'via 10.8.0.1 dev net0'");
	in_pod("ip -6 route get 2001:db8::1 from fd09::5 | grep -q 'via fd09::1 dev "
	       "net1'");
	assert_check(NULL);
	if (rail_leave(&pod, &plan, &net1, &err))
		fail_msg("%s", err.msg);
	in_pod("! ip rule | grep -q 'lookup 100' && ! ip -6 rule | grep -q 'lookup 100'");
	assert_check("rule from 10.9.0.5 lookup 100 is not there any more");
}

static void an_address_that_another_node_has_is_refused(void **state)
{
	(void)state;
	assert_int_equal(system("ip addr add 10.9.0.6/24 dev wire"), 0);
	add_ip("10.9.0.6/24", NULL);
	conf.dad = true;
	assert_int_equal(podnet_configure(&pod, &plan, &conf, &net1, &result, &err), -1);
	assert_non_null(strstr(err.msg, "address 10.9.0.6 is used by"));
	assert_true(cidr_parse("10.9.0.7/24", &result.ips[0].address));
	configure();
}

static void configuring_twice_is_no_error(void **state)
{
	(void)state;
	add_ip("10.9.0.5/24", "10.9.0.1");
	add_route("10.0.0.0/8", NULL);
	configure();
	if (podnet_configure(&pod, &plan, &conf, &net1, &result, &err))
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
	assert_int_equal(podnet_configure(&pod, &plan, &conf, &net1, &result, &err), -1);
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
		TEST(a_shared_route_gets_our_next_hop_and_loses_it_again),
		TEST(answers_leave_by_the_rail_they_came_in_on),
		TEST(an_address_that_another_node_has_is_refused),
		TEST(configuring_twice_is_no_error),
		TEST(check_names_what_has_changed),
		TEST(a_route_that_cannot_be_names_itself_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
