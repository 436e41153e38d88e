/* peers.c: whom to talk to, from a file or from the names of leases. */
#include "tests/test.h"

#include <string.h>

#include "plugins/rdma-probe/peers.h"
#include "tests/fake_local.h"

static struct peers peers;
static struct fake fake;
static struct err err;

static int begin(void **state)
{
	(void)state;
	fake = (struct fake){ 0 };
	fake_link(&fake, 3, "net1", "");
	fake_addr(&fake, 3, "192.168.1.11/24");
	fake_addr(&fake, 3, "192.168.2.11/24");
	(void)fake_local(&fake);
	return 0;
}

static int end(void **state)
{
	(void)state;
	peers_clear(&peers);
	return 0;
}

static void a_file_has_a_peer_a_line(void **state)
{
	(void)state;
	assert_int_equal(peers_parse(&peers,
				     "# of rack 7\nnode-b\n\n  10.0.0.3:99 # two\n"
				     "\t\r\n[fd00::2]:7\nlast",
				     &err),
			 0);
	assert_int_equal(peers.n, 4);
	assert_string_equal(peers.v[0].at.host, "node-b");
	assert_string_equal(peers.v[1].at.port, "99");
	assert_string_equal(peers.v[2].at.host, "fd00::2");
	assert_string_equal(peers.v[3].at.host, "last");
}

static void a_line_that_is_none_is_named(void **state)
{
	(void)state;
	assert_int_equal(peers_parse(&peers, "a\nb:0\n", &err), -1);
	assert_string_equal(err.msg, "line 2: \"b:0\" is no HOST[:PORT]");
	assert_int_equal(peers_parse(&peers, "/run/a\n", &err), -1); /* not for all */
}

static void everybody_is_there_once_and_in_order(void **state)
{
	(void)state;
	peers_parse(&peers, "c\na\nb\na\na:5\n", &err);
	peers_finish(&peers, &fake.local, "x");
	assert_int_equal(peers.n, 4);
	assert_string_equal(peers.v[0].at.host, "a");
	assert_string_equal(peers.v[3].at.host, "c");
	assert_int_equal(peers_self(&peers), -1);
}

static void we_know_ourselves_by_address_and_by_name(void **state)
{
	(void)state;
	peers_parse(&peers, "192.168.1.10\n192.168.1.11\n192.168.1.12\n", &err);
	peers_finish(&peers, &fake.local, "node-a");
	assert_int_equal(peers_self(&peers), 1);
	peers_clear(&peers);
	peers_parse(&peers, "node-ab\nnode-a.ml.svc\nb\n", &err);
	peers_finish(&peers, &fake.local, "node-a");
	assert_int_equal(peers.n, 3);
	assert_int_equal(peers_self(&peers), 1);
	assert_string_equal(peers.v[1].at.host, "node-a.ml.svc");
	assert_false(peers.v[2].self); /* node-ab is somebody else */
}

static void of_leases_every_pod_counts_once(void **state)
{
	(void)state;
	assert_int_equal(
		peers_add_lease(&peers, "192.168.1.12=n2,00000002,c1,net1,1", &err), 0);
	peers_add_lease(&peers, "192.168.2.12=n2,00000002,c1,net2,2", &err);
	peers_add_lease(&peers, "192.168.1.13=n2,00000002,c2,net1,3", &err);
	peers_add_lease(&peers, "192.168.1.11=n1,00000001,c3,net1,4", &err);
	peers_add_lease(&peers, "192.168.2.11=n1,00000001,c3,net2,5", &err);
	peers_finish(&peers, &fake.local, "n1");
	assert_int_equal(peers.n, 3);
	assert_string_equal(peers.v[0].at.host, "192.168.1.11");
	assert_true(peers.v[0].self);
	assert_string_equal(peers.v[1].owner, "n2,00000002,c1");
}

static void a_pod_is_ourselves_by_any_of_its_addresses(void **state)
{
	(void)state;
	peers_add_lease(&peers, "10.9.0.1=n1,00000001,c3,net9,4", &err); /* went since */
	peers_add_lease(&peers, "192.168.1.11=n1,00000001,c3,net1,4", &err);
	peers_finish(&peers, &fake.local, "n1");
	assert_int_equal(peers.n, 1);
	assert_int_equal(peers_self(&peers), 0);
}

static int parse_k8s(const char *text)
{
	return peers_parse_k8s(&peers, text, strlen(text), &err);
}

