/* proto.c - what probes say to each other: one JSON object a line, over TCP. No I/O. */
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/proto.h"
#include "plugins/rdma-probe/rail_json.h"
#include "pkg/text.h"

static const char *const ops[] = { "hello", "open_rc", "close_rc" };

static struct cJSON *make(const char *op)
{
	struct cJSON *doc = cJSON_CreateObject();

	cJSON_AddStringToObject(doc, "op", op);
	return doc;
}

static char *finish(struct cJSON *doc)
{
	char *line = cJSON_PrintUnformatted(doc);

	cJSON_Delete(doc);
	return line;
}

static void put_end(struct cJSON *doc, const struct rc_end *end)
{
	char gid[GID_LEN];

	jout_str(doc, "gid", gid_format(end->gid, gid));
	jout_int(doc, "qpn", end->qpn, true);
	jout_int(doc, "psn", end->psn, true);
	jout_int(doc, "mtu", end->mtu, true);
}

char *proto_make_request(const struct proto_request *request)
{
	struct cJSON *doc = make(ops[request->op]);

	if (request->op == PROTO_HELLO) {
		jout_int(doc, "v", PROTO_VERSION, true);
		jout_str(doc, "host", request->host);
		jout_int(doc, "af", request->family == AF_INET ? 4 : 6,
			 request->family != AF_UNSPEC);
		return finish(doc);
	}
	jout_int(doc, "id", request->id, true);
	if (request->op == PROTO_OPEN_RC) {
		jout_str(doc, "rail", request->rail);
		put_end(doc, &request->end);
		jout_int(doc, "flow_label", request->path.flow_label, true);
		jout_int(doc, "tc", request->path.tc, true);
		jout_int(doc, "timeout", request->path.timeout, true);
		jout_int(doc, "budget_ms", request->budget_ms, true);
	}
	return finish(doc);
}

char *proto_make_hello(const char *host, const struct rails *rails)
{
	struct cJSON *doc = make("hello"), *list;

	jout_int(doc, "v", PROTO_VERSION, true);
	jout_str(doc, "tool", VERSION);
	jout_str(doc, "host", host);
	list = cJSON_AddArrayToObject(doc, "rails");
	for (int i = 0; i < rails->n; i++)
		cJSON_AddItemToArray(list, rail_to_json(&rails->v[i]));
	return finish(doc);
}

char *proto_make_opened(int id, const struct rc_end *end)
{
	struct cJSON *doc = make("opened");

	jout_int(doc, "id", id, true);
	put_end(doc, end);
	return finish(doc);
}

char *proto_make_refused(int id, const struct fault *fault)
{
	struct cJSON *doc = make("refused");

	jout_int(doc, "id", id, true);
	fault_to_json(fault, doc);
	return finish(doc);
}

char *proto_make_closed(int id)
{
	struct cJSON *doc = make("closed");

	jout_int(doc, "id", id, true);
	return finish(doc);
}

char *proto_make_error(const char *text)
{
	struct cJSON *doc = make("error");

	jout_str(doc, "text", text);
	return finish(doc);
}

/* A key that has to be there. */
static int need_int(const struct json *obj, const char *key, int64_t min, int64_t max,
		    int64_t *ret, struct err *err)
{
	int r = json_get_int(obj, key, min, max, ret, err);

	return r == 0 ? err_set(err, 0, "%s: this key is missing", key) : r < 0 ? -1 : 0;
}

static int need_string(const struct json *obj, const char *key, const char **ret,
		       struct err *err)
{
	int r = json_get_string(obj, key, ret, err);

	return r == 0 ? err_set(err, 0, "%s: this key is missing", key) : r < 0 ? -1 : 0;
}

static int read_mtu(const struct json *obj, int *ret, struct err *err)
{
	int64_t mtu;

	if (need_int(obj, "mtu", 256, 4096, &mtu, err))
		return -1;
	if (mtu & (mtu - 1))
		return err_set(err, 0, "mtu: expected a power of two, got %d", (int)mtu);
	*ret = (int)mtu;
	return 0;
}

static int read_end(const struct json *obj, struct rc_end *ret, struct err *err)
{
	const char *gid;
	int64_t qpn, psn;

	if (need_string(obj, "gid", &gid, err) ||
	    need_int(obj, "qpn", 2, 0xffffff, &qpn, err) ||
	    need_int(obj, "psn", 0, 0xffffff, &psn, err) || read_mtu(obj, &ret->mtu, err))
		return -1;
	if (!gid_parse_unicast(gid, ret->gid))
		return err_set(err, 0, "gid: expected a unicast GID");
	ret->qpn = (uint32_t)qpn;
	ret->psn = (uint32_t)psn;
	return 0;
}

