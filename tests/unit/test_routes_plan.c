/*
 * From what is to what shall be: played on a kernel made of two arrays, which refuses
 * what the real one refuses.
 * links: plugins/sriov/routes_peers.c plugins/sriov/routes_want.c
 * plugins/sriov/routes_plan.c plugins/sriov/routes_silent.c
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "plugins/sriov/routes_plan.h"

#define MOST 400

static struct err err;
static struct own own;
static struct peers peers;
static struct wanted wanted;
static struct changes changes;

static struct nexthop hops[MOST];
static struct hostroute routes[MOST];
static struct routes_now kernel;

static int enter(void **state)
{
	(void)state;
	own = (struct own){ .name = "me", .n_addresses = 1, .n_rails = 4 };
	ip_parse("10.99.0.1", &own.addresses[0]);
	for (int i = 0; i < 4; i++) {
		char net[CIDR_LEN];

		snprintf(own.rails[i].name, IFNAMSIZ, "rail%d", i);
		snprintf(net, sizeof(net), "192.168.%d.1/24", i);
		own.rails[i].ifindex = 10 + i;
		own.rails[i].up = true;
		own.rails[i].n = 1;
		cidr_parse(net, &own.rails[i].nets[0]);
	}
	kernel = (struct routes_now){ .nexthops.list = hops, .routes.list = routes };
	return 0;
}

static int leave(void **state)
{
	(void)state;
	changes_clear(&changes);
	wanted_clear(&wanted);
	peers_clear(&peers);
	return 0;
}

static void plan(void)
{
	changes_clear(&changes);
	assert_int_equal(routes_plan(&own, &wanted, &kernel, &changes, &err), 0);
}

static void given(const char *text)
{
	wanted_clear(&wanted);
	peers_clear(&peers);
	if (peers_parse(text, &peers, &err) || want(&own, &peers, &wanted, &err))
		fail_msg("%s", err.msg);
	plan();
}

/* --- the kernel ----------------------------------------------------------------------
 */

static int order_hops(const void *a, const void *b)
{
	uint32_t x = ((const struct nexthop *)a)->id, y = ((const struct nexthop *)b)->id;

	return x < y ? -1 : x > y;
}

static int order_routes(const void *a, const void *b)
{
	const struct hostroute *x = a, *y = b;
	int order = ip_cmp(&x->dst.ip, &y->dst.ip);

	return order ? order : x->odd - y->odd;
}

static struct nexthop *find(uint32_t id)
{
	return (struct nexthop *)nexthops_find(&kernel.nexthops, id);
}

static void add(struct nexthop nexthop)
{
	assert_true(kernel.nexthops.count < MOST);
	assert_null(find(nexthop.id));
	for (int i = 0; i < nexthop.n; i++)
		assert_non_null(find(nexthop.members[i]));
	hops[kernel.nexthops.count++] = nexthop;
	qsort(hops, kernel.nexthops.count, sizeof(*hops), order_hops);
}

static void add_route(struct hostroute route)
{
	assert_non_null(find(route.nexthop));
	for (int i = 0; i < kernel.routes.count; i++)
		assert_true(routes[i].odd || route.odd ||
			    !ip_equal(&routes[i].dst.ip, &route.dst.ip));
	assert_true(kernel.routes.count < MOST);
	routes[kernel.routes.count++] = route;
	qsort(routes, kernel.routes.count, sizeof(*routes), order_routes);
}

static void del_route(const struct ip *dst, bool odd)
{
	for (int i = 0; i < kernel.routes.count; i++) {
		if (!ip_equal(&routes[i].dst.ip, dst) || routes[i].odd != odd)
			continue;
		memmove(&routes[i], &routes[i + 1],
			(--kernel.routes.count - i) * sizeof(*routes));
		return;
	}
	fail_msg("there is no such route");
}

/* As the kernel does it: out of all groups, of which empty ones go, with their routes. */
static void del(uint32_t id)
{
	struct nexthop *nexthop = find(id);

	assert_non_null(nexthop);
	memmove(nexthop, nexthop + 1,
		(hops + --kernel.nexthops.count - nexthop) * sizeof(*hops));
	for (int i = kernel.routes.count - 1; i >= 0; i--)
		if (routes[i].nexthop == id)
			del_route(&routes[i].dst.ip, routes[i].odd);
	for (int i = kernel.nexthops.count - 1; i >= 0; i--) {
		int n = 0;

		if (!hops[i].n)
			continue;
		for (int j = 0; j < hops[i].n; j++)
			if (hops[i].members[j] != id)
				hops[i].members[n++] = hops[i].members[j];
		hops[i].n = n;
		if (!n) {
			del(hops[i].id);
			i = kernel.nexthops.count;
		}
	}
}

