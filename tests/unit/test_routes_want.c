/* What is believed of what peers claim, and which routes follow.
 * links: plugins/sriov/routes_peers.c plugins/sriov/routes_want.c
 * plugins/sriov/routes_silent.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "plugins/sriov/routes_want.h"

static struct err err;
static struct own own;
static struct addr all[8];
static struct peers peers;
static struct wanted wanted;

static struct own_rail rail(const char *name, int ifindex, const char *net4,
			    const char *net6)
{
	struct own_rail rail = { .ifindex = ifindex, .up = true, .n = 2 };

	strcpy(rail.name, name);
	assert_true(cidr_parse(net4, &rail.nets[0]));
	assert_true(cidr_parse(net6, &rail.nets[1]));
	return rail;
}

/* This is node1: 10.99.0.1 and fd99::1, with a rail in 192.168.0.0/24 and one in .1. */
static int enter(void **state)
{
	static const char *const addresses[] = { "10.99.0.1",	"fd99::1", "192.168.0.1",
						 "192.168.1.1", "fd00::1", "fd01::1",
						 "172.17.0.1" };

	(void)state;
	own = (struct own){ .name = "node1", .n_addresses = 2, .n_rails = 2 };
	ip_parse("10.99.0.1", &own.addresses[0]);
	ip_parse("fd99::1", &own.addresses[1]);
	own.rails[0] = rail("rail0", 10, "192.168.0.1/24", "fd00::1/64");
	own.rails[1] = rail("rail1", 11, "192.168.1.1/24", "fd01::1/64");
	own.all = (struct addrs){ .list = all, .count = ARRAY_SIZE(addresses) };
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		ip_parse(addresses[i], &all[i].cidr.ip);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	wanted_clear(&wanted);
	peers_clear(&peers);
	silent_clear(&own.silent);
	return 0;
}

static void given(const char *text)
{
	wanted_clear(&wanted);
	peers_clear(&peers);
	if (peers_parse(text, &peers, &err) || want(&own, &peers, &wanted, &err))
		fail_msg("%s", err.msg);
}

/* "10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 up, ...", a line a route. */
static void follows(const char *expected)
{
	static char got[4000];
	char a[IP_LEN], b[IP_LEN];
	int n = 0;

	*got = '\0';
	for (int i = 0; i < wanted.n_routes; i++) {
		const struct wanted_route *route = &wanted.routes[i];
		const struct wanted_group *group = &wanted.groups[route->group];

		n += snprintf(got + n, sizeof(got) - n, "%s%s from %s%s:", i ? "\n" : "",
			      ip_format(&route->dst, a), ip_format(&route->src, b),
			      route->refused		   ? " refused"
			      : wanted_now(&wanted, route) ? ""
							   : " not now");
		for (int j = 0; j < group->n; j++)
			n += snprintf(got + n, sizeof(got) - n, "%s %s %s %s",
				      j ? "," : "",
				      group->hops[j].rail < 0
					      ? "-"
					      : own.rails[group->hops[j].rail].name,
				      ip_format(&group->hops[j].gw, a),
				      hop_state_name(group->hops[j].state));
	}
	assert_string_equal(got, expected);
}

static void refusals(const char *expected)
{
	static char got[4000];
	char a[IP_LEN];
	int n = 0;

	*got = '\0';
	for (int i = 0; i < wanted.n_refusals; i++)
		n += snprintf(got + n, sizeof(got) - n, "%s%s: %s %s", i ? "\n" : "",
			      wanted.refusals[i].peer->name,
			      ip_format(&wanted.refusals[i].address, a),
			      wanted.refusals[i].why);
	assert_string_equal(got, expected);
}

static void every_address_of_a_peer_gets_a_route_with_a_next_hop_a_rail(void **state)
{
	(void)state;
	given("node1 10.99.0.1 192.168.0.1 192.168.1.1\n"
	      "node2 10.99.0.2,10.98.0.2 192.168.0.2 192.168.1.2\n");
	follows("10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 up, rail1 192.168.1.2 up\n"
		"10.98.0.2 from 10.99.0.1: rail0 192.168.0.2 up, rail1 192.168.1.2 up");
	assert_int_equal(wanted.n_groups, 1);
	refusals("");
}

static void each_family_goes_its_own_way(void **state)
{
	(void)state;
	given("node2 10.99.0.2,fd99::2 192.168.0.2,fd00::2 fd01::2\n");
	follows("10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 up\n"
		"fd99::2 from fd99::1: rail0 fd00::2 up, rail1 fd01::2 up");
	assert_int_equal(wanted.n_groups, 2);
}

static void without_an_address_to_answer_to_there_is_no_route(void **state)
{
	(void)state;
	own.n_addresses = 1;
	given("node2 fd99::2 fd00::2\n");
	follows("fd99::2 from  not now: rail0 fd00::2 up");
}

