/* fuzz_probe_datagram.c - a datagram that came to a queue pair, and what verbs put in
 * front of it.
 *
 * links: plugins/rdma-probe/udmsg.c plugins/rdma-probe/gid.c
 * plugins/rdma-probe/gid_explain.c plugins/rdma-probe/local.c
 * plugins/rdma-probe/fault.c plugins/rdma-probe/reason.c */
#include "tests/fuzz/fuzz.h"

#include "plugins/rdma-probe/gid.h"
#include "plugins/rdma-probe/udmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t grh[UD_GRH_LEN] = { 0 }, raw[16], out[UD_MSG_LEN];
	struct ud_from from;
	struct ud_msg msg;
	char text[GID_LEN];
	struct ip ip;

	memcpy(grh, data, size < sizeof(grh) ? size : sizeof(grh));
	if (ud_from_read(grh, &from)) {
		ip = gid_to_ip(from.gid);
		gid_from_ip(&ip, raw);
		must(!memcmp(raw, from.gid, sizeof(raw)));
		must(*gid_format(from.gid, text));
	}
	if (size < sizeof(grh))
		return 0;
	data += sizeof(grh);
	size -= sizeof(grh);
	if (ud_msg_read(data, (int)size, &msg)) {
		ud_msg_write(&msg, out);
		must(size >= UD_MSG_LEN && !memcmp(out, data, 32));
	}
	return 0;
}