static bool is_used(uint32_t id)
{
	for (int i = 0; i < kernel.routes.count; i++)
		if (routes[i].nexthop == id)
			return true;
	for (int i = 0; i < kernel.nexthops.count; i++)
		for (int j = 0; j < hops[i].n; j++)
			if (hops[i].members[j] == id)
				return true;
	return false;
}

static void carry_out(const struct change *change)
{
	struct nexthop *group;

	switch (change->kind) {
	case ADD_HOP:
	case ADD_GROUP:
		add(change->nexthop);
		break;
	case SET_GROUP:
		group = find(change->nexthop.id);
		assert_non_null(group);
		assert_true(group->n > 0);
		assert_int_equal(group->protocol, ROUTES_PROTOCOL);
		for (int i = 0; i < change->nexthop.n; i++)
			assert_non_null(find(change->nexthop.members[i]));
		*group = change->nexthop;
		break;
	case ADD_ROUTE:
		add_route(change->route);
		break;
	case DEL_ROUTE:
		del_route(&change->route.dst.ip, change->route.odd);
		break;
	case DEL_GROUP:
	case DEL_HOP:
		assert_int_equal(find(change->nexthop.id)->protocol, ROUTES_PROTOCOL);
		assert_false(is_used(change->nexthop.id)); /* else a packet is lost */
		del(change->nexthop.id);
		break;
	}
}

static void carry_out_all(void)
{
	for (int i = 0; i < changes.count; i++)
		carry_out(&changes.list[i]);
}

static void carrier_lost(int ifindex)
{
	for (int i = 0; i < kernel.nexthops.count; i++)
		if (!hops[i].n && hops[i].ifindex == ifindex) {
			del(hops[i].id);
			i = -1;
		}
}

/* "rail0 rail1" - the rails that lead to an address. */
static const char *way_to(const char *address)
{
	static char text[200];
	struct ip ip;
	const struct hostroute *route;
	int n = 0;

	ip_parse(address, &ip);
	route = hostroutes_find(&kernel.routes, &ip);
	*text = '\0';
	if (!route)
		return "nowhere";
	for (int rail = 0; rail < own.n_rails; rail++)
		for (int i = 0; i < find(route->nexthop)->n; i++)
			if (find(find(route->nexthop)->members[i])->ifindex == 10 + rail)
				n += snprintf(text + n, sizeof(text) - n, "%srail%d",
					      n ? " " : "", rail);
	return text;
}

static const char *kinds(void)
{
	static const char *const names[] = { "+hop ",	"+group ", "=group ", "-route ",
					     "+route ", "-group ", "-hop " };
	static char text[400];
	int n = 0;

	*text = '\0';
	for (int i = 0; i < changes.count; i++)
		n += snprintf(text + n, sizeof(text) - n, "%s",
			      names[changes.list[i].kind]);
	return text;
}

/* --- the tests ------------------------------------------------------------------------
 */

#define TWO                                                                              \
	"node2 10.99.0.2 192.168.0.2 192.168.1.2\n"                                      \
	"node3 10.99.0.3 192.168.0.3 192.168.1.3\n"

static void what_is_missing_is_made_and_then_nothing_is_to_do(void **state)
{
	(void)state;
	given(TWO);
	assert_string_equal(kinds(), "+hop +hop +hop +hop +group +group +route +route ");
	carry_out_all();
	assert_string_equal(way_to("10.99.0.2"), "rail0 rail1");
	plan();
	assert_int_equal(changes.count, 0);
}

static void addresses_of_one_peer_share_a_group(void **state)
{
	(void)state;
	given("node2 10.99.0.2,10.98.0.2,10.97.0.2 192.168.0.2 192.168.1.2\n");
	assert_string_equal(kinds(), "+hop +hop +group +route +route +route ");
	carry_out_all();
	given("node2 10.98.0.2 192.168.0.2 192.168.1.2\n");
	assert_string_equal(kinds(), "-route -route ");
}

static void a_rail_more_or_less_is_one_change_of_a_group(void **state)
{
	(void)state;
	given(TWO);
	carry_out_all();
	given("node2 10.99.0.2 192.168.0.2 192.168.1.2 192.168.2.2\n"
	      "node3 10.99.0.3 down:192.168.0.3 192.168.1.3\n");
	assert_string_equal(kinds(), "+hop =group =group -hop ");
	carry_out_all();
	assert_string_equal(way_to("10.99.0.2"), "rail0 rail1 rail2");
	assert_string_equal(way_to("10.99.0.3"), "rail1");
}

static void after_the_carrier_only_next_hops_are_to_come_back(void **state)
{
	(void)state;
	given(TWO);
	carry_out_all();
	carrier_lost(10);
	own.rails[0].up = false;
	given(TWO);
	assert_int_equal(changes.count, 0); /* the kernel has done it */
	own.rails[0].up = true;
	given(TWO);
	assert_string_equal(kinds(), "+hop +hop =group =group ");
}

