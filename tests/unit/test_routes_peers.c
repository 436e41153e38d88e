/* A line a node: what is understood, what is refused, and with which words.
 * links: plugins/sriov/routes_peers.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "plugins/sriov/routes_peers.h"

static struct err err;
static struct peer peer;

static void understood(const char *line, const char *again)
{
	char text[PEER_LINE];

	if (peer_parse(line, &peer, &err))
		fail_msg("%s: %s", line, err.msg);
	assert_string_equal(peer_format(&peer, text), again);
}

static void refused(const char *line, const char *message)
{
	assert_int_equal(peer_parse(line, &peer, &err), -1);
	assert_string_equal(err.msg, message);
}

static void a_line_has_a_name_addresses_and_rails(void **state)
{
	(void)state;
	understood("node2 10.99.0.2,fd99::2 192.168.0.2,fd00::2 192.168.1.2",
		   "node2 10.99.0.2,fd99::2 192.168.0.2,fd00::2 192.168.1.2");
	assert_string_equal(peer.name, "node2");
	assert_int_equal(peer.n_addresses, 2);
	assert_int_equal(peer.n_rails, 2);
	assert_int_equal(peer.rails[0].n, 2);
	assert_int_equal(peer.rails[1].addresses[0].b[3], 2);
	understood(" gpu-7.example.org\t 10.99.0.2  FD00:0::2 # the new one",
		   "gpu-7.example.org 10.99.0.2 fd00::2");
}

static void a_rail_may_be_down_or_without_address(void **state)
{
	(void)state;
	understood("node2 10.99.0.2 down:192.168.0.2,fd00::2 - 192.168.2.2",
		   "node2 10.99.0.2 down:192.168.0.2,fd00::2 - 192.168.2.2");
	assert_int_equal(peer.n_rails, 3);
	assert_true(peer.rails[0].down);
	assert_int_equal(peer.rails[1].n, 0);
	assert_false(peer.rails[2].down);
}

static void what_a_later_version_may_write_is_passed_over(void **state)
{
	(void)state;
	understood("node2 10.99.0.2 192.168.0.2 weight=3 192.168.1.2 x=",
		   "node2 10.99.0.2 192.168.0.2 192.168.1.2");
}

static void a_line_without_its_parts_is_refused(void **state)
{
	(void)state;
	refused("", "expected NODE ADDRESSES RAIL...");
	refused("node2", "expected NODE ADDRESSES RAIL...");
	refused("node2 # 10.99.0.2", "expected NODE ADDRESSES RAIL...");
	refused("node2 10.99.0.2", "node node2: it has no rails");
}

static void a_name_that_is_no_file_name_is_refused(void **state)
{
	char line[300];

	(void)state;
	refused("../node2 10.99.0.2 192.168.0.2", "\"../node2\" is no name of a node");
	refused(".hidden 10.99.0.2 192.168.0.2", "\".hidden\" is no name of a node");
	refused("-x 10.99.0.2 192.168.0.2", "\"-x\" is no name of a node");
	refused("a\x1b[31m 10.99.0.2 192.168.0.2", "\"a?[31m\" is no name of a node");
	snprintf(line, sizeof(line), "%0*d 10.99.0.2 192.168.0.2", PEER_NAME - 1, 0);
	assert_int_equal(peer_parse(line, &peer, &err), 0);
	snprintf(line, sizeof(line), "%0*d 10.99.0.2 192.168.0.2", PEER_NAME, 0);
	assert_int_equal(peer_parse(line, &peer, &err), -1);
}

static void what_no_node_can_have_is_refused(void **state)
{
	static const char *const unfit[][2] = {
		{ "0.0.0.0", "the unspecified address" },
		{ "0.1.2.3", "the unspecified address" },
		{ "::", "the unspecified address" },
		{ "127.0.0.1", "a loopback address" },
		{ "::1", "a loopback address" },
		{ "224.0.0.1", "a multicast address" },
		{ "ff02::1", "a multicast address" },
		{ "255.255.255.255", "a reserved address" },
		{ "240.0.0.1", "a reserved address" },
		{ "169.254.169.254", "a link-local address" },
		{ "fe80::1", "a link-local address" },
		{ "::ffff:10.0.0.1", "an IPv4 address in IPv6 clothes" },
	};
	char line[200], message[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unfit); i++) {
		snprintf(line, sizeof(line), "n %s 192.168.0.2", unfit[i][0]);
		snprintf(message, sizeof(message), "node n: %s is %s", unfit[i][0],
			 unfit[i][1]);
		refused(line, message);
		snprintf(line, sizeof(line), "n 10.99.0.2 192.168.0.2 %s", unfit[i][0]);
		snprintf(message, sizeof(message), "node n: rail 2: %s is %s",
			 unfit[i][0], unfit[i][1]);
		refused(line, message);
	}
	refused("n 0.0.0.0/0 192.168.0.2", "node n: \"0.0.0.0/0\" is no address");
	refused("n 10.99.0.2, 192.168.0.2", "node n: \"\" is no address");
	refused("n 10.99.0.2 up:192.168.0.2",
		"node n: rail 1: \"up:192.168.0.2\" is no address");
}

static void an_address_stands_there_once(void **state)
{
	(void)state;
	refused("n 10.99.0.2,10.99.0.2 192.168.0.2",
		"node n: 10.99.0.2 stands there twice");
	refused("n 10.99.0.2 192.168.0.2 192.168.0.2",
		"node n: 192.168.0.2 stands there twice");
	refused("n fd00::2 fd00:0:0::2", "node n: fd00::2 stands there twice");
}

static void there_is_an_end_to_addresses_and_rails(void **state)
{
	char line[2000];
	int n = snprintf(line, sizeof(line), "n 10.99.0.2");

	(void)state;
	for (int i = 0; i < PEER_RAILS; i++)
		n += snprintf(line + n, sizeof(line) - n, " 192.168.%d.2", i);
	assert_int_equal(peer_parse(line, &peer, &err), 0);
	snprintf(line + n, sizeof(line) - n, " 192.168.99.2");
	refused(line, "node n: more than 16 rails");
	refused("n 10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,10.0.0.6,10.0.0.7,"
		"10.0.0.8,10.0.0.9 -",
		"node n: more than 8 addresses");
}

static void the_longest_line_fits(void **state)
{
	char text[PEER_LINE], again[PEER_LINE];
	struct peer most = { .n_addresses = PEER_ADDRESSES, .n_rails = PEER_RAILS };
	int count = 0;

	(void)state;
	memset(most.name, 'n', PEER_NAME - 1);
	for (int i = 0; i < PEER_ADDRESSES + PEER_RAILS * RAIL_ADDRESSES; i++) {
		struct ip *ip =
			i < PEER_ADDRESSES
				? &most.addresses[i]
				: &most.rails[(i - PEER_ADDRESSES) / RAIL_ADDRESSES]
					   .addresses[(i - PEER_ADDRESSES) %
						      RAIL_ADDRESSES];

		ip->family = AF_INET6;
		memset(ip->b, 0xfd, sizeof(ip->b));
		ip->b[15] = ++count;
	}
	for (int i = 0; i < PEER_RAILS; i++) {
		most.rails[i].down = true;
		most.rails[i].n = RAIL_ADDRESSES;
	}
	peer_format(&most, text);
	if (peer_parse(text, &peer, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(peer_format(&peer, again), text);
}

static void a_file_has_lines_comments_and_empty_lines(void **state)
{
	_autopeers_ struct peers peers = { 0 };

	(void)state;
	assert_int_equal(peers_parse("# nodes\n\n  \t\nnode1 10.99.0.1 192.168.0.1\n"
				     "  # more\nnode2 10.99.0.2 192.168.0.2\r\n"
				     "node3 10.99.0.3 192.168.0.3",
				     &peers, &err),
			 0);
	assert_int_equal(peers.count, 3);
	assert_non_null(peers_find(&peers, "node3"));
	assert_null(peers_find(&peers, "node4"));
}

static void an_error_names_the_line_and_gives_no_peers(void **state)
{
	_autopeers_ struct peers peers = { 0 };

	(void)state;
	assert_int_equal(peers_parse("node1 10.99.0.1 192.168.0.1\n\nnode2 10.99.0.257 -",
				     &peers, &err),
			 -1);
	assert_string_equal(err.msg, "line 3: node node2: \"10.99.0.257\" is no address");
	assert_int_equal(
		peers_parse("a 10.9.0.1 -\nb 10.9.0.2 -\na 10.9.0.3 -", &peers, &err),
		-1);
	assert_string_equal(err.msg, "node a stands there twice");
	assert_int_equal(peers.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_a_name_addresses_and_rails),
		cmocka_unit_test(a_rail_may_be_down_or_without_address),
		cmocka_unit_test(what_a_later_version_may_write_is_passed_over),
		cmocka_unit_test(a_line_without_its_parts_is_refused),
		cmocka_unit_test(a_name_that_is_no_file_name_is_refused),
		cmocka_unit_test(what_no_node_can_have_is_refused),
		cmocka_unit_test(an_address_stands_there_once),
		cmocka_unit_test(there_is_an_end_to_addresses_and_rails),
		cmocka_unit_test(the_longest_line_fits),
		cmocka_unit_test(a_file_has_lines_comments_and_empty_lines),
		cmocka_unit_test(an_error_names_the_line_and_gives_no_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
