/* fuzz_routes.c - what peers claim to have: whatever they write, no traffic of this node
 * is led to where it does not belong.
 *
 * links: plugins/sriov/routes_peers.c plugins/sriov/routes_want.c
 * plugins/sriov/routes_silent.c plugins/sriov/routes_plan.c plugins/sriov/routes_store.c
 */
#include "tests/fuzz/fuzz.h"

#include "plugins/sriov/routes_plan.h"
#include "plugins/sriov/routes_store.h"

static struct addr all[3];
static struct own own = { .name = "node1",
			  .n_addresses = 2,
			  .n_rails = 2,
			  .n_within = 2,
			  .all = { .list = all, .count = 3 } };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(ip_parse("10.99.0.1", &own.addresses[0]));
	must(ip_parse("fd99::1", &own.addresses[1]));
	must(ip_parse("192.168.0.1", &all[0].cidr.ip));
	must(ip_parse("10.99.0.1", &all[1].cidr.ip));
	must(ip_parse("10.99.0.77", &all[2].cidr.ip));
	must(cidr_parse("10.0.0.0/8", &own.within[0]));
	must(cidr_parse("fd00::/8", &own.within[1]));
	for (int i = 0; i < 2; i++) {
		own.rails[i].ifindex = 10 + i;
		own.rails[i].up = true;
		own.rails[i].n = 2;
		snprintf(own.rails[i].name, IFNAMSIZ, "rail%d", i);
	}
	must(cidr_parse("192.168.0.1/24", &own.rails[0].nets[0]));
	must(cidr_parse("fd00::1/64", &own.rails[0].nets[1]));
	must(cidr_parse("10.1.0.1/16", &own.rails[1].nets[0]));
	must(cidr_parse("fd01::1/64", &own.rails[1].nets[1]));
	return 0;
}

static bool is_on_a_rail(const struct ip *ip)
{
	for (int i = 0; i < own.n_rails; i++)
		for (int j = 0; j < own.rails[i].n; j++)
			if (cidr_contains(&own.rails[i].nets[j], ip))
				return true;
	return false;
}

static bool is_own(const struct ip *ip)
{
	for (int i = 0; i < own.all.count; i++)
		if (ip_equal(ip, &all[i].cidr.ip))
			return true;
	return ip_equal(ip, &own.addresses[1]);
}

static bool peer_has(const struct peer *peer, const struct ip *ip)
{
	for (int i = 0; i < peer->n_addresses; i++)
		if (ip_equal(&peer->addresses[i], ip))
			return true;
	for (int i = 0; i < peer->n_rails; i++)
		for (int j = 0; j < peer->rails[i].n; j++)
			if (ip_equal(&peer->rails[i].addresses[j], ip))
				return true;
	return false;
}

static int claims(const struct peers *peers, const struct ip *ip)
{
	int n = 0;

	for (int i = 0; i < peers->count; i++)
		n += strcmp(peers->list[i].name, own.name) &&
		     peer_has(&peers->list[i], ip);
	return n;
}

static void must_be_harmless(const struct peers *peers, const struct changes *changes)
{
	for (int i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];
		const struct ip *ip = change->kind == ADD_ROUTE ? &change->route.dst.ip
								: &change->nexthop.gw;

		if (change->kind == ADD_GROUP)
			continue;
		must(change->kind == ADD_ROUTE || change->kind == ADD_HOP);
		must(!is_own(ip) && claims(peers, ip) == 1);
		if (change->kind == ADD_HOP) {
			must(is_on_a_rail(ip));
			continue;
		}
		must(!is_on_a_rail(ip));
		must(cidr_contains(&own.within[ip->family == AF_INET6], ip));
		must(change->route.dst.prefix == ip_bits(ip->family));
		must(ip_equal(&change->route.src,
			      &own.addresses[ip->family == AF_INET6]));
	}
}

static void a_file(const char *text)
{
	_autopeers_ struct peers peers = { 0 };
	_autowanted_ struct wanted wanted = { 0 };
	_autochanges_ struct changes changes = { 0 };
	const struct routes_now now = { 0 };
	struct err err;

	if (fuzz_told(peers_parse(text, &peers, &err), &err))
		return;
	must(!want(&own, &peers, &wanted, &err));
	must(!routes_plan(&own, &wanted, &now, &changes, &err));
	must_be_harmless(&peers, &changes);
}

static void a_line(const char *text)
{
	char line[PEER_LINE], again[PEER_LINE];
	struct peer peer, same;
	struct err err;

	if (fuzz_told(peer_parse(text, &peer, &err), &err))
		return;
	must(!peer_parse(peer_format(&peer, line), &same, &err));
	must(!strcmp(peer_format(&same, again), line));
}

static void a_store(char *text, size_t len)
{
	struct published published = { .name = "node2.peer", .len = len, .text = text };
	struct peer peer;
	struct err err;

	if (!fuzz_told(published_parse(&published, &peer, &err), &err))
		must(!strcmp(peer.name, "node2"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);

	a_file(fuzz.text);
	a_line(fuzz.text);
	a_store(fuzz.text, size);
	return 0;
}