static void without_any_rail_the_route_goes(void **state)
{
	(void)state;
	given(TWO);
	carry_out_all();
	given("node2 10.99.0.2 down:192.168.0.2 down:192.168.1.2\n"
	      "node3 10.99.0.3 192.168.0.3 192.168.1.3\n");
	assert_string_equal(kinds(), "-route -group -hop -hop ");
	carry_out_all();
	assert_string_equal(way_to("10.99.0.2"), "nowhere");
}

static void who_does_not_answer_stays_in_the_group(void **state)
{
	struct ip gw;

	(void)state;
	given(TWO);
	carry_out_all();
	ip_parse("192.168.0.2", &gw);
	assert_int_equal(silent_add(&own.silent, 10, &gw, &err), 0);
	given(TWO);
	assert_int_equal(changes.count, 0); /* the kernel passes over it */
	ip_parse("192.168.1.2", &gw);
	assert_int_equal(silent_add(&own.silent, 11, &gw, &err), 0);
	silent_sort(&own.silent);
	given(TWO);
	assert_string_equal(kinds(), "-route -group -hop -hop ");
	silent_clear(&own.silent);
}

static void another_source_is_another_route_over_the_same_group(void **state)
{
	(void)state;
	given(TWO);
	carry_out_all();
	ip_parse("10.99.0.77", &own.addresses[0]);
	given(TWO);
	assert_string_equal(kinds(), "-route +route -route +route ");
}

static void what_others_made_is_never_changed(void **state)
{
	struct nexthop theirs = { .id = ROUTES_ID_FIRST + 5, .protocol = RTPROT_ZEBRA };

	(void)state;
	ip_parse("192.168.0.2", &theirs.gw);
	theirs.ifindex = 10;
	add(theirs);
	given(TWO);
	carry_out_all();
	plan();
	assert_int_equal(changes.count, 0);
	given("");
	carry_out_all();
	assert_int_equal(kernel.nexthops.count, 1);
	assert_int_equal(kernel.nexthops.list[0].id, ROUTES_ID_FIRST + 5);
}

static void ids_that_are_taken_are_passed_by(void **state)
{
	uint32_t first[8];

	(void)state;
	given(TWO);
	for (int i = 0; i < 6; i++)
		first[i] = changes.list[i].nexthop.id;
	for (int i = 0; i < 6; i++)
		add((struct nexthop){ .id = first[i], .protocol = RTPROT_BGP, .n = 0 });
	plan();
	for (int i = 0; i < 6; i++) {
		uint32_t id = changes.list[i].nexthop.id;

		assert_null(find(id));
		assert_in_range(id, ROUTES_ID_FIRST,
				ROUTES_ID_FIRST + ROUTES_ID_COUNT - 1);
	}
	carry_out_all();
	assert_string_equal(way_to("10.99.0.3"), "rail0 rail1");
	for (int i = 0; i < 6; i++)
		del(first[i]);
	plan(); /* what is there is known by what it is, not by its id */
	assert_int_equal(changes.count, 0);
}

static void the_same_names_get_the_same_ids(void **state)
{
	uint32_t id;

	(void)state;
	given(TWO);
	id = changes.list[4].nexthop.id;
	own.rails[0].ifindex = 77; /* as after the next boot */
	given(TWO "node4 10.99.0.4 192.168.2.4\n");
	assert_int_equal(changes.list[5].nexthop.id, id);
}

static void what_was_killed_halfway_is_gone_on_with(void **state)
{
	(void)state;
	for (int killed = 0; killed <= 8; killed++) {
		kernel.nexthops.count = kernel.routes.count = 0;
		given(TWO);
		assert_int_equal(changes.count, 8);
		for (int i = 0; i < killed; i++)
			carry_out(&changes.list[i]);
		plan();
		assert_int_equal(changes.count, 8 - killed);
		carry_out_all();
		assert_string_equal(way_to("10.99.0.2"), "rail0 rail1");
	}
}

static void odd_things_of_ours_go(void **state)
{
	struct hostroute odd = { .odd = true, .table = 7 };

	(void)state;
	given(TWO);
	carry_out_all();
	cidr_parse("10.99.0.2/32", &odd.dst);
	odd.nexthop = routes[0].nexthop;
	add_route(odd);
	add((struct nexthop){ .id = 3, .protocol = ROUTES_PROTOCOL, .odd = true });
	plan();
	assert_string_equal(kinds(), "-route -hop ");
	carry_out_all();
	assert_string_equal(way_to("10.99.0.2"), "rail0 rail1");
}

static void a_group_that_two_peers_share_is_shared_no_more(void **state)
{
	(void)state;
	given(TWO);
	carry_out_all();
	for (int i = 0; i < kernel.routes.count; i++)
		routes[i].nexthop = routes[0].nexthop;
	plan();
	carry_out_all();
	assert_int_not_equal(routes[0].nexthop, routes[1].nexthop);
	plan();
	assert_int_equal(changes.count, 0);
}

