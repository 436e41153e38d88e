/* fuzz_probe_files.c - files that rdma-probe is pointed at: peers, expectations, the
 * pod's networks, the names in a lease store. The first byte chooses which.
 *
 * links: plugins/rdma-probe/peers.c plugins/rdma-probe/peers_pods.c
 * plugins/rdma-probe/endpoint.c plugins/rdma-probe/input.c plugins/rdma-probe/expect.c
 * plugins/rdma-probe/networks.c plugins/rdma-probe/fault.c plugins/rdma-probe/reason.c */
#include "tests/fuzz/fuzz.h"

#include "plugins/rdma-probe/expect.h"
#include "plugins/rdma-probe/networks.h"
#include "plugins/rdma-probe/peers.h"

static struct err err;

static void must_be_sorted(struct peers *peers)
{
	static const struct local nowhere;

	for (int i = 0; i < peers->n; i++)
		must(*peers->v[i].at.host && *peers->v[i].at.port);
	peers_finish(peers, &nowhere, "node-a");
	for (int i = 1; i < peers->n; i++)
		must(strcmp(peers->v[i - 1].at.host, peers->v[i].at.host) <= 0);
	must(peers_self(peers) < peers->n);
}

static void peers_of(struct fuzz *fuzz)
{
	_autopeers_ struct peers peers = { 0 };

	if (!fuzz_told(peers_parse(&peers, fuzz_rest(fuzz), &err), &err))
		must_be_sorted(&peers);
}

static void pods_of(struct fuzz *fuzz)
{
	_autopeers_ struct peers peers = { 0 };
	const char *text = fuzz_rest(fuzz);

	if (!fuzz_told(peers_parse_k8s(&peers, text, strlen(text), &err), &err))
		must_be_sorted(&peers);
}

static void leases_of(struct fuzz *fuzz)
{
	_autopeers_ struct peers peers = { 0 };
	char *name;

	while (*(name = fuzz_line(fuzz)))
		must(!peers_add_lease(&peers, name, &err) || peers.n == PEERS_MAX);
	must_be_sorted(&peers);
}

static void expectation(struct fuzz *fuzz)
{
	const char *text = fuzz_rest(fuzz);
	struct expect expect;

	if (!fuzz_told(expect_parse(text, strlen(text), &expect, &err), &err))
		must(expect.pfc >= 0 && expect.pfc < 256 && expect.rails <= 32);
}

static void networks_of(struct fuzz *fuzz)
{
	static struct rails rails;
	struct networks networks;
	const char *text = fuzz_rest(fuzz);

	rails.n = 0;
	if (fuzz_told(networks_parse(text, strlen(text), &networks, &err), &err))
		return;
	must(networks.n >= 0 && networks.n <= RAIL_MAX);
	networks_apply(&networks, &rails);
	must(rails.n >= 0 && rails.n <= RAIL_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);

	switch (*fuzz_line(&fuzz)) {
	case 'p':
		peers_of(&fuzz);
		break;
	case 'k':
		pods_of(&fuzz);
		break;
	case 'l':
		leases_of(&fuzz);
		break;
	case 'e':
		expectation(&fuzz);
		break;
	case 'n':
		networks_of(&fuzz);
		break;
	}
	return 0;
}
