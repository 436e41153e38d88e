/* proto.c - what a probe asks another: make a request, and read it. No I/O. */
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/proto_parts.h"
#include "pkg/text.h"

static const char *const ops[] = { "hello",    "open_rc", "close_rc", "open_ud",
				   "count_ud", "done",	  "path_to" };

static void put_open_rc(struct cJSON *doc, const struct proto_request *request)
{
	jout_str(doc, "rail", request->rail);
	proto_put_rc(doc, &request->end);
	jout_int(doc, "flow_label", request->path.flow_label, true);
	jout_int(doc, "tc", request->path.tc, true);
	jout_int(doc, "timeout", request->path.timeout, true);
	jout_int(doc, "make_room", request->path.room, request->path.room);
	jout_int(doc, "budget_ms", request->budget_ms, true);
}

static void put_prober(struct cJSON *doc, const struct proto_request *request)
{
	const struct hub_prober *prober = &request->prober;

	jout_str(doc, "rail", request->rail);
	jout_int(doc, "token", prober->token, true);
	if (request->op == PROTO_COUNT_UD)
		return;
	proto_put_ud(doc, &prober->end);
	jout_int(doc, "tc", prober->tc, true);
	jout_int(doc, "budget_ms", request->budget_ms, true);
}

char *proto_make_request(const struct proto_request *request)
{
	struct cJSON *doc = proto_make(ops[request->op]);
	char gid[GID_LEN];

	switch (request->op) {
	case PROTO_HELLO:
		jout_int(doc, "v", PROTO_VERSION, true);
		jout_str(doc, "host", request->host);
		jout_int(doc, "af", request->family == AF_INET ? 4 : 6,
			 request->family != AF_UNSPEC);
		break;
	case PROTO_OPEN_RC:
		jout_int(doc, "id", request->id, true);
		put_open_rc(doc, request);
		break;
	case PROTO_CLOSE_RC:
		jout_int(doc, "id", request->id, true);
		break;
	case PROTO_DONE:
		jout_str(doc, "host", request->host);
		break;
	case PROTO_OPEN_UD:
	case PROTO_COUNT_UD:
		put_prober(doc, request);
		break;
	case PROTO_PATH_TO:
		jout_str(doc, "gid", gid_format(request->gid, gid));
		break;
	}
	return proto_finish(doc);
}

static int read_open(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t label, tc, timeout, budget, room = 0;
	const char *rail;

	if (proto_need_string(obj, "rail", &rail, err) ||
	    proto_read_rc(obj, &ret->end, err) ||
	    proto_need_int(obj, "flow_label", 0, 0xfffff, &label, err) ||
	    proto_need_int(obj, "tc", 0, 255, &tc, err) ||
	    proto_need_int(obj, "timeout", 1, 31, &timeout, err) ||
	    json_get_int(obj, "make_room", 0, PROTO_ROOM_MAX, &room, err) < 0 ||
	    proto_need_int(obj, "budget_ms", 0, PROTO_BUDGET_MAX, &budget, err))
		return -1;
	text_clean(ret->rail, sizeof(ret->rail), rail);
	ret->path = (struct rc_path){ .flow_label = (int)label,
				      .tc = (int)tc,
				      .timeout = (int)timeout,
				      .room = (int)room };
	ret->budget_ms = (int)budget;
	return 0;
}

static int read_hello(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t af = 0;

	if (proto_read_host(obj, ret->host, err) ||
	    json_get_int(obj, "af", 4, 6, &af, err) < 0)
		return -1;
	if (af == 5)
		return err_set(err, 0, "af: expected 4 or 6");
	ret->family = af == 4 ? AF_INET : af == 6 ? AF_INET6 : AF_UNSPEC;
	return 0;
}

static int read_prober(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t token, tc, budget;
	const char *rail;

	if (proto_need_string(obj, "rail", &rail, err) ||
	    proto_need_int(obj, "token", 0, UINT32_MAX, &token, err))
		return -1;
	text_clean(ret->rail, sizeof(ret->rail), rail);
	ret->prober.token = (uint32_t)token;
	if (ret->op == PROTO_COUNT_UD)
		return 0;
	if (proto_read_ud(obj, &ret->prober.end, err) ||
	    proto_need_int(obj, "tc", 0, 255, &tc, err) ||
	    proto_need_int(obj, "budget_ms", 0, PROTO_BUDGET_MAX, &budget, err))
		return -1;
	ret->prober.tc = (int)tc;
	ret->budget_ms = (int)budget;
	return 0;
}

static int read_body(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t id;

	if (ret->op == PROTO_HELLO)
		return read_hello(obj, ret, err);
	if (ret->op == PROTO_DONE)
		return proto_read_host(obj, ret->host, err);
	if (ret->op == PROTO_PATH_TO)
		return proto_read_gid(obj, ret->gid, err);
	if (ret->op == PROTO_OPEN_UD || ret->op == PROTO_COUNT_UD)
		return read_prober(obj, ret, err);
	if (proto_need_int(obj, "id", 0, PROTO_OPEN_MAX - 1, &id, err))
		return -1;
	ret->id = (int)id;
	return ret->op == PROTO_OPEN_RC ? read_open(obj, ret, err) : 0;
}

int proto_read_request(const char *line, size_t len, struct proto_request *ret,
		       struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(line, len, err);
	struct json root = json_root(doc);
	const char *op;

	*ret = (struct proto_request){ 0 };
	if (!doc || proto_need_string(&root, "op", &op, err))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(op, ops[i])) {
			ret->op = (enum proto_op)i;
			return read_body(&root, ret, err);
		}
	return err_set(err, 0, "op: %s is no request", op);
}
