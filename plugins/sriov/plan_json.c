/* plan_json.c - a plan as text, and back: what the state file holds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/text.h"
#include "plugins/sriov/plan.h"

#define FORMAT 1 /* raise it when old text can no longer be read */

enum kind { TEXT, HEAP, OPTIONAL, MAC, BOOL, INT, UINT, LONG };

/* One line a field serves writer and reader alike. */
struct field {
	const char *key;
	enum kind kind;
	size_t offset, size;
};

#define FIELD(key, kind, member)                                                         \
	{                                                                                \
		key, kind, offsetof(struct plan, member),                                \
			sizeof(((struct plan *)0)->member)                               \
	}
#define ADMIN(key, member)                                                               \
	FIELD(key ".has", INT, member.has), FIELD(key ".mac", MAC, member.mac),          \
		FIELD(key ".vlan", INT, member.vlan),                                    \
		FIELD(key ".qos", INT, member.qos),                                      \
		FIELD(key ".proto", INT, member.vlan_proto),                             \
		FIELD(key ".minRate", INT, member.min_rate),                             \
		FIELD(key ".maxRate", INT, member.max_rate),                             \
		FIELD(key ".spoofchk", BOOL, member.spoofchk),                           \
		FIELD(key ".trust", BOOL, member.trust),                                 \
		FIELD(key ".linkState", INT, member.link_state)

static const struct field fields[] = {
	FIELD("network", TEXT, owner.network),
	FIELD("container", TEXT, owner.container),
	FIELD("ifname", TEXT, owner.ifname),
	FIELD("pod", TEXT, owner.pod),
	FIELD("netns", TEXT, owner.netns),
	FIELD("netns.dev", LONG, owner.netns_id.dev),
	FIELD("netns.ino", LONG, owner.netns_id.ino),
	FIELD("since", LONG, since),
	FIELD("vf", TEXT, vf.device),
	FIELD("vf.driver", TEXT, vf.driver),
	FIELD("vf.number", INT, vf.index),
	FIELD("pf", TEXT, vf.pf),
	FIELD("pf.device", TEXT, vf.pf_device),
	FIELD("pf.index", INT, pf_index),
	FIELD("moves", BOOL, moves),
	FIELD("was.name", TEXT, was.name),
	FIELD("was.altnames", TEXT, was.altnames),
	FIELD("was.mac", MAC, was.mac),
	FIELD("was.mtu", INT, was.mtu),
	FIELD("was.flags", INT, was.flags),
	ADMIN("was.admin", was.admin),
	FIELD("shall.setMac", BOOL, shall.set_mac),
	FIELD("shall.mac", MAC, shall.mac),
	FIELD("shall.mtu", INT, shall.mtu),
	FIELD("shall.strictArp", BOOL, shall.strict_arp),
	ADMIN("shall.admin", shall_admin),
	FIELD("rdma", TEXT, rdma.name),
	FIELD("rdma.moves", BOOL, rdma.moves),
	FIELD("rdma.uverbs", TEXT, rdma.uverbs),
	FIELD("rdma.was.tos", INT, rdma.was_tos.cm),
	FIELD("rdma.was.tc", INT, rdma.was_tos.tc),
	FIELD("rdma.shall.name", TEXT, rdma.shall_name),
	FIELD("rdma.shall.tos", INT, rdma.shall_tos.cm),
	FIELD("rdma.shall.tc", INT, rdma.shall_tos.tc),
	FIELD("table", UINT, table),
	FIELD("flr", BOOL, flr),
	FIELD("gids", TEXT, gids),
	FIELD("conf", HEAP, conf),
	FIELD("cniPath", HEAP, cni_path),
	FIELD("cniArgs", HEAP, cni_args),
	FIELD("cniVersion", INT, version),
	FIELD("result", OPTIONAL, result),
};

static int put_text(struct cJSON *obj, const struct field *field, const char *text,
		    struct err *err)
{
	_autofree_ char *same = strdup(text);

	if (!same)
		return err_set(err, ENOMEM, "hold %s", field->key);
	if (strcmp(text_utf8(same), text))
		return err_cni(err, CNI_BAD_CONFIG,
			       "%s: '%.80s' is not UTF-8, and cannot be written down",
			       field->key, same);
	cJSON_AddStringToObject(obj, field->key, text);
	return 0;
}

