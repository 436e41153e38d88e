/* lease.c: the names of lease files.
 * links: ipam/lease.c ipam/digest.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "ipam/lease.h"

#define ID64 "3f9c0c5d0e1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4"

static struct lease parsed(const char *name)
{
	struct lease lease;

	if (!lease_parse(name, &lease))
		fail_msg("%s is refused", name);
	return lease;
}

static void a_free_name_says_since_when(void **state)
{
	struct lease never = parsed("192.168.1.10");
	struct lease since = parsed("192.168.1.11@1732262400");
	char name[LEASE_LEN];

	(void)state;
	assert_int_equal(never.state, LEASE_FREE);
	assert_int_equal(never.freed, -1);
	assert_int_equal(since.state, LEASE_FREE);
	assert_int_equal(since.freed, 1732262400);
	assert_string_equal(free_name(&never.ip, never.freed, name), "192.168.1.10");
	assert_string_equal(free_name(&since.ip, since.freed, name),
			    "192.168.1.11@1732262400");
}

static void a_leased_name_says_whose_it_is(void **state)
{
	char owner[OWNER_LEN], name[LEASE_LEN];
	struct holder holder;
	struct lease lease;
	struct ip ip;

	(void)state;
	assert_true(ip_parse("192.168.1.12", &ip));
	owner_format("gpu07", "5b1e9a02", ID64, "net1", owner);
	lease_name(&ip, owner, "a81c44d0", name);
	assert_string_equal(name, "192.168.1.12=gpu07,5b1e9a02," ID64 ",net1,a81c44d0");

	lease = parsed(name);
	assert_int_equal(lease.state, LEASE_HELD);
	assert_true(holder_parse(lease.rest, &holder));
	assert_string_equal(holder.node, "gpu07");
	assert_string_equal(holder.boot, "5b1e9a02");
	assert_string_equal(holder.container, ID64);
	assert_string_equal(holder.ifname, "net1");
	assert_string_equal(holder.nonce, "a81c44d0");
}

static void an_address_has_one_spelling(void **state)
{
	static const char *const bad[] = {
		"192.168.1.010",  "192.168.1",	 "2001:DB8::1",	   "2001:db8:0::1",
		".nfs0000000001", "pool.json",	 "192.168.1.10 ",  "",
		"=a,5b1e9a02,c",  "@1732262400", "192.168.1.10,x", ".192.168.1.10",
	};
	struct lease lease;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (lease_parse(bad[i], &lease))
			fail_msg("'%s' is taken", bad[i]);
	assert_int_equal(parsed("2001:db8::1").state, LEASE_FREE);
}

static void a_name_that_is_neither_free_nor_leased_is_taken(void **state)
{
	(void)state;
	assert_int_equal(parsed("10.0.0.1=reserved").state, LEASE_RESERVED);
	assert_int_equal(parsed("10.0.0.1=reserved,gateway").state, LEASE_RESERVED);
	assert_int_equal(parsed("10.0.0.1=reservedx").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1=").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1@").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1@-5").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1@99999999999999999999").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1=a,5b1e9a02,c,net1").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1=a,5b1e9a02,c,net1,a81c44d0,x").state,
			 LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1=a,5b1e9a0,c,net1,a81c44d0").state, LEASE_ODD);
	assert_int_equal(parsed("10.0.0.1=a,5b1e9a02,c%,net1,a81c44d0").state, LEASE_ODD);
}

static void an_owner_is_told_from_others_with_similar_names(void **state)
{
	struct lease lease = parsed("10.0.0.1=gpu07,5b1e9a02,c0ffee,net1,a81c44d0");

	(void)state;
	assert_true(lease_is_of(&lease, "gpu07,5b1e9a02,c0ffee,net1"));
	assert_false(lease_is_of(&lease, "gpu07,5b1e9a02,c0ffee,net"));
	assert_false(lease_is_of(&lease, "gpu07,5b1e9a02,c0ffee,net10"));
	assert_false(lease_is_of(&lease, "gpu07,00000000,c0ffee,net1"));
	assert_true(lease_is_of_any_boot(&lease, "gpu07,00000000,c0ffee,net1"));
	assert_false(lease_is_of_any_boot(&lease, "gpu07,00000000,c0ffee,net2"));
	assert_false(lease_is_of_any_boot(&lease, "gpu0,00000000,c0ffee,net1"));
	assert_true(lease_is_of_node(&lease, "gpu07"));
	assert_false(lease_is_of_node(&lease, "gpu0"));
	assert_false(lease_is_of_node(&lease, "gpu071"));
}

static void a_free_address_is_nobodys(void **state)
{
	struct lease lease = parsed("10.0.0.1@5");

	(void)state;
	assert_false(lease_is_of(&lease, ""));
	assert_false(lease_is_of_node(&lease, ""));
}

static void odd_characters_are_escaped(void **state)
{
	char owner[OWNER_LEN];
	struct holder holder;
	struct lease lease;
	char name[LEASE_LEN];

	(void)state;
	owner_format("gpu07", "5b1e9a02", "c1", "a,b@=\xc3\xa9", owner);
	assert_string_equal(owner, "gpu07,5b1e9a02,c1,a%2Cb%40%3D%C3%A9");
	snprintf(name, sizeof(name), "10.0.0.1=%s,a81c44d0", owner);
	lease = parsed(name);
	assert_true(holder_parse(lease.rest, &holder));
	assert_string_equal(holder.ifname, "a,b@=\xc3\xa9");
}

static void a_container_too_long_is_replaced_by_its_hash(void **state)
{
	char id[201], node[NODE_LEN], owner[OWNER_LEN], again[OWNER_LEN], name[LEASE_LEN];
	struct ip ip;

	(void)state;
	memset(id, 'c', 200);
	id[200] = '\0';
	memset(node, 'n', NODE_LEN - 1);
	node[NODE_LEN - 1] = '\0';
	owner_format(node, "5b1e9a02", id, "abcdefghijklmno", owner);
	assert_non_null(strstr(owner, ",h."));
	assert_true(ip_parse("2001:db8:1111:2222:3333:4444:5555:6666", &ip));
	assert_true(strlen(lease_name(&ip, owner, "a81c44d0", name)) < 255);
	assert_true(lease_is_of(
		&(struct lease){ .state = LEASE_HELD, .rest = strchr(name, '=') + 1 },
		owner));
	/* The same owner whatever the address, and another one for another id. */
	id[199] = 'd';
	owner_format(node, "5b1e9a02", id, "abcdefghijklmno", again);
	assert_string_not_equal(owner, again);
}

static void the_hash_is_sha_256(void **state)
{
	char owner[OWNER_LEN];

	(void)state;
	/* An id that looks like a hash gets one of its own: no two share a name. */
	owner_format("n", "5b1e9a02", "h.abc", "net1", owner);
	assert_string_equal(owner, "n,5b1e9a02,"
				   "h.e71326b3081099a207ee3b43efde59fa"
				   "2fef81652ca54a104dabb83c56ac308e,net1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_free_name_says_since_when),
		cmocka_unit_test(a_leased_name_says_whose_it_is),
		cmocka_unit_test(an_address_has_one_spelling),
		cmocka_unit_test(a_name_that_is_neither_free_nor_leased_is_taken),
		cmocka_unit_test(an_owner_is_told_from_others_with_similar_names),
		cmocka_unit_test(a_free_address_is_nobodys),
		cmocka_unit_test(odd_characters_are_escaped),
		cmocka_unit_test(a_container_too_long_is_replaced_by_its_hash),
		cmocka_unit_test(the_hash_is_sha_256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