/* Any peers: each has some rails, some of them down, at one of a few addresses. */
static void any_peers(char *text, size_t size)
{
	size_t n = 0;

	*text = '\0';
	for (int i = 2; i < 12; i++) {
		if (rand() % 4 == 0)
			continue;
		n += snprintf(text + n, size - n, "node%d 10.99.%d.%d%s", i, rand() % 2,
			      i, rand() % 3 ? "" : ",10.98.0.");
		if (text[n - 1] == '.')
			n += snprintf(text + n, size - n, "%d", i);
		for (int rail = 0; rail < 4; rail++)
			n += rand() % 5 ? snprintf(text + n, size - n, " %s192.168.%d.%d",
						   rand() % 4 ? "" : "down:", rail,
						   i + (rand() % 8 ? 0 : 100))
					: snprintf(text + n, size - n, " -");
		n += snprintf(text + n, size - n, "\n");
	}
}

/* While changes are made, an address that had a route before and has one behind keeps one
 * (a change of source apart, which is not made here) that leads somewhere. */
static void nothing_is_lost_on_the_way(int until)
{
	struct routes_now was = kernel;
	static struct hostroute old_routes[MOST];

	memcpy(old_routes, routes, sizeof(routes));
	was.routes.list = old_routes;
	for (int i = 0; i < until; i++) {
		carry_out(&changes.list[i]);
		for (int j = 0; j < wanted.n_routes; j++) {
			const struct ip *dst = &wanted.routes[j].dst;

			if (wanted_now(&wanted, &wanted.routes[j]) &&
			    hostroutes_find(&was.routes, dst))
				assert_non_null(hostroutes_find(&kernel.routes, dst));
		}
	}
}

static void whatever_comes_it_converges_and_no_packet_is_lost(void **state)
{
	static char text[8000];

	(void)state;
	srand(7);
	for (int round = 0; round < 1000; round++) {
		any_peers(text, sizeof(text));
		for (int i = 0; i < 4; i++) {
			own.rails[i].up = rand() % 6;
			if (!own.rails[i].up)
				carrier_lost(10 + i);
		}
		given(text);
		if (rand() % 3 == 0) { /* killed */
			nothing_is_lost_on_the_way(rand() % (changes.count + 1));
			plan();
		}
		nothing_is_lost_on_the_way(changes.count);
		plan();
		assert_int_equal(changes.count, 0);
		for (int i = 0; i < wanted.n_routes; i++)
			assert_int_equal(wanted_now(&wanted, &wanted.routes[i]),
					 hostroutes_find(&kernel.routes,
							 &wanted.routes[i].dst) != NULL);
	}
}

static void ten_thousand_nodes_take_no_time(void **state)
{
	struct peer peer = { .n_addresses = 1, .n_rails = 4 };

	(void)state;
	ip_parse("10.100.0.0", &peer.addresses[0]);
	for (int i = 0; i < 4; i++) {
		char text[CIDR_LEN];

		snprintf(text, sizeof(text), "172.%d.0.1/16", 16 + i);
		cidr_parse(text, &own.rails[i].nets[0]);
		peer.rails[i].addresses[0] = own.rails[i].nets[0].ip;
		peer.rails[i].n = 1;
	}
	for (int i = 0; i < 10000; i++) {
		snprintf(peer.name, sizeof(peer.name), "node-%d", i);
		ip_add(&peer.addresses[0], 1, &peer.addresses[0]);
		for (int j = 0; j < 4; j++)
			ip_add(&peer.rails[j].addresses[0], 1,
			       &peer.rails[j].addresses[0]);
		assert_int_equal(peers_add(&peers, &peer, &err), 0);
	}
	assert_int_equal(want(&own, &peers, &wanted, &err), 0);
	plan();
	assert_int_equal(changes.count, 60000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_missing_is_made_and_then_nothing_is_to_do),
		TEST(addresses_of_one_peer_share_a_group),
		TEST(a_rail_more_or_less_is_one_change_of_a_group),
		TEST(after_the_carrier_only_next_hops_are_to_come_back),
		TEST(without_any_rail_the_route_goes),
		TEST(who_does_not_answer_stays_in_the_group),
		TEST(another_source_is_another_route_over_the_same_group),
		TEST(what_others_made_is_never_changed),
		TEST(ids_that_are_taken_are_passed_by),
		TEST(the_same_names_get_the_same_ids),
		TEST(what_was_killed_halfway_is_gone_on_with),
		TEST(odd_things_of_ours_go),
		TEST(a_group_that_two_peers_share_is_shared_no_more),
		TEST(whatever_comes_it_converges_and_no_packet_is_lost),
		TEST(ten_thousand_nodes_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
