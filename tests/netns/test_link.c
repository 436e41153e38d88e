/* link.c against the real kernel. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/link.h"
#include "tests/netns/sandbox.h"

static struct nl *nl;
static struct err err;

static int enter(void **state)
{
	return sandbox_enter(state) || nl_open(&nl, NETLINK_ROUTE, &err);
}

static int leave(void **state)
{
	nl_close(nl);
	nl = NULL;
	return sandbox_leave(state);
}

static int vf0(void)
{
	return if_nametoindex("vf0");
}

static void a_moved_link_is_gone_here_and_renamed_there(void **state)
{
	(void)state;
	assert_int_equal(link_move(nl, vf0(), sandbox_pod, "net1", &err), 0);
	assert_int_equal(vf0(), 0);
	assert_int_equal(sandbox_in_pod("ip link show net1 >/dev/null"), 0);
}

/* The kernel's doing, and why nobody may rely on where a link is after a failure. */
static void a_move_onto_a_taken_name_fails_and_may_move_all_the_same(void **state)
{
	(void)state;
	assert_int_equal(sandbox_in_pod("ip link add net1 type veth peer name x"), 0);
	assert_int_equal(link_move(nl, vf0(), sandbox_pod, "net1", &err), -1);
	assert_int_equal(err.no, EEXIST);
	assert_int_equal(sandbox_in_pod("ip link show vf0 >/dev/null"), 0);
}

static void a_move_with_both_names_taken_does_not_happen(void **state)
{
	(void)state;
	assert_int_equal(sandbox_in_pod("ip link add net1 type veth peer name vf0"), 0);
	assert_int_equal(link_move(nl, vf0(), sandbox_pod, "net1", &err), -1);
	assert_int_equal(err.no, EEXIST);
	assert_int_not_equal(vf0(), 0);
}

static void a_template_finds_a_free_name(void **state)
{
	(void)state;
	assert_int_equal(sandbox_in_pod("ip link add vf0 type veth peer name x"), 0);
	assert_int_equal(link_move(nl, vf0(), sandbox_pod, "vf%d", &err), 0);
	assert_int_equal(sandbox_in_pod("ip -o link | grep -q ': vf[1-9]@'"), 0);
}

static void a_socket_speaks_for_the_namespace_it_was_opened_in(void **state)
{
	_autonl_ struct nl *pod = NULL;
	struct link link;

	(void)state;
	assert_int_equal(link_move(nl, vf0(), sandbox_pod, "net1", &err), 0);
	assert_int_equal(nl_open_in(&pod, NETLINK_ROUTE, sandbox_pod, &err), 0);
	assert_int_not_equal(if_nametoindex("wire"), 0); /* we are home again */
	assert_int_equal(link_get_by_name(pod, "net1", &link, &err), 0);
	assert_int_equal(link_get_by_name(nl, "net1", &link, &err), -1);
	assert_int_equal(err.no, ENODEV);
}

static void the_kernels_own_words_are_in_the_error(void **state)
{
	struct link_change change = { .mtu = 1 };

	(void)state;
	assert_int_equal(link_configure(nl, vf0(), &change, &err), -1);
	assert_non_null(strstr(err.msg, "mtu less than device minimum"));
	assert_non_null(strstr(err.msg, "(mtu 1)"));
}

static void mac_mtu_and_strict_arp_are_set_in_one_request(void **state)
{
	struct link_change change = { .set_mac = true,
				      .mac = { 2, 0, 0, 0, 0, 9 },
				      .mtu = 4200,
				      .strict_arp = true };
	struct link link;

	(void)state;
	assert_int_equal(link_configure(nl, vf0(), &change, &err), 0);
	assert_int_equal(link_get(nl, vf0(), &link, &err), 0);
	assert_memory_equal(link.mac, change.mac, MAC_LEN);
	assert_int_equal(link.mtu, 4200);
	assert_int_equal(system("cd /proc/sys/net/ipv4/conf/vf0 && "
				"test \"$(cat arp_ignore arp_announce rp_filter | "
				"tr '\\n' ' ')\" = '1 2 2 '"),
			 0);
}

