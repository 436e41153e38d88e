/* doctor_conf.c - whether this node can do what a configuration file asks. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/file.h"
#include "pkg/ipam_exec.h"
#include "plugins/sriov/doctor.h"

#define MAX_FILE     (1u << 20)
#define PLUGIN	     "rail-sriov"
#define DEFAULT_PATH "/opt/cni/bin:/usr/lib/cni"

static const char *cni_path(void)
{
	const char *path = getenv("CNI_PATH");

	return path && *path ? path : DEFAULT_PATH;
}

/* Is the plugin there, and does it say that it could serve an ADD? */
static void ask_ipam(struct exam *exam, const char *name, const struct cni_call *call,
		     const char *type)
{
	struct ipam_run run = ipam_run_of(call, type, "STATUS");
	char file[PATH_MAX], label[320];
	struct err err;

	snprintf(label, sizeof(label), "%s IPAM", name);
	if (ipam_find(&run, file, sizeof(file), &err))
		exam_fail(exam, label, &err);
	else if (call->version < CNI_1_1_0 && strcmp(type, "rail-ipam") != 0)
		exam_note(exam, label, EXAM_OK, file, ""); /* it knows no STATUS */
	else if (ipam_call(&run, NULL, &err))
		exam_fail(exam, label, &err);
	else
		exam_note(exam, label, EXAM_OK, file, "");
}

static void examine(struct exam *exam, const char *name, const struct cni_call *call)
{
	struct conf conf;
	struct err err;

	if (conf_parse_any(call, &conf, &err)) {
		exam_fail(exam, name, &err);
		return;
	}
	exam_health(exam, name, &conf);
	if (conf.ipam)
		ask_ipam(exam, name, call, conf.ipam);
}

/* As a runtime hands it over: name and version of the list inside. STATUS is of 1.1.0. */
static void examine_plugin(struct exam *exam, const char *name, const char *version,
			   const struct cJSON *node)
{
	_autojson_ struct cJSON *copy = cJSON_Duplicate(node, true);
	_autofree_ char *text = NULL;
	struct cni_call call = { .verb = CNI_STATUS,
				 .container = "",
				 .netns = "",
				 .ifname = "",
				 .args = "",
				 .path = cni_path(),
				 .network = name };

	cJSON_DeleteItemFromObject(copy, "name");
	cJSON_DeleteItemFromObject(copy, "cniVersion");
	cJSON_AddStringToObject(copy, "name", name);
	cJSON_AddStringToObject(copy, "cniVersion", "1.1.0");
	if (!cni_version_parse(version, &call.version))
		call.version = CNI_0_1_0;
	text = cJSON_PrintUnformatted(copy);
	call.text = text;
	call.len = text ? strlen(text) : 0;
	call.conf = json_root(copy);
	if (text)
		examine(exam, name, &call);
}

static bool is_ours(const struct json *plugin)
{
	const char *type = "";
	struct err ignored;

	return json_get_string(plugin, "type", &type, &ignored) > 0 &&
	       !strcmp(type, PLUGIN);
}

static int examine_doc(struct exam *exam, const struct cJSON *doc, struct err *err)
{
	struct json root = json_root(doc), plugins, plugin = { 0 };
	const char *name = "", *version = "";
	int r, found = 0;

	if (json_get_string(&root, "name", &name, err) < 0 ||
	    json_get_string(&root, "cniVersion", &version, err) < 0)
		return -1;
	r = json_get_array(&root, "plugins", &plugins, err);
	if (r < 0)
		return -1;
	if (r == 0 && is_ours(&root))
		return examine_plugin(exam, name, version, root.node), 0;
	while (r > 0 && json_next(&plugins, &plugin)) {
		if (!is_ours(&plugin))
			continue;
		examine_plugin(exam, name, version, plugin.node);
		found++;
	}
	return found ? 0 : err_set(err, 0, "no plugin in it has the type " PLUGIN);
}

int exam_file(struct exam *exam, const char *path, struct err *err)
{
	size_t len;
	_autofree_ char *text = file_read(AT_FDCWD, path, MAX_FILE, &len, err);
	_autojson_ struct cJSON *doc = text ? json_parse(text, len, err) : NULL;

	if (!doc || examine_doc(exam, doc, err))
		return err_wrap(err, "%s", path);
	return 0;
}
