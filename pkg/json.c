/* json.c - read JSON written by others, with errors that name the place. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/json.h"

struct cJSON *json_parse(const char *text, size_t len, struct err *err)
{
	struct cJSON *doc;

	if (json_check(text, len, err))
		return NULL;
	doc = cJSON_ParseWithLength(text, len);
	if (!doc) {
		err_cni(err, CNI_BAD_JSON, "cannot hold a JSON text of %zu bytes", len);
	} else if (!cJSON_IsObject(doc)) {
		err_cni(err, CNI_BAD_JSON, "expected a JSON object");
		cJSON_Delete(doc);
		doc = NULL;
	}
	return doc;
}

struct json json_root(const struct cJSON *doc)
{
	return (struct json){ .node = doc };
}

/* The value as the reader would write it, shortened. */
static void describe(const struct cJSON *node, char *buf, size_t size)
{
	_autofree_ char *text = cJSON_PrintUnformatted(node);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		snprintf(buf, size, "something else");
	else if (len < size)
		memcpy(buf, text, len + 1);
	else
		snprintf(buf, size, "%.*s...", (int)size - 4, text);
}

int json_bad(const struct json *value, const char *wanted, struct err *err)
{
	char got[80];

	describe(value->node, got, sizeof(got));
	return err_cni(err, CNI_BAD_CONFIG, "%s: expected %s, got %s",
		       *value->path ? value->path : "the document", wanted, got);
}

static void descend(struct json *ret, const struct json *from, const struct cJSON *node,
		    const char *key)
{
	struct json child = { .node = node };

	snprintf(child.path, sizeof(child.path), "%s%s%s", from->path,
		 *from->path ? "." : "", key);
	*ret = child;
}

int json_get(const struct json *obj, const char *key, struct json *ret, struct err *err)
{
	const struct cJSON *node, *found = NULL;
	struct json child;

	cJSON_ArrayForEach(node, obj->node) {
		if (strcmp(node->string, key))
			continue;
		if (found) {
			descend(&child, obj, found, key);
			return err_cni(err, CNI_BAD_JSON, "%s: this key appears twice",
				       child.path);
		}
		found = node;
	}
	if (!found || cJSON_IsNull(found))
		return 0;
	descend(ret, obj, found, key);
	return 1;
}

typedef cJSON_bool (*is_type)(const struct cJSON *);

static int get_typed(const struct json *obj, const char *key, is_type is,
		     const char *wanted, struct json *ret, struct err *err)
{
	struct json child;
	int r = json_get(obj, key, &child, err);

	if (r <= 0)
		return r;
	if (!is(child.node))
		return json_bad(&child, wanted, err);
	*ret = child;
	return 1;
}

int json_get_object(const struct json *obj, const char *key, struct json *ret,
		    struct err *err)
{
	return get_typed(obj, key, cJSON_IsObject, "an object", ret, err);
}

int json_get_array(const struct json *obj, const char *key, struct json *ret,
		   struct err *err)
{
	return get_typed(obj, key, cJSON_IsArray, "an array", ret, err);
}

int json_get_string(const struct json *obj, const char *key, const char **ret,
		    struct err *err)
{
	struct json child;
	int r = get_typed(obj, key, cJSON_IsString, "a string", &child, err);

	if (r > 0)
		*ret = child.node->valuestring;
	return r;
}

int json_get_bool(const struct json *obj, const char *key, bool *ret, struct err *err)
{
	struct json child;
	int r = get_typed(obj, key, cJSON_IsBool, "true or false", &child, err);

	if (r > 0)
		*ret = cJSON_IsTrue(child.node);
	return r;
}

int json_get_int(const struct json *obj, const char *key, int64_t min, int64_t max,
		 int64_t *ret, struct err *err)
{
	char wanted[80];
	struct json child;
	double number;
	int r;

	snprintf(wanted, sizeof(wanted), "a whole number from %lld to %lld",
		 (long long)min, (long long)max);
	r = get_typed(obj, key, cJSON_IsNumber, wanted, &child, err);
	if (r <= 0)
		return r;
	number = child.node->valuedouble;
	if (number != trunc(number) || number < (double)min || number > (double)max)
		return json_bad(&child, wanted, err);
	*ret = (int64_t)number;
	return 1;
}

int json_size(const struct json *array)
{
	return cJSON_GetArraySize(array->node);
}

bool json_next(const struct json *array, struct json *item)
{
	const struct cJSON *node = item->node ? item->node->next : array->node->child;
	int index = item->node ? item->index + 1 : 0;

	*item = (struct json){ .node = node, .index = index };
	snprintf(item->path, sizeof(item->path), "%s[%d]", array->path, index);
	return node != NULL;
}

int json_string(const struct json *value, const char **ret, struct err *err)
{
	if (!cJSON_IsString(value->node))
		return json_bad(value, "a string", err);
	*ret = value->node->valuestring;
	return 1;
}

int json_object(const struct json *value, struct err *err)
{
	return cJSON_IsObject(value->node) ? 0 : json_bad(value, "an object", err);
}
