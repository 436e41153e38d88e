/* proto_parts.c - what requests and answers between probes are made of. No I/O. */
#include <stdio.h>

#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/proto_parts.h"
#include "plugins/rdma-probe/rail_json.h"
#include "pkg/text.h"

struct cJSON *proto_make(const char *op)
{
	struct cJSON *doc = cJSON_CreateObject();

	cJSON_AddStringToObject(doc, "op", op);
	return doc;
}

char *proto_finish(struct cJSON *doc)
{
	char *line = cJSON_PrintUnformatted(doc);

	cJSON_Delete(doc);
	return line;
}

void proto_put_rc(struct cJSON *doc, const struct rc_end *end)
{
	char gid[GID_LEN];

	jout_str(doc, "gid", gid_format(end->gid, gid));
	jout_int(doc, "qpn", end->qpn, true);
	jout_int(doc, "psn", end->psn, true);
	jout_int(doc, "mtu", end->mtu, true);
	jout_int(doc, "room", end->room, end->room);
	jout_int(doc, "addr", (int64_t)end->addr, end->room);
	jout_int(doc, "rkey", end->rkey, end->room);
}

/* A key that has to be there. */
int proto_need_int(const struct json *obj, const char *key, int64_t min, int64_t max,
		   int64_t *ret, struct err *err)
{
	int r = json_get_int(obj, key, min, max, ret, err);

	return r == 0 ? err_set(err, 0, "%s: this key is missing", key) : r < 0 ? -1 : 0;
}

int proto_need_string(const struct json *obj, const char *key, const char **ret,
		      struct err *err)
{
	int r = json_get_string(obj, key, ret, err);

	return r == 0 ? err_set(err, 0, "%s: this key is missing", key) : r < 0 ? -1 : 0;
}

static int read_mtu(const struct json *obj, int *ret, struct err *err)
{
	int64_t mtu;

	if (proto_need_int(obj, "mtu", 256, 4096, &mtu, err))
		return -1;
	if (mtu & (mtu - 1))
		return err_set(err, 0, "mtu: expected a power of two, got %d", (int)mtu);
	*ret = (int)mtu;
	return 0;
}

/* Where writes go to, of an end that made room for them. */
static int read_room(const struct json *obj, struct rc_end *ret, struct err *err)
{
	int64_t room = 0, addr = 0, rkey = 0;

	if (json_get_int(obj, "room", 0, PROTO_ROOM_MAX, &room, err) < 0)
		return -1;
	if (room && (proto_need_int(obj, "addr", 0, (int64_t)1 << 53, &addr, err) ||
		     proto_need_int(obj, "rkey", 0, UINT32_MAX, &rkey, err)))
		return -1;
	ret->room = (int)room;
	ret->addr = (uint64_t)addr;
	ret->rkey = (uint32_t)rkey;
	return 0;
}

int proto_read_gid(const struct json *obj, uint8_t ret[16], struct err *err)
{
	const char *gid;

	if (proto_need_string(obj, "gid", &gid, err))
		return -1;
	return gid_parse_unicast(gid, ret)
		       ? 0
		       : err_set(err, 0, "gid: expected a unicast GID");
}

int proto_read_rc(const struct json *obj, struct rc_end *ret, struct err *err)
{
	int64_t qpn, psn;

	if (proto_need_int(obj, "qpn", 2, 0xffffff, &qpn, err) ||
	    proto_need_int(obj, "psn", 0, 0xffffff, &psn, err) ||
	    read_mtu(obj, &ret->mtu, err) || read_room(obj, ret, err) ||
	    proto_read_gid(obj, ret->gid, err))
		return -1;
	ret->qpn = (uint32_t)qpn;
	ret->psn = (uint32_t)psn;
	return 0;
}

int proto_read_host(const struct json *obj, char host[PROTO_HOST_LEN], struct err *err)
{
	const char *text = "";

	if (json_get_string(obj, "host", &text, err) < 0)
		return -1;
	text_clean(host, PROTO_HOST_LEN, *text ? text : "?");
	return 0;
}

void proto_put_ud(struct cJSON *doc, const struct ud_end *end)
{
	char gid[GID_LEN];

	jout_str(doc, "gid", gid_format(end->gid, gid));
	jout_int(doc, "qpn", end->qpn, true);
	jout_int(doc, "qkey", end->qkey, true);
}

int proto_read_ud(const struct json *obj, struct ud_end *ret, struct err *err)
{
	int64_t qpn, qkey;

	if (proto_need_int(obj, "qpn", 2, 0xffffff, &qpn, err) ||
	    proto_need_int(obj, "qkey", 0, 0x7fffffff, &qkey, err) ||
	    proto_read_gid(obj, ret->gid, err))
		return -1;
	ret->qpn = (uint32_t)qpn;
	ret->qkey = (uint32_t)qkey;
	return 0;
}
