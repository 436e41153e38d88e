/* fuzz_json.c - JSON from anybody: what the checker lets pass, the parser must
 * understand. */
#include "tests/fuzz/fuzz.h"

/* As whole as it was: what is written of it is read as the same. */
static void must_survive(const struct cJSON *doc)
{
	_autofree_ char *text = cJSON_PrintUnformatted(doc), *same = NULL;
	_autojson_ struct cJSON *again = NULL;
	struct err err;

	must(text);
	again = json_parse(text, strlen(text), &err);
	must(again);
	same = cJSON_PrintUnformatted(again);
	must(same && !strcmp(same, text));
}

/* Some key of the document, in every way that a key can be asked for. */
static void ask(const struct json *root, struct err *err)
{
	const char *key = root->node->child ? root->node->child->string : "key", *text;
	struct json found, item = { 0 };
	int64_t number;
	bool flag;

	(void)fuzz_told(json_get(root, key, &found, err), err);
	(void)fuzz_told(json_get_object(root, key, &found, err), err);
	(void)fuzz_told(json_get_string(root, key, &text, err), err);
	(void)fuzz_told(json_get_bool(root, key, &flag, err), err);
	if (fuzz_told(json_get_int(root, key, -7, INT64_C(1) << 53, &number, err), err) >
	    0)
		must(number >= -7 && number <= INT64_C(1) << 53);
	if (fuzz_told(json_get_array(root, key, &found, err), err) > 0)
		while (json_next(&found, &item))
			(void)fuzz_told(json_string(&item, &text, err), err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	_autojson_ struct cJSON *doc = json_parse(fuzz.text, size, &(struct err){ 0 });
	struct json root = json_root(doc);
	struct err err;

	/* Of all JSON only objects are taken; and cJSON keeps no number of 64 digits. */
	if (doc) {
		must_survive(doc);
		ask(&root, &err);
	} else if (!json_check(fuzz.text, size, &err)) {
		must(strcspn(fuzz.text, "{") || size > 64);
	}
	return 0;
}
