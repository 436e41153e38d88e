/* cm_msg.c - what a prober and its peer tell each other inside of rdma_cm's messages. */
#include <string.h>

#include "plugins/rdma-probe/be32.h"
#include "plugins/rdma-probe/cm_msg.h"
#include "plugins/rdma-probe/rail_json.h"

#define REQUEST	 0x52504351 /* "RPCQ" */
#define REPLY	 0x52504341 /* "RPCA" */
#define QPN_MAX	 0xffffff
#define QKEY_MAX 0x7fffffff /* with the top bit they are the kernel's own */

void cm_request_write(const struct hub_prober *prober, uint8_t ret[CM_REQUEST_LEN])
{
	uint8_t *at = put32(ret, REQUEST);

	at = put32(at, (uint32_t)prober->tc);
	at = put32(at, prober->token);
	at = put32(at, prober->end.qpn);
	at = put32(at, prober->end.qkey);
	memcpy(at, prober->end.gid, sizeof(prober->end.gid));
}

static bool read_end(const uint8_t *data, struct ud_end *ret)
{
	ret->qpn = get32(data);
	ret->qkey = get32(data + 4);
	return ret->qpn > 1 && ret->qpn <= QPN_MAX && ret->qkey <= QKEY_MAX;
}

bool cm_request_read(const uint8_t *data, size_t len, struct hub_prober *ret)
{
	char gid[GID_LEN];

	*ret = (struct hub_prober){ 0 };
	if (len < CM_REQUEST_LEN || get32(data) != REQUEST || get32(data + 4) > 255 ||
	    !read_end(data + 12, &ret->end))
		return false;
	ret->tc = (int)get32(data + 4);
	ret->token = get32(data + 8);
	return gid_parse_unicast(gid_format(data + 20, gid), ret->end.gid);
}

void cm_reply_write(const struct ud_end *end, uint8_t ret[CM_REPLY_LEN])
{
	uint8_t *at = put32(ret, REPLY);

	at = put32(at, 0);
	at = put32(at, end->qpn);
	put32(at, end->qkey);
}

bool cm_reply_read(const uint8_t *data, size_t len, struct ud_end *ret)
{
	*ret = (struct ud_end){ 0 };
	return len >= CM_REPLY_LEN && get32(data) == REPLY && read_end(data + 8, ret);
}
