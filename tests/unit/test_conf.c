/* conf.c: what a configuration may say.
 * links: plugins/sriov/conf.c plugins/sriov/conf_vf.c plugins/sriov/conf_routes.c
 * plugins/sriov/conf_rdma.c */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "plugins/sriov/conf.h"

static struct conf conf;
static struct err err;
static struct cJSON *doc;

/* Parse a configuration of which only the inside is given. */
static int parse(const char *inside, const char *args)
{
	struct cni_call call = { .args = args };
	char text[2000];

	snprintf(text, sizeof(text), "{%s}", inside);
	cJSON_Delete(doc);
	doc = json_parse(text, strlen(text), &err);
	if (!doc)
		fail_msg("%s: %s", text, err.msg);
	call.conf = json_root(doc);
	return conf_parse(&call, &conf, &err);
}

static void good(const char *inside)
{
	if (parse(inside, ""))
		fail_msg("%s: %s", inside, err.msg);
}

static void bad(const char *inside, const char *msg)
{
	assert_int_equal(parse(inside, ""), -1);
	assert_string_equal(err.msg, msg);
	assert_int_equal(err.code, CNI_BAD_CONFIG);
}

#define VF "\"deviceID\":\"0000:03:10.0\""

static void the_vf_is_a_pci_address_or_an_auxiliary_device(void **state)
{
	(void)state;
	good("\"deviceID\":\"0000:AF:10.7\"");
	assert_string_equal(conf.device, "0000:af:10.7");
	good("\"deviceID\":\"mlx5_core.sf.4\"");
	assert_string_equal(conf.device, "mlx5_core.sf.4");
	good("\"deviceID\":\"10000:e1:00.2\"");
	bad("\"deviceID\":\"../../etc\"", "deviceID: expected a PCI address such as "
					  "0000:03:10.2, got \"../../etc\"");
	bad("\"deviceID\":\"0000:03:10.8\"", "deviceID: expected a PCI address such as "
					     "0000:03:10.2, got \"0000:03:10.8\"");
	bad("\"deviceID\":7", "deviceID: expected a string, got 7");
}

static void the_vf_comes_from_the_runtime_before_the_conf(void **state)
{
	(void)state;
	good("\"pciBusID\":\"0000:03:10.2\"");
	assert_string_equal(conf.device, "0000:03:10.2");
	good("\"pciBusID\":\"0000:03:10.2\"," VF);
	assert_string_equal(conf.device, "0000:03:10.0");
	good("\"runtimeConfig\":{\"deviceID\":\"0000:03:10.4\"}," VF);
	assert_string_equal(conf.device, "0000:03:10.4");
}

static void without_a_vf_there_must_be_a_pf(void **state)
{
	(void)state;
	good("\"pf\":\"ens1f0np0\"");
	assert_string_equal(conf.pf, "ens1f0np0");
	bad("\"vlan\":1", "deviceID: missing, and so is pf: which VF?");
	assert_non_null(strstr(err.hint, "resourceName"));
	bad("\"pf\":\"a/b\"", "pf: interface name 'a/b' contains / or : or white space");
}

static void what_is_not_asked_for_is_not_set(void **state)
{
	(void)state;
	good(VF);
	assert_int_equal(conf.admin.has, 0);
	assert_int_equal(conf.mtu, 0);
	assert_false(conf.has_mac);
	assert_null(conf.ipam);
}

static void the_mac_of_the_runtime_wins_over_args_over_conf(void **state)
{
	static const uint8_t conf_mac[] = { 2, 0, 0, 0, 0, 1 },
			     args_mac[] = { 2, 0, 0, 0, 0, 2 },
			     runtime_mac[] = { 2, 0, 0, 0, 0, 3 };

	(void)state;
	good(VF ",\"mac\":\"02:00:00:00:00:01\"");
	assert_memory_equal(conf.admin.mac, conf_mac, 6);
	assert_int_equal(
		parse(VF ",\"mac\":\"02:00:00:00:00:01\"", "A=b;MAC=02-00-00-00-00-02"),
		0);
	assert_memory_equal(conf.admin.mac, args_mac, 6);
	assert_int_equal(parse(VF ",\"runtimeConfig\":{\"mac\":\"02:00:00:00:00:03\"}",
			       "MAC=02:00:00:00:00:02"),
			 0);
	assert_memory_equal(conf.admin.mac, runtime_mac, 6);
	assert_true(conf.admin.has & VF_MAC);
}

static void no_interface_gets_a_group_address_or_none(void **state)
{
	static const char *const macs[] = { "01:00:5e:00:00:01",  "00:00:00:00:00:00",
					    "ff:ff:ff:ff:ff:ff",  "02:00:00:00:00",
					    "02:00:00:00:00:001", "02:00:00:00:0g:01",
					    "02:00-00:00:00:01",  "0x:00:00:00:00:01" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
		char inside[128];

		snprintf(inside, sizeof(inside), VF ",\"mac\":\"%s\"", macs[i]);
		assert_int_equal(parse(inside, ""), -1);
		assert_non_null(strstr(err.msg, "mac: expected the MAC address of one"));
	}
}

