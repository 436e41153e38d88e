/* device_info.c - tell Multus what the device is (device-info specification 1.1.0). */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/file.h"
#include "plugins/sriov/device_info.h"

#define MAX_FILE (64u << 10)

/* Every such file has a type: what has none is somebody else's, whoever named it. */
static int check_old(const struct cJSON *obj, struct err *err)
{
	struct json root = json_root(obj), pci;
	const char *type = "";

	if (json_get_object(&root, "pci", &pci, err) < 0 ||
	    json_get_string(&root, "type", &type, err) < 0)
		return -1;
	if (!*type && obj->child)
		return err_cni(err, CNI_BAD_CONFIG,
			       "type: missing: this is no device information");
	return 0;
}

/* What is there already; an empty object when nothing is. */
static struct cJSON *read_old(int dir, const char *name, struct err *err)
{
	_autojson_ struct cJSON *obj = NULL;
	_autofree_ char *text = NULL;
	size_t len;

	text = file_read(dir, name, MAX_FILE, &len, err);
	if (!text)
		return err->no == ENOENT ? cJSON_CreateObject() : NULL;
	obj = json_parse(text, len, err);
	return obj && !check_old(obj, err) ? take_ptr(obj) : NULL;
}

static void set_text(struct cJSON *obj, const char *key, const char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
	cJSON_AddStringToObject(obj, key, text);
}

static void default_text(struct cJSON *obj, const char *key, const char *text)
{
	if (*text && !cJSON_HasObjectItem(obj, key))
		cJSON_AddStringToObject(obj, key, text);
}

static void complete(struct cJSON *obj, const struct plan *plan, const struct view *view)
{
	struct cJSON *pci = cJSON_GetObjectItemCaseSensitive(obj, "pci");

	default_text(obj, "type", "pci");
	default_text(obj, "version", "1.1.0");
	if (!cJSON_IsObject(pci)) { /* null */
		cJSON_DeleteItemFromObjectCaseSensitive(obj, "pci");
		pci = cJSON_AddObjectToObject(obj, "pci");
	}
	default_text(pci, "pci-address", plan->vf.device);
	default_text(pci, "pf-pci-address", plan->vf.pf_device);
	default_text(pci, "representor-device", view->representor);
	/* The device plugin knew the name before it moved. */
	if (*plan->rdma.name)
		set_text(pci, "rdma-device", plan->rdma.shall_name);
	/* No key of the specification: what NCCL_IB_GID_INDEX wants. */
	if (*plan->gids)
		set_text(pci, "rdma-gid-index", plan->gids);
}

int device_info_write(const struct conf *conf, const struct plan *plan,
		      const struct view *view, struct err *err)
{
	char path[PATH_MAX], base[PATH_MAX], tmp[PATH_MAX];
	_autojson_ struct cJSON *obj = NULL;
	_autofree_ char *text = NULL;
	_autoclose_ int dir = -1;

	if (!conf->device_info)
		return 0;
	if (snprintf(path, sizeof(path), "%s", conf->device_info) >= (int)sizeof(path))
		return err_set(err, ENAMETOOLONG, "device information file");
	snprintf(base, sizeof(base), "%s", path);
	snprintf(tmp, sizeof(tmp), "%s", path);
	dir = dir_open(dirname(tmp), err);
	if (dir < 0)
		return err_wrap(err, "device information file");
	obj = read_old(dir, basename(base), err);
	if (!obj)
		return err_wrap(err, "device information file %s", path);
	complete(obj, plan, view);
	text = cJSON_PrintUnformatted(obj);
	if (!text)
		return err_set(err, ENOMEM, "device information file");
	if (file_replace(dir, basename(base), text, strlen(text), err))
		return err_wrap(err, "device information file %s", path);
	if (fchmodat(dir, basename(base), 0644, 0)) /* as Multus leaves it */
		return err_set(err, errno, "device information file %s", path);
	return 0;
}