static int read_open(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t label, tc, timeout, budget;
	const char *rail;

	if (need_string(obj, "rail", &rail, err) || read_end(obj, &ret->end, err) ||
	    need_int(obj, "flow_label", 0, 0xfffff, &label, err) ||
	    need_int(obj, "tc", 0, 255, &tc, err) ||
	    need_int(obj, "timeout", 1, 31, &timeout, err) ||
	    need_int(obj, "budget_ms", 0, PROTO_BUDGET_MAX, &budget, err))
		return -1;
	text_clean(ret->rail, sizeof(ret->rail), rail);
	ret->path = (struct rc_path){ .flow_label = (int)label,
				      .tc = (int)tc,
				      .timeout = (int)timeout };
	ret->budget_ms = (int)budget;
	return 0;
}

static int read_host(const struct json *obj, char host[PROTO_HOST_LEN], struct err *err)
{
	const char *text = "?";

	if (json_get_string(obj, "host", &text, err) < 0)
		return -1;
	text_clean(host, PROTO_HOST_LEN, text);
	return 0;
}

static int read_hello(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t af = 0;

	if (read_host(obj, ret->host, err) || json_get_int(obj, "af", 4, 6, &af, err) < 0)
		return -1;
	if (af == 5)
		return err_set(err, 0, "af: expected 4 or 6");
	ret->family = af == 4 ? AF_INET : af == 6 ? AF_INET6 : AF_UNSPEC;
	return 0;
}

static int read_body(const struct json *obj, struct proto_request *ret, struct err *err)
{
	int64_t id;

	if (ret->op == PROTO_HELLO)
		return read_hello(obj, ret, err);
	if (need_int(obj, "id", 0, PROTO_OPEN_MAX - 1, &id, err))
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
	if (!doc || need_string(&root, "op", &op, err))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(op, ops[i])) {
			ret->op = (enum proto_op)i;
			return read_body(&root, ret, err);
		}
	return err_set(err, 0, "op: expected hello, open_rc or close_rc");
}

/*
 * The document of an answer; the peer's own complaint becomes the error. Paths parse at
 * the same time: all that cJSON shares is where the last error was, and nobody asks it.
 */
static struct cJSON *parse_answer(const char *line, size_t len, const char **op,
				  struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(line, len, err);
	struct json root = json_root(doc);
	const char *text = "an error";
	char clean[200];

	if (!doc || need_string(&root, "op", op, err))
		return NULL;
	if (!strcmp(*op, "error")) {
		(void)json_get_string(&root, "text", &text, err);
		err_set(err, 0, "the peer says: %s",
			text_clean(clean, sizeof(clean), text));
		return NULL;
	}
	return take_ptr(doc);
}

static int read_rails(const struct json *root, struct rails *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(root, "rails", &list, err);

	if (r <= 0)
		return r < 0 ? -1 : err_set(err, 0, "rails: this key is missing");
	while (json_next(&list, &item)) {
		if (ret->n == RAIL_MAX)
			return err_set(err, 0, "rails: more than %d", RAIL_MAX);
		if (!cJSON_IsObject(item.node))
			return json_bad(&item, "an object", err);
		if (rail_from_json(&item, &ret->v[ret->n++], err))
			return -1;
	}
	return 0;
}

int proto_read_hello(const char *line, size_t len, char host[PROTO_HOST_LEN],
		     struct rails *ret, struct err *err)
{
	const char *op;
	_autojson_ struct cJSON *doc = parse_answer(line, len, &op, err);
	struct json root = json_root(doc);

	ret->n = 0;
	if (!doc)
		return -1;
	if (strcmp(op, "hello"))
		return err_set(err, 0, "op: expected hello");
	return read_host(&root, host, err) || read_rails(&root, ret, err) ? -1 : 0;
}

int proto_read_opened(const char *line, size_t len, struct rc_end *ret, struct fault *why,
		      struct err *err)
{
	const char *op;
	_autojson_ struct cJSON *doc = parse_answer(line, len, &op, err);
	struct json root = json_root(doc);

	if (!doc)
		return -1;
	if (!strcmp(op, "refused"))
		return fault_from_json(&root, why, err);
	if (strcmp(op, "opened"))
		return err_set(err, 0, "op: expected opened or refused");
	return read_end(&root, ret, err) ? -1 : 1;
}