static void vlan_quality_and_protocol_need_a_vlan(void **state)
{
	(void)state;
	good(VF ",\"vlan\":100,\"vlanQoS\":3,\"vlanProto\":\"802.1AD\"");
	assert_int_equal(conf.admin.vlan, 100);
	assert_int_equal(conf.admin.qos, 3);
	assert_int_equal(conf.admin.vlan_proto, ETH_P_8021AD);
	good(VF ",\"vlan\":0");
	assert_int_equal(conf.admin.has, VF_VLAN);
	bad(VF ",\"vlanQoS\":3", "vlanQoS: needs a vlan from 1 to 4094");
	bad(VF ",\"vlan\":0,\"vlanProto\":\"802.1ad\"",
	    "vlanProto: needs a vlan from 1 to 4094");
	bad(VF ",\"vlan\":4095",
	    "vlan: expected a whole number from 0 to 4094, got 4095");
	bad(VF ",\"vlanProto\":\"802.1x\"",
	    "vlanProto: expected \"802.1q\" or \"802.1ad\", got \"802.1x\"");
}

static void switches_are_on_or_off_and_nothing_else(void **state)
{
	(void)state;
	good(VF ",\"spoofchk\":\"off\",\"trust\":\"on\"");
	assert_int_equal(conf.admin.has, VF_SPOOFCHK | VF_TRUST);
	assert_false(conf.admin.spoofchk);
	assert_true(conf.admin.trust);
	bad(VF ",\"trust\":\"yes\"", "trust: expected \"on\" or \"off\", got \"yes\"");
	bad(VF ",\"trust\":true", "trust: expected a string, got true");
}

static void one_rate_leaves_the_other_unlimited(void **state)
{
	(void)state;
	good(VF ",\"max_tx_rate\":1000");
	assert_int_equal(conf.admin.has, VF_RATE);
	assert_int_equal(conf.admin.min_rate, 0);
	assert_int_equal(conf.admin.max_rate, 1000);
	bad(VF ",\"min_tx_rate\":2000,\"max_tx_rate\":1000",
	    "min_tx_rate: 2000 is more than max_tx_rate 1000");
}

static void link_states_are_the_three_there_are(void **state)
{
	(void)state;
	good(VF ",\"link_state\":\"disable\"");
	assert_int_equal(conf.admin.link_state, IFLA_VF_LINK_STATE_DISABLE);
	bad(VF ",\"link_state\":\"up\"",
	    "link_state: expected \"auto\" or \"enable\" or \"disable\", got \"up\"");
}

static void routes_name_their_place_when_wrong(void **state)
{
	(void)state;
	good(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\",\"gw\":\"10.9.0.1\",\"mtu\":4200,"
		"\"src\":\"10.9.0.5\",\"onlink\":true}]");
	assert_int_equal(conf.n_routes, 1);
	assert_int_equal(conf.routes[0].route.mtu, 4200);
	assert_int_equal(conf.routes[0].route.priority, ROUTE_UNSET);
	assert_true(conf.routes[0].route.onlink);
	bad(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\"},{\"dst\":\"10.0.0.0\"}]",
	    "routes[1].dst: expected an address with a prefix length such as "
	    "192.168.1.5/24, got \"10.0.0.0\"");
	bad(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\",\"src\":\"::1\"}]",
	    "routes[0].src: expected an address of dst's family, got \"::1\"");
	bad(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\",\"gw\":\"fe80::1\"}]",
	    "routes[0].gw: is not of dst's family");
}

static void a_route_may_be_shared_with_a_weight(void **state)
{
	(void)state;
	good(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\",\"multipath\":{}},"
		"{\"dst\":\"10.0.0.0/8\",\"multipath\":{\"weight\":256}},"
		"{\"dst\":\"10.0.0.0/8\",\"multipath\":false},{\"dst\":\"10.0.0.0/8\"}]");
	assert_int_equal(conf.routes[0].weight, 1);
	assert_int_equal(conf.routes[1].weight, 256);
	assert_int_equal(conf.routes[2].weight, 0);
	assert_int_equal(conf.routes[3].weight, 0);
	bad(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\",\"multipath\":true}]",
	    "routes[0].multipath: expected false, or an object such as {\"weight\": 1}, "
	    "got true");
	bad(VF ",\"routes\":[{\"dst\":\"10.0.0.0/8\",\"multipath\":{\"weight\":0}}]",
	    "routes[0].multipath.weight: expected a whole number from 1 to 256, got 0");
}

static void without_a_word_of_rdma_it_waits_and_warns(void **state)
{
	(void)state;
	good(VF);
	assert_int_equal(conf.rdma.mode, RDMA_WANT_AUTO);
	assert_int_equal(conf.rdma.tos, -1);
	assert_int_equal(conf.rdma.gid_timeout, 3000);
	assert_int_equal(conf.rdma.preflight, PREFLIGHT_WARN);
	assert_null(conf.rdma.name);
}

