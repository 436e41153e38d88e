/* fuzz_probe_answer.c - what a peer answers, which need not be an rdma-probe.
 *
 * links: plugins/rdma-probe/proto.c plugins/rdma-probe/proto_answer.c
 * plugins/rdma-probe/proto_parts.c plugins/rdma-probe/rail_json.c
 * plugins/rdma-probe/fault.c plugins/rdma-probe/reason.c plugins/rdma-probe/gid.c
 * plugins/rdma-probe/gid_explain.c plugins/rdma-probe/local.c plugins/rdma-probe/jout.c
 * plugins/rdma-probe/pair.c */
#include "tests/fuzz/fuzz.h"

#include "plugins/rdma-probe/proto.h"

static struct err err;

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/* It goes to people's terminals. */
static void must_be_readable(const struct fault *fault)
{
	must(fault->notes >= 0 && fault->notes <= FAULT_NOTES);
	for (int i = 0; i < fault->notes; i++)
		must(is_printable(fault->note[i]));
	must(is_printable(fault_advice(fault)));
}

static void must_pair(const struct rails *theirs)
{
	struct rail_pair pairs[2 * RAIL_MAX];
	int n = rails_pair(theirs, theirs, pairs);

	must(n >= theirs->n && n <= 2 * RAIL_MAX);
	for (int i = 0; i < n; i++)
		must(pairs[i].mine < theirs->n && pairs[i].theirs < theirs->n);
}

static void a_hello(const char *text, size_t len)
{
	static struct rails rails, again;
	char host[PROTO_HOST_LEN], same[PROTO_HOST_LEN];
	_autofree_ char *one = NULL, *two = NULL;

	if (fuzz_told(proto_read_hello(text, len, host, &rails, &err), &err))
		return;
	must(is_printable(host) && rails.n >= 0 && rails.n <= RAIL_MAX);
	for (int i = 0; i < rails.n; i++) {
		must(is_printable(rails.v[i].name) && is_printable(rails.v[i].netdev));
		must_be_readable(&rails.v[i].fault);
	}
	must_pair(&rails);
	one = proto_make_hello(host, &rails);
	must(one && !proto_read_hello(one, strlen(one), same, &again, &err));
	two = proto_make_hello(same, &again);
	must(two && !strcmp(one, two));
}

static void an_end(const char *text, size_t len)
{
	struct fault why = { 0 };
	struct ud_end ud;
	struct rc_end rc;
	struct proto_path path;
	uint32_t arrived;

	if (fuzz_told(proto_read_opened(text, len, &rc, &why, &err), &err) == 1) {
		must(rc.qpn >= 2 && rc.qpn <= 0xffffff && rc.psn <= 0xffffff);
		must(rc.mtu >= 256 && rc.mtu <= 4096);
		must(rc.room >= 0 && rc.room <= PROTO_ROOM_MAX);
	}
	must_be_readable(&why);
	if (fuzz_told(proto_read_opened_ud(text, len, &ud, &why, &err), &err) == 1)
		must(ud.qpn >= 2 && ud.qpn <= 0xffffff);
	must_be_readable(&why);
	(void)fuzz_told(proto_read_counted(text, len, &arrived, &err), &err);
	if (!fuzz_told(proto_read_path(text, len, &path, &err), &err))
		must(path.verdict <= VERDICT_FAIL && path.heard_ms >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);

	if (size > PROTO_ANSWER_MAX)
		return 0;
	a_hello(fuzz.text, size);
	an_end(fuzz.text, size);
	return 0;
}
