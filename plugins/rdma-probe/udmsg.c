/* udmsg.c - the datagrams probes send each other, and what arrives in front of them. */
#include <endian.h>
#include <string.h>

#include "plugins/rdma-probe/be32.h"
#include "plugins/rdma-probe/gid.h"
#include "plugins/rdma-probe/udmsg.h"

#define MAGIC	  0x52505544 /* "RPUD" */
#define VERSION_1 1
#define IPV4_AT	  20 /* an IPv4 header fills the second half of the 40 bytes */

void ud_msg_write(const struct ud_msg *msg, uint8_t ret[UD_MSG_LEN])
{
	uint64_t sent = htobe64((uint64_t)msg->sent);
	uint8_t *at;

	memset(ret, 0, UD_MSG_LEN);
	at = put32(ret, MAGIC);
	*at++ = VERSION_1;
	*at++ = (uint8_t)msg->type;
	*at++ = msg->tos;
	*at++ = msg->ttl;
	at = put32(at, msg->token);
	at = put32(at, msg->sequence);
	at = put32(at, msg->arrived);
	at = put32(at, msg->held);
	memcpy(at, &sent, sizeof(sent));
	at[sizeof(sent)] = msg->prompt;
}

bool ud_msg_read(const uint8_t *data, int len, struct ud_msg *ret)
{
	uint64_t sent;

	if (len < UD_MSG_LEN || get32(data) != MAGIC || data[4] != VERSION_1 ||
	    (data[5] != UD_PROBE && data[5] != UD_ANSWER))
		return false;
	memcpy(&sent, data + 24, sizeof(sent));
	*ret = (struct ud_msg){ .type = data[5],
				.tos = data[6],
				.ttl = data[7],
				.token = get32(data + 8),
				.sequence = get32(data + 12),
				.arrived = get32(data + 16),
				.held = get32(data + 20),
				.prompt = data[32] == 1,
				.sent = (int64_t)be64toh(sent) };
	return true;
}

bool ud_from_read(const uint8_t grh[UD_GRH_LEN], struct ud_from *ret)
{
	const uint8_t *ip4 = grh + IPV4_AT;
	struct ip ip = { .family = AF_INET };

	if (ip4[0] == 0x45) {
		memcpy(ip.b, ip4 + 12, 4);
		gid_from_ip(&ip, ret->gid);
		ret->tos = ip4[1];
		ret->ttl = ip4[8];
		return true;
	}
	if (grh[0] >> 4 != 6)
		return false;
	memcpy(ret->gid, grh + 8, 16);
	ret->tos = (uint8_t)(grh[0] << 4 | grh[1] >> 4);
	ret->ttl = grh[7];
	return true;
}