static void rdma_takes_a_mode_a_name_a_tos_and_a_time(void **state)
{
	(void)state;
	good(VF ",\"rdma\":{\"mode\":\"exclusive\",\"name\":\"mlx_rail0\",\"tos\":96,"
		"\"gidTimeout\":0,\"preflight\":\"fail\"}");
	assert_int_equal(conf.rdma.mode, RDMA_WANT_EXCLUSIVE);
	assert_string_equal(conf.rdma.name, "mlx_rail0");
	assert_int_equal(conf.rdma.tos, 96);
	assert_int_equal(conf.rdma.gid_timeout, 0);
	assert_int_equal(conf.rdma.preflight, PREFLIGHT_FAIL);
	bad(VF ",\"rdma\":{\"mode\":\"both\"}",
	    "rdma.mode: expected \"auto\" or \"exclusive\" or \"shared\" or \"none\", "
	    "got "
	    "\"both\"");
	bad(VF ",\"rdma\":{\"tos\":256}",
	    "rdma.tos: expected a whole number from 0 to 255, got 256");
	bad(VF ",\"rdma\":{\"name\":\"../x\"}",
	    "rdma.name: expected a name of letters, digits, '_', '-' and '.', got "
	    "\"../x\"");
	bad(VF ",\"rdma\":true", "rdma: expected an object, got true");
}

static void source_routing_brings_strict_arp_unless_told_otherwise(void **state)
{
	(void)state;
	good(VF ",\"rail\":{\"sourceRouting\":true}");
	assert_true(conf.rail.source_routing && conf.rail.strict_arp);
	assert_int_equal(conf.rail.table, 0);
	good(VF ",\"rail\":{\"sourceRouting\":true,\"arp\":\"default\",\"table\":7}");
	assert_false(conf.rail.strict_arp);
	assert_int_equal(conf.rail.table, 7);
	good(VF ",\"rail\":{\"arp\":\"strict\",\"table\":\"auto\"}");
	assert_true(conf.rail.strict_arp && !conf.rail.source_routing);
	bad(VF ",\"rail\":{\"table\":254}",
	    "rail.table: expected a table that is not the "
	    "kernel's (253 to 255), got 254");
	bad(VF ",\"rail\":{\"table\":\"main\"}",
	    "rail.table: expected \"auto\" or a number, got \"main\"");
}

static void addresses_are_announced_unless_told_otherwise(void **state)
{
	(void)state;
	good(VF);
	assert_true(conf.announce && !conf.dad && !conf.flr);
	good(VF ",\"announce\":false,\"dad\":true,\"flr\":true");
	assert_true(!conf.announce && conf.dad && conf.flr);
	bad(VF ",\"dad\":1", "dad: expected true or false, got 1");
}

static void the_device_info_file_has_an_absolute_path(void **state)
{
	(void)state;
	good(VF ",\"runtimeConfig\":{\"CNIDeviceInfoFile\":\"/run/x.json\"}");
	assert_string_equal(conf.device_info, "/run/x.json");
	bad(VF ",\"runtimeConfig\":{\"CNIDeviceInfoFile\":\"x.json\"}",
	    "runtimeConfig.CNIDeviceInfoFile: expected an absolute path, got \"x.json\"");
}

static void unknown_keys_are_none_of_our_business(void **state)
{
	(void)state;
	good(VF ",\"capabilities\":{\"mac\":true},\"future\":[1,2]");
}

static void del_forgives_what_add_refuses(void **state)
{
	struct cni_call call = { .args = "" };

	(void)state;
	assert_int_equal(parse(VF ",\"vlan\":\"x\",\"ipam\":{\"type\":\"a\"}", ""), -1);
	call.conf = json_root(doc);
	conf_parse_leniently(&call, &conf);
	assert_string_equal(conf.device, "0000:03:10.0");
	assert_string_equal(conf.ipam, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vf_is_a_pci_address_or_an_auxiliary_device),
		cmocka_unit_test(the_vf_comes_from_the_runtime_before_the_conf),
		cmocka_unit_test(without_a_vf_there_must_be_a_pf),
		cmocka_unit_test(what_is_not_asked_for_is_not_set),
		cmocka_unit_test(the_mac_of_the_runtime_wins_over_args_over_conf),
		cmocka_unit_test(no_interface_gets_a_group_address_or_none),
		cmocka_unit_test(vlan_quality_and_protocol_need_a_vlan),
		cmocka_unit_test(switches_are_on_or_off_and_nothing_else),
		cmocka_unit_test(one_rate_leaves_the_other_unlimited),
		cmocka_unit_test(link_states_are_the_three_there_are),
		cmocka_unit_test(routes_name_their_place_when_wrong),
		cmocka_unit_test(a_route_may_be_shared_with_a_weight),
		cmocka_unit_test(without_a_word_of_rdma_it_waits_and_warns),
		cmocka_unit_test(rdma_takes_a_mode_a_name_a_tos_and_a_time),
		cmocka_unit_test(source_routing_brings_strict_arp_unless_told_otherwise),
		cmocka_unit_test(addresses_are_announced_unless_told_otherwise),
		cmocka_unit_test(the_device_info_file_has_an_absolute_path),
		cmocka_unit_test(unknown_keys_are_none_of_our_business),
		cmocka_unit_test(del_forgives_what_add_refuses),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	cJSON_Delete(doc);
	return r;
}
