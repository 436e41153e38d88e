/*
 * json.h - read JSON written by others, with errors that name the place.
 *
 *	_autojson_ struct cJSON *doc = json_parse(text, len, err);
 *	struct json root = json_root(doc), ipam;
 *	const char *range;
 *
 *	if (json_get_object(&root, "ipam", &ipam, err) < 0 ||
 *	    json_get_string(&ipam, "range", &range, err) < 0)
 *		return -1;
 *	-> "ipam.range: expected a string, got 7"
 *
 * Getters return 1 and fill *ret, 0 when the key is absent or null (*ret is then
 * left alone, so a default set before stays), or -1 with err code CNI_BAD_CONFIG. What
 * they return belongs to the document.
 *
 * The parser is strict RFC 8259 where cJSON is lenient: valid UTF-8 only, no
 * \u0000 (which would cut a C string short), no control characters in strings, no
 * leading zeros, nothing behind the value, at most JSON_MAX_DEPTH levels. A key
 * that is read must not stand twice in its object: two readers could disagree.
 */
#ifndef PKG_JSON_H
#define PKG_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cJSON.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"

#define JSON_MAX_DEPTH 128

struct json {
	const struct cJSON *node;
	int index;	/* where json_next() is in the array */
	char path[160]; /* "ipam.ranges[0][1].subnet"; "" for the document */
};

/* Parse one JSON object; NULL with code CNI_BAD_JSON, saying at which byte. Free
 * with cJSON_Delete(). */
struct cJSON *json_parse(const char *text, size_t len, struct err *err);

/* What json_parse() holds text against first: 0, or -1 with the byte and the rule. */
int json_check(const char *text, size_t len, struct err *err);

struct json json_root(const struct cJSON *doc);

int json_get(const struct json *obj, const char *key, struct json *ret, struct err *err);
int json_get_object(const struct json *obj, const char *key, struct json *ret,
		    struct err *err);
int json_get_array(const struct json *obj, const char *key, struct json *ret,
		   struct err *err);
int json_get_string(const struct json *obj, const char *key, const char **ret,
		    struct err *err);
int json_get_int(const struct json *obj, const char *key, int64_t min, int64_t max,
		 int64_t *ret, struct err *err);
int json_get_bool(const struct json *obj, const char *key, bool *ret, struct err *err);

int json_size(const struct json *array);

/* Walk an array:  struct json item = { 0 };  while (json_next(&array, &item)) ... */
bool json_next(const struct json *array, struct json *item);

/* The value as a string; as json_get_string(), but never 0. */
int json_string(const struct json *value, const char **ret, struct err *err);

/* 0 when the value is an object: keys are looked up in objects only. */
int json_object(const struct json *value, struct err *err);

/* "PATH: expected WANTED, got VALUE", code CNI_BAD_CONFIG; returns -1. */
int json_bad(const struct json *value, const char *wanted, struct err *err);

static inline void json_deletep(struct cJSON **doc)
{
	cJSON_Delete(*doc);
}
#define _autojson_ _cleanup_(json_deletep)

#endif