static void up_and_down_are_what_they_say(void **state)
{
	struct link link;

	(void)state;
	assert_int_equal(link_set_up(nl, vf0(), true, &err), 0);
	assert_int_equal(link_get(nl, vf0(), &link, &err), 0);
	assert_true(link.flags & IFF_UP);
	assert_int_equal(link_set_up(nl, vf0(), false, &err), 0);
	assert_int_equal(link_get(nl, vf0(), &link, &err), 0);
	assert_false(link.flags & IFF_UP);
}

static void alternative_names_come_and_go(void **state)
{
	struct link link;

	(void)state;
	assert_int_equal(link_altname_add(nl, vf0(), "first", &err), 0);
	assert_int_equal(link_altname_add(nl, vf0(), "second", &err), 0);
	assert_int_equal(link_altname_add(nl, vf0(), "second", &err), -1);
	assert_int_equal(err.no, EEXIST);
	assert_int_equal(link_get_by_name(nl, "vf0", &link, &err), 0);
	assert_string_equal(link.altnames, "first\nsecond\n");
	assert_int_equal(link_altname_del(nl, vf0(), "first", &err), 0);
	assert_int_equal(link_get_by_name(nl, "vf0", &link, &err), 0);
	assert_string_equal(link.altnames, "second\n");
}

static void an_alternative_name_may_be_any_bytes(void **state)
{
	static const char hard[] = "a%2Fb%2F%2520c%0A%FF";
	struct link link;

	(void)state;
	assert_int_equal(link_altname_add(nl, vf0(), hard, &err), 0);
	assert_int_equal(link_get_by_name(nl, "vf0", &link, &err), 0);
	assert_string_equal(link.altnames, "a%2Fb%2F%2520c%0A%FF\n");
	assert_int_equal(link_altname_del(nl, vf0(), "%", &err), -1);
	assert_int_equal(err.no, EINVAL);
}

static void a_link_of_no_device_is_never_found_by_device(void **state)
{
	struct link link;

	(void)state;
	assert_int_equal(link_find_device(nl, "0000:03:10.0", &link, &err), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

/* Who has CAP_NET_ADMIN here, as a pod may in its namespace, can send to any socket. */
static void shout(const void *msg, size_t len)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	FILE *sockets = fopen("/proc/net/netlink", "r");
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), bus;
	char line[256];

	while (fgets(line, sizeof(line), sockets))
		if (sscanf(line, "%*s %d %u", &bus, &to.nl_pid) == 2 &&
		    bus == NETLINK_ROUTE && to.nl_pid)
			(void)sendto(fd, msg, len, 0, (void *)&to, sizeof(to));
	fclose(sockets);
	close(fd);
}

static void what_others_say_is_not_taken_for_the_kernels_answer(void **state)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr ack;
	} lie = { .head = { .nlmsg_len = sizeof(lie), .nlmsg_type = NLMSG_ERROR } };
	struct link link = { 0 };

	(void)state;
	shout(&lie, sizeof(lie));
	assert_int_equal(link_get(nl, vf0(), &link, &err), 0);
	assert_string_equal(link.name, "vf0");
	lie.ack.error = -EPERM;
	shout(&lie, sizeof(lie));
	assert_int_equal(link_set_up(nl, vf0(), true, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_moved_link_is_gone_here_and_renamed_there),
		TEST(a_move_onto_a_taken_name_fails_and_may_move_all_the_same),
		TEST(a_move_with_both_names_taken_does_not_happen),
		TEST(a_template_finds_a_free_name),
		TEST(a_socket_speaks_for_the_namespace_it_was_opened_in),
		TEST(the_kernels_own_words_are_in_the_error),
		TEST(mac_mtu_and_strict_arp_are_set_in_one_request),
		TEST(up_and_down_are_what_they_say),
		TEST(alternative_names_come_and_go),
		TEST(an_alternative_name_may_be_any_bytes),
		TEST(a_link_of_no_device_is_never_found_by_device),
		TEST(what_others_say_is_not_taken_for_the_kernels_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
