/* jout.c - write JSON in which every key is always there. */
#include "plugins/rdma-probe/jout.h"
#include "pkg/text.h"

void jout_str(struct cJSON *obj, const char *key, const char *text)
{
	char clean[512];

	if (text && *text)
		cJSON_AddStringToObject(obj, key, text_clean(clean, sizeof(clean), text));
	else
		cJSON_AddNullToObject(obj, key);
}

void jout_num(struct cJSON *obj, const char *key, double value, bool known)
{
	if (known)
		cJSON_AddNumberToObject(obj, key, value);
	else
		cJSON_AddNullToObject(obj, key);
}

void jout_int(struct cJSON *obj, const char *key, int64_t value, bool known)
{
	jout_num(obj, key, (double)value, known);
}

void jout_bool(struct cJSON *obj, const char *key, bool value)
{
	cJSON_AddBoolToObject(obj, key, value);
}
