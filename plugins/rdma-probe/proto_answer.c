/* proto_answer.c - what a probe answers to another: make it, and read it. No I/O. */
#include <string.h>

#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/proto_parts.h"
#include "plugins/rdma-probe/rail_json.h"
#include "pkg/text.h"

char *proto_make_hello(const char *host, const struct rails *rails)
{
	struct cJSON *doc = proto_make("hello"), *list;

	jout_int(doc, "v", PROTO_VERSION, true);
	jout_str(doc, "tool", VERSION);
	jout_str(doc, "host", host);
	list = cJSON_AddArrayToObject(doc, "rails");
	for (int i = 0; i < rails->n; i++)
		cJSON_AddItemToArray(list, rail_to_json(&rails->v[i]));
	return proto_finish(doc);
}

char *proto_make_opened(int id, const struct rc_end *end)
{
	struct cJSON *doc = proto_make("opened");

	jout_int(doc, "id", id, true);
	proto_put_rc(doc, end);
	return proto_finish(doc);
}

char *proto_make_refused(int id, const struct fault *fault)
{
	struct cJSON *doc = proto_make("refused");

	jout_int(doc, "id", id, true);
	fault_to_json(fault, doc);
	return proto_finish(doc);
}

char *proto_make_closed(int id)
{
	struct cJSON *doc = proto_make("closed");

	jout_int(doc, "id", id, true);
	return proto_finish(doc);
}

char *proto_make_opened_ud(const struct ud_end *end)
{
	struct cJSON *doc = proto_make("opened_ud");

	proto_put_ud(doc, end);
	return proto_finish(doc);
}

char *proto_make_counted(uint32_t arrived)
{
	struct cJSON *doc = proto_make("counted");

	jout_int(doc, "arrived", arrived, true);
	return proto_finish(doc);
}

static const char *const states[] = {
	[VERDICT_OK] = "up", [VERDICT_FAIL] = "down", [VERDICT_UNKNOWN] = "unknown"
};

char *proto_make_path(const struct proto_path *path)
{
	struct cJSON *doc = proto_make("path");

	jout_str(doc, "state", states[path->verdict]);
	jout_int(doc, "heard_ms", path->heard_ms, path->verdict == VERDICT_OK);
	return proto_finish(doc);
}

char *proto_make_error(const char *text)
{
	struct cJSON *doc = proto_make("error");

	jout_str(doc, "text", text);
	return proto_finish(doc);
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

	if (!doc || proto_need_string(&root, "op", op, err))
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
		if (json_object(&item, err) ||
		    rail_from_json(&item, &ret->v[ret->n++], err))
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
	return proto_read_host(&root, host, err) || read_rails(&root, ret, err) ? -1 : 0;
}

/* An answer that opens something, or refuses to: 1 with *doc (freed by the caller in any
 * case), 0 with *why, or -1. */
static int parse_opened(const char *line, size_t len, const char *wanted,
			struct cJSON **doc, struct fault *why, struct err *err)
{
	const char *op;
	struct json root;

	*doc = parse_answer(line, len, &op, err);
	if (!*doc)
		return -1;
	root = json_root(*doc);
	if (!strcmp(op, "refused"))
		return fault_from_json(&root, why, err);
	if (strcmp(op, wanted))
		return err_set(err, 0, "op: expected %s or refused", wanted);
	return 1;
}

int proto_read_opened(const char *line, size_t len, struct rc_end *ret, struct fault *why,
		      struct err *err)
{
	_autojson_ struct cJSON *doc = NULL;
	int r = parse_opened(line, len, "opened", &doc, why, err);
	struct json root = json_root(doc);

	return r > 0 && proto_read_rc(&root, ret, err) ? -1 : r;
}

int proto_read_opened_ud(const char *line, size_t len, struct ud_end *ret,
			 struct fault *why, struct err *err)
{
	_autojson_ struct cJSON *doc = NULL;
	int r = parse_opened(line, len, "opened_ud", &doc, why, err);
	struct json root = json_root(doc);

	return r > 0 && proto_read_ud(&root, ret, err) ? -1 : r;
}

int proto_read_counted(const char *line, size_t len, uint32_t *ret, struct err *err)
{
	const char *op;
	_autojson_ struct cJSON *doc = parse_answer(line, len, &op, err);
	struct json root = json_root(doc);
	int64_t arrived;

	if (!doc || proto_need_int(&root, "arrived", 0, UINT32_MAX, &arrived, err))
		return -1;
	*ret = (uint32_t)arrived;
	return 0;
}

int proto_read_path(const char *line, size_t len, struct proto_path *ret, struct err *err)
{
	const char *op, *state;
	_autojson_ struct cJSON *doc = parse_answer(line, len, &op, err);
	struct json root = json_root(doc);
	int64_t heard = 0;

	if (!doc || proto_need_string(&root, "state", &state, err))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (strcmp(state, states[i]) != 0)
			continue;
		if (i == VERDICT_OK &&
		    proto_need_int(&root, "heard_ms", 0, INT32_MAX, &heard, err))
			return -1;
		*ret = (struct proto_path){ (enum verdict)i, heard };
		return 0;
	}
	return err_set(err, 0, "state: expected up, down or unknown");
}
