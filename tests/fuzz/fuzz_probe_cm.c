/* fuzz_probe_cm.c - what came inside of a message of rdma_cm.
 *
 * links: plugins/rdma-probe/cm_msg.c plugins/rdma-probe/rail_json.c
 * plugins/rdma-probe/fault.c plugins/rdma-probe/reason.c plugins/rdma-probe/gid.c
 * plugins/rdma-probe/gid_explain.c plugins/rdma-probe/local.c plugins/rdma-probe/jout.c
 */
#include "tests/fuzz/fuzz.h"

#include "plugins/rdma-probe/cm_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t request[CM_REQUEST_LEN], reply[CM_REPLY_LEN];
	struct hub_prober prober;
	struct ud_end end;

	if (cm_request_read(data, size, &prober)) {
		cm_request_write(&prober, request);
		must(!memcmp(request, data, sizeof(request)));
	}
	if (cm_reply_read(data, size, &end)) {
		cm_reply_write(&end, reply);
		must(!memcmp(reply, data, 4) && !memcmp(reply + 8, data + 8, 8));
	}
	return 0;
}