static int put(struct cJSON *obj, const struct field *field, const void *value,
	       struct err *err)
{
	char mac[MAC_TEXT_LEN];

	switch (field->kind) {
	case TEXT:
		return put_text(obj, field, value, err);
	case HEAP:
	case OPTIONAL:
		value = *(char *const *)value;
		return value ? put_text(obj, field, value, err) : 0;
	case MAC:
		cJSON_AddStringToObject(obj, field->key, mac_format(value, mac));
		break;
	case BOOL:
		cJSON_AddBoolToObject(obj, field->key, *(const bool *)value);
		break;
	case INT:
		cJSON_AddNumberToObject(obj, field->key, *(const int *)value);
		break;
	case UINT:
		cJSON_AddNumberToObject(obj, field->key, *(const unsigned int *)value);
		break;
	case LONG:
		cJSON_AddNumberToObject(obj, field->key, *(const int64_t *)value);
		break;
	}
	return 0;
}

char *plan_format(const struct plan *plan, struct err *err)
{
	_autojson_ struct cJSON *obj = cJSON_CreateObject();
	char *text;

	cJSON_AddNumberToObject(obj, "format", FORMAT);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (put(obj, &fields[i], (const char *)plan + fields[i].offset, err))
			return NULL;
	text = cJSON_Print(obj);
	if (!text)
		err_set(err, ENOMEM, "write state");
	return text;
}

static int get_text(const struct json *obj, const struct field *field, void *ret,
		    struct err *err)
{
	const char *text;
	int r = json_get_string(obj, field->key, &text, err);

	if (r > 0 && snprintf(ret, field->size, "%s", text) >= (int)field->size)
		return err_set(err, 0, "%s: too long", field->key);
	return r;
}

static int get_heap(const struct json *obj, const struct field *field, char **ret,
		    struct err *err)
{
	const char *text;
	int r = json_get_string(obj, field->key, &text, err);

	if (r > 0)
		*ret = strdup(text);
	return r == 0 && field->kind == OPTIONAL ? 1 : r;
}

/* A PF may hold no MAC for a VF: all zero, which mac_parse() refuses. */
static int get_mac(const struct json *obj, const struct field *field, uint8_t *ret,
		   struct err *err)
{
	const char *text;
	int r = json_get_string(obj, field->key, &text, err);

	if (r > 0 && strcmp(text, "00:00:00:00:00:00") && !mac_parse(text, ret))
		return err_set(err, 0, "%s: not a MAC address", field->key);
	return r;
}

static int get_number(const struct json *obj, const struct field *field, void *ret,
		      struct err *err)
{
	int64_t max = field->kind == INT    ? INT32_MAX
		      : field->kind == UINT ? UINT32_MAX
					    : 1ll << 53;
	int64_t number;
	int r = json_get_int(obj, field->key, field->kind == UINT ? 0 : -1, max, &number,
			     err);

	if (r > 0 && field->kind == INT)
		*(int *)ret = number;
	else if (r > 0 && field->kind == UINT)
		*(unsigned int *)ret = number;
	else if (r > 0)
		*(int64_t *)ret = number;
	return r;
}

/* 1, 0 when it is absent, -1. */
static int get(const struct json *obj, const struct field *field, void *ret,
	       struct err *err)
{
	switch (field->kind) {
	case TEXT:
		return get_text(obj, field, ret, err);
	case HEAP:
	case OPTIONAL:
		return get_heap(obj, field, ret, err);
	case MAC:
		return get_mac(obj, field, ret, err);
	case BOOL:
		return json_get_bool(obj, field->key, ret, err);
	case INT:
	case UINT:
	case LONG:
		return get_number(obj, field, ret, err);
	}
	return -1;
}

int plan_parse(const char *text, size_t len, struct plan *ret, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	struct json root = json_root(doc);
	_autoplan_ struct plan plan = { 0 };
	int64_t format = 0;

	if (!doc || json_get_int(&root, "format", 1, INT32_MAX, &format, err) < 0)
		return -1;
	if (format != FORMAT)
		return err_set(err, 0, "written in format %lld by another version",
			       (long long)format);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		int r = get(&root, &fields[i], (char *)&plan + fields[i].offset, err);

		if (r == 0)
			err_set(err, 0, "%s is missing", fields[i].key);
		if (r <= 0)
			return -1;
	}
	*ret = plan;
	plan = (struct plan){ 0 };
	return 0;
}