static void a_rail_without_link_is_no_way_whoever_says_so(void **state)
{
	(void)state;
	own.rails[0].up = false;
	given("node2 10.99.0.2 192.168.0.2 192.168.1.2\n"
	      "node3 10.99.0.3 192.168.0.3 down:192.168.1.3\n"
	      "node4 10.99.0.4 down:192.168.0.4 -\n");
	follows("10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 down, rail1 192.168.1.2 "
		"up\n"
		"10.99.0.3 from 10.99.0.1 not now: rail0 192.168.0.3 down, rail1 "
		"192.168.1.3 down there\n"
		"10.99.0.4 from 10.99.0.1 not now: rail0 192.168.0.4 down");
}

static void silence(int ifindex, const char *gw)
{
	struct ip ip;

	ip_parse(gw, &ip);
	assert_int_equal(silent_add(&own.silent, ifindex, &ip, &err), 0);
	silent_sort(&own.silent);
}

static void a_peer_of_which_no_rail_answers_has_no_route(void **state)
{
	(void)state;
	silence(11, "192.168.1.2");
	silence(10, "192.168.0.3");
	given("node2 10.99.0.2 192.168.0.2 192.168.1.2\n"
	      "node3 10.99.0.3 192.168.0.3 192.168.1.3\n");
	follows("10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 up, rail1 192.168.1.2 no "
		"answer\n"
		"10.99.0.3 from 10.99.0.1: rail0 192.168.0.3 no answer, rail1 "
		"192.168.1.3 up");
	silence(10, "192.168.0.2");
	given("node2 10.99.0.2 192.168.0.2 192.168.1.2\n");
	follows("10.99.0.2 from 10.99.0.1 not now: rail0 192.168.0.2 no answer, rail1 "
		"192.168.1.2 no answer");
}

static void a_next_hop_is_in_the_network_of_a_rail(void **state)
{
	(void)state;
	given("node2 10.99.0.2 192.168.7.2 10.99.0.3 192.168.1.2\n");
	follows("10.99.0.2 from 10.99.0.1: - 192.168.7.2 no rail, - 10.99.0.3 no rail, "
		"rail1 192.168.1.2 up");
}

static void rails_in_one_network_are_paired_by_their_place(void **state)
{
	(void)state;
	own.rails[0] = rail("rail0", 10, "192.168.0.1/16", "fd00::1/64");
	own.rails[1] = rail("rail1", 11, "192.168.1.1/16", "fd00::2/64");
	given("node2 10.99.0.2 192.168.0.2 192.168.1.2 192.168.2.2\n");
	follows("10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 up, rail1 192.168.1.2 up, "
		"rail0 192.168.2.2 up");
}

static void of_a_rail_with_several_addresses_one_that_works_is_taken(void **state)
{
	(void)state;
	given("node2 10.99.0.2 172.31.0.2,192.168.0.2\n");
	follows("10.99.0.2 from 10.99.0.1: rail0 192.168.0.2 up");
}

static void an_address_of_this_node_is_nobody_elses(void **state)
{
	(void)state;
	given("node2 10.99.0.1,172.17.0.1,10.99.0.2 192.168.0.1 192.168.1.2\n");
	follows("10.99.0.1 from 10.99.0.1 refused: rail0 192.168.0.1 refused, rail1 "
		"192.168.1.2 up\n"
		"172.17.0.1 from 10.99.0.1 refused: rail0 192.168.0.1 refused, rail1 "
		"192.168.1.2 up\n"
		"10.99.0.2 from 10.99.0.1: rail0 192.168.0.1 refused, rail1 192.168.1.2 "
		"up");
	refusals("node2: 10.99.0.1 is this node's own\n"
		 "node2: 172.17.0.1 is this node's own\n"
		 "node2: 192.168.0.1 is this node's own");
}

static void an_address_in_the_network_of_a_rail_would_be_a_loop(void **state)
{
	(void)state;
	own.rails[1].up = false;
	given("node2 192.168.1.9,fd00::9 192.168.0.2,fd00::2\n");
	refusals("node2: 192.168.1.9 is in the network of a rail: rail1\n"
		 "node2: fd00::9 is in the network of a rail: rail0");
	assert_false(wanted_now(&wanted, &wanted.routes[0]));
	assert_false(wanted_now(&wanted, &wanted.routes[1]));
}

