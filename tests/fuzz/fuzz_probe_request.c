/* fuzz_probe_request.c - what anybody on the pod's network may ask of rdma-probe serve.
 *
 * links: plugins/rdma-probe/proto.c plugins/rdma-probe/proto_answer.c
 * plugins/rdma-probe/proto_parts.c plugins/rdma-probe/rail_json.c
 * plugins/rdma-probe/fault.c plugins/rdma-probe/reason.c plugins/rdma-probe/gid.c
 * plugins/rdma-probe/gid_explain.c plugins/rdma-probe/local.c plugins/rdma-probe/jout.c
 */
#include "tests/fuzz/fuzz.h"

#include "plugins/rdma-probe/proto.h"

static void must_be_in_range(const struct proto_request *request)
{
	must(request->op <= PROTO_PATH_TO);
	must(request->id >= 0 && request->id < PROTO_OPEN_MAX);
	must(request->budget_ms >= 0 && request->budget_ms <= PROTO_BUDGET_MAX);
	must(request->path.room >= 0 && request->path.room <= PROTO_ROOM_MAX);
	must(request->path.flow_label >= 0 && request->path.flow_label <= 0xfffff);
	must(request->end.qpn <= 0xffffff && request->prober.end.qpn <= 0xffffff);
	must(memchr(request->rail, '\0', sizeof(request->rail)));
	must(memchr(request->host, '\0', sizeof(request->host)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	_autofree_ char *text = NULL, *same = NULL, *complaint = NULL;
	struct proto_request request, again;
	struct err err;

	if (size > PROTO_REQUEST_MAX)
		return 0;
	if (fuzz_told(proto_read_request(fuzz.text, size, &request, &err), &err)) {
		complaint = proto_make_error(err.msg);
		must(complaint && !json_check(complaint, strlen(complaint), &err));
		return 0;
	}
	must_be_in_range(&request);
	text = proto_make_request(&request);
	must(text && !strchr(text, '\n'));
	must(!proto_read_request(text, strlen(text), &again, &err));
	same = proto_make_request(&again);
	must(same && !strcmp(same, text));
	return 0;
}
