/* cni_valid.c - the attachments that a runtime still knows, as GC gets them. */
#include <errno.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "pkg/cni_valid.h"

static int read_text(const struct json *item, const char *key, const char **ret,
		     struct err *err)
{
	int r = json_get_string(item, key, ret, err);

	return r ? r : json_bad(item, "an object with containerID and ifname", err);
}

static int read_one(const struct json *item, struct cni_attachment *ret, struct err *err)
{
	if (!cJSON_IsObject(item->node))
		return json_bad(item, "an object with containerID and ifname", err);
	return read_text(item, "containerID", &ret->container, err) < 0 ||
			       read_text(item, "ifname", &ret->ifname, err) < 0
		       ? -1
		       : 0;
}

/* Is the key there, if only with null? */
static bool has_key(const struct cni_call *call, const char *key)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, call->conf.node)
		if (!strcmp(node->string, key))
			return true;
	return false;
}

int cni_valid_read(const struct cni_call *call, struct cni_valid *ret, struct err *err)
{
	_autovalid_ struct cni_valid valid = { 0 };
	const char *key = has_key(call, "cni.dev/valid-attachments")
				  ? "cni.dev/valid-attachments"
				  : "cni.dev/attachments";
	struct json list, item = { 0 };
	int r;

	if (!has_key(call, key))
		return err_cni(
			err, CNI_BAD_CONFIG,
			"cni.dev/valid-attachments: missing: what is still valid?");
	r = json_get_array(&call->conf, key, &list, err);
	if (r < 0)
		return -1;
	valid.list = calloc(r ? json_size(&list) + 1 : 1, sizeof(*valid.list));
	if (!valid.list)
		return err_set(err, ENOMEM, "hold the valid attachments");
	while (r && json_next(&list, &item))
		if (read_one(&item, &valid.list[valid.count++], err))
			return -1;
	*ret = valid;
	valid = (struct cni_valid){ 0 };
	return 0;
}

bool cni_valid_has(const struct cni_valid *valid, const char *container,
		   const char *ifname)
{
	for (int i = 0; i < valid->count; i++)
		if (!strcmp(valid->list[i].container, container) &&
		    !strcmp(valid->list[i].ifname, ifname))
			return true;
	return false;
}

void cni_valid_clear(struct cni_valid *valid)
{
	free(valid->list);
	*valid = (struct cni_valid){ 0 };
}