static void of_pods_those_count_that_have_an_address_and_run(void **state)
{
	(void)state;
	assert_int_equal(
		parse_k8s("{\"kind\":\"List\",\"items\":["
			  "{\"kind\":\"Pod\",\"status\":{\"phase\":\"Running\","
			  "\"podIP\":\"10.1.0.7\",\"podIPs\":[{\"ip\":\"fd00::7\"}]}},"
			  "{\"kind\":\"Pod\",\"status\":{\"phase\":\"Pending\"}},"
			  "{\"kind\":\"Pod\",\"status\":{\"phase\":\"Failed\","
			  "\"podIP\":\"10.1.0.8\"}}]}"),
		0);
	assert_int_equal(peers.n, 1);
	assert_string_equal(peers.v[0].at.host, "10.1.0.7");
	assert_string_equal(peers.v[0].at.port, "14791");
}

/* Slices come one for each family. */
static void an_endpoint_of_two_families_is_one_peer(void **state)
{
	(void)state;
	assert_int_equal(
		parse_k8s(
			"{\"kind\":\"EndpointSliceList\",\"items\":["
			"{\"endpoints\":[{\"addresses\":[\"10.1.0.7\"],\"targetRef\":"
			"{\"namespace\":\"ml\",\"name\":\"a\"}},"
			"{\"addresses\":[\"10.1.0.8\"],\"conditions\":{\"ready\":false},"
			"\"targetRef\":{\"namespace\":\"ml\",\"name\":\"b\"}}]},"
			"{\"endpoints\":[{\"addresses\":[\"fd00::7\"],\"targetRef\":"
			"{\"namespace\":\"ml\",\"name\":\"a\"}}]},"
			"{\"kind\":\"EndpointSlice\",\"endpoints\":null}]}"),
		0);
	peers_finish(&peers, &fake.local, "x");
	assert_int_equal(peers.n, 2);
	assert_string_equal(peers.v[0].at.host, "10.1.0.7");
	assert_string_equal(peers.v[1].at.host, "10.1.0.8");
}

static void endpoints_count_ready_or_not(void **state)
{
	(void)state;
	assert_int_equal(parse_k8s("{\"kind\":\"Endpoints\",\"subsets\":[{"
				   "\"addresses\":[{\"ip\":\"10.1.0.7\"}],"
				   "\"notReadyAddresses\":[{\"ip\":\"10.1.0.8\"}]}]}"),
			 0);
	assert_int_equal(peers.n, 2);
}

static void what_names_no_pods_is_refused_and_named(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "{\"items\":[{\"kind\":\"Service\"}]}", "items[0]: expected a Pod" },
		{ "{\"items\":[\"a\"]}", "items[0]: expected an object" },
		{ "{\"endpoints\":[7]}", "endpoints[0]: expected an object" },
		{ "{\"subsets\":[7]}", "subsets[0]: expected an object" },
		{ "{\"subsets\":[{\"addresses\":[{}]}]}", "expected an address with ip" },
		{ "{\"status\":{\"podIP\":\"a;b\"}}", "status.podIP: expected an IP" },
		{ "10.0.0.1\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse_k8s(cases[i].text), -1);
		assert_non_null(strstr(err.msg, cases[i].told));
	}
	assert_int_equal(peers.n, 0);
}

static void what_is_not_leased_is_nobody(void **state)
{
	static const char *const names[] = { "192.168.1.10",
					     "192.168.1.11@1732262400",
					     "192.168.1.13=reserved,gateway",
					     "store.json",
					     "x=a,b,c,d,e",
					     "192.168.1.10=a,b",
					     "=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(peers_add_lease(&peers, names[i], &err), 0);
	assert_int_equal(peers.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define PEERS(test) cmocka_unit_test_setup_teardown(test, begin, end)
		PEERS(a_file_has_a_peer_a_line),
		PEERS(a_line_that_is_none_is_named),
		PEERS(everybody_is_there_once_and_in_order),
		PEERS(we_know_ourselves_by_address_and_by_name),
		PEERS(of_leases_every_pod_counts_once),
		PEERS(a_pod_is_ourselves_by_any_of_its_addresses),
		PEERS(what_is_not_leased_is_nobody),
		PEERS(of_pods_those_count_that_have_an_address_and_run),
		PEERS(an_endpoint_of_two_families_is_one_peer),
		PEERS(endpoints_count_ready_or_not),
		PEERS(what_names_no_pods_is_refused_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