static void what_two_nodes_claim_neither_gets(void **state)
{
	(void)state;
	given("node2 10.99.0.2 192.168.0.2 192.168.1.2\n"
	      "node3 10.99.0.2,10.99.0.3 192.168.0.3 192.168.1.2\n"
	      "node4 10.99.0.4 192.168.0.4 10.99.0.3\n");
	follows("10.99.0.2 from 10.99.0.1 refused: rail0 192.168.0.2 up, rail1 "
		"192.168.1.2 refused\n"
		"10.99.0.2 from 10.99.0.1 refused: rail0 192.168.0.3 up, rail1 "
		"192.168.1.2 refused\n"
		"10.99.0.3 from 10.99.0.1 refused: rail0 192.168.0.3 up, rail1 "
		"192.168.1.2 refused\n"
		"10.99.0.4 from 10.99.0.1: rail0 192.168.0.4 up, - 10.99.0.3 refused");
	refusals("node2: 10.99.0.2 is claimed by another node, too: node3\n"
		 "node2: 192.168.1.2 is claimed by another node, too: node3\n"
		 "node3: 10.99.0.2 is claimed by another node, too: node2\n"
		 "node3: 10.99.0.3 is claimed by another node, too: node4\n"
		 "node3: 192.168.1.2 is claimed by another node, too: node2\n"
		 "node4: 10.99.0.3 is claimed by another node, too: node3");
}

static void addresses_may_have_to_be_within_networks(void **state)
{
	(void)state;
	own.n_within = 2;
	cidr_parse("10.99.0.0/16", &own.within[0]);
	cidr_parse("fd99::/64", &own.within[1]);
	given("node2 10.99.0.2,8.8.8.8,fd99::2,fd98::2 192.168.0.2,fd00::2\n");
	refusals("node2: 8.8.8.8 is not within the networks of nodes\n"
		 "node2: fd98::2 is not within the networks of nodes");
	assert_true(wanted_now(&wanted, &wanted.routes[0]));
	assert_true(wanted_now(&wanted, &wanted.routes[2]));
}

static void the_first_and_last_address_of_a_network_are_no_next_hop(void **state)
{
	(void)state;
	given("node2 10.99.0.2 192.168.0.255 192.168.1.0\n");
	follows("10.99.0.2 from 10.99.0.1 not now: rail0 192.168.0.255 refused, rail1 "
		"192.168.1.0 refused");
	refusals("node2: 192.168.0.255 is no host's address in the network of rail0\n"
		 "node2: 192.168.1.0 is no host's address in the network of rail1");
}

static void a_node_has_no_route_to_itself(void **state)
{
	(void)state;
	given("node1 10.97.0.1 192.168.0.77\n");
	follows("");
	refusals("");
}

static void ten_thousand_nodes_take_no_time(void **state)
{
	struct peer peer = { .n_addresses = 1, .n_rails = 2 };

	(void)state;
	peers_clear(&peers);
	ip_parse("10.100.0.0", &peer.addresses[0]);
	own.rails[0] = rail("rail0", 10, "172.16.0.1/16", "fd00::1/64");
	ip_parse("172.16.0.9", &peer.rails[0].addresses[0]);
	own.rails[1] = rail("rail1", 11, "172.18.0.1/16", "fd01::1/64");
	ip_parse("172.18.0.9", &peer.rails[1].addresses[0]);
	peer.rails[0].n = peer.rails[1].n = 1;
	for (int i = 0; i < 10000; i++) {
		snprintf(peer.name, sizeof(peer.name), "node-%d", i);
		ip_add(&peer.addresses[0], 1, &peer.addresses[0]);
		ip_add(&peer.rails[0].addresses[0], 1, &peer.rails[0].addresses[0]);
		ip_add(&peer.rails[1].addresses[0], 1, &peer.rails[1].addresses[0]);
		assert_int_equal(peers_add(&peers, &peer, &err), 0);
	}
	assert_int_equal(want(&own, &peers, &wanted, &err), 0);
	assert_int_equal(wanted.n_routes, 10000);
	assert_int_equal(wanted.n_refusals, 0);
	for (int i = 0; i < wanted.n_routes; i++)
		assert_true(wanted_now(&wanted, &wanted.routes[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_address_of_a_peer_gets_a_route_with_a_next_hop_a_rail),
		TEST(each_family_goes_its_own_way),
		TEST(without_an_address_to_answer_to_there_is_no_route),
		TEST(a_rail_without_link_is_no_way_whoever_says_so),
		TEST(a_peer_of_which_no_rail_answers_has_no_route),
		TEST(a_next_hop_is_in_the_network_of_a_rail),
		TEST(rails_in_one_network_are_paired_by_their_place),
		TEST(of_a_rail_with_several_addresses_one_that_works_is_taken),
		TEST(an_address_of_this_node_is_nobody_elses),
		TEST(an_address_in_the_network_of_a_rail_would_be_a_loop),
		TEST(what_two_nodes_claim_neither_gets),
		TEST(addresses_may_have_to_be_within_networks),
		TEST(the_first_and_last_address_of_a_network_are_no_next_hop),
		TEST(a_node_has_no_route_to_itself),
		TEST(ten_thousand_nodes_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
