/* cni.c - run one CNI call: dispatch, versions, the error object. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pkg/cni.h"
#include "pkg/cni_result.h"
#include "pkg/file.h"
#include "pkg/text.h"

static const char *const versions[] = {
	[CNI_0_1_0] = "0.1.0", [CNI_0_2_0] = "0.2.0", [CNI_0_3_0] = "0.3.0",
	[CNI_0_3_1] = "0.3.1", [CNI_0_4_0] = "0.4.0", [CNI_1_0_0] = "1.0.0",
	[CNI_1_1_0] = "1.1.0",
};

bool cni_version_parse(const char *text, enum cni_version *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		if (strcmp(text, versions[i]))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

const char *cni_version_text(enum cni_version version)
{
	return versions[version];
}

/* cJSON's text with the newline that makes it a line of a log. */
static char *print_line(struct cJSON *obj)
{
	_autofree_ char *text = obj ? cJSON_PrintUnformatted(obj) : NULL;
	char *line = NULL;

	if (!text || asprintf(&line, "%s\n", text) < 0)
		return NULL;
	return line;
}

char *cni_version_object(void)
{
	_autojson_ struct cJSON *obj = cJSON_CreateObject();

	cJSON_AddStringToObject(obj, "cniVersion", versions[CNI_1_1_0]);
	cJSON_AddItemToObject(obj, "supportedVersions",
			      cJSON_CreateStringArray(versions, ARRAY_SIZE(versions)));
	return print_line(obj);
}

char *cni_error_object(const char *version, const struct err *err)
{
	_autojson_ struct cJSON *obj = cJSON_CreateObject();
	struct err clean = *err; /* others' names may be in it, and cut */

	cJSON_AddStringToObject(obj, "cniVersion", version);
	cJSON_AddNumberToObject(obj, "code", err->code ? err->code : CNI_FAILED);
	cJSON_AddStringToObject(obj, "msg", text_line(text_utf8(clean.msg)));
	if (*clean.hint)
		cJSON_AddStringToObject(obj, "details", text_line(text_utf8(clean.hint)));
	return print_line(obj);
}

static int run_add(const struct cni_plugin *plugin, const struct cni_call *call,
		   char **ret, struct err *err)
{
	_autoresult_ struct cni_result *result = cni_result_new(err);

	if (!result || plugin->add(call, result, err))
		return -1;
	*ret = cni_result_text(result, call->version);
	return *ret ? 0 : err_set(err, ENOMEM, "write the result");
}

/* Verbs without a function are not offered: the specification has them succeed. */
static int run(const struct cni_plugin *plugin, const struct cni_call *call, char **ret,
	       struct err *err)
{
	switch (call->verb) {
	case CNI_ADD:
		return run_add(plugin, call, ret, err);
	case CNI_DEL:
		return plugin->del(call, err);
	case CNI_CHECK:
		return plugin->check ? plugin->check(call, err) : 0;
	case CNI_GC:
		return plugin->gc ? plugin->gc(call, err) : 0;
	case CNI_STATUS:
		return plugin->status ? plugin->status(call, err) : 0;
	case CNI_VERSION:
		*ret = cni_version_object();
	}
	return 0;
}

/* A caller that closed a standard descriptor would see our next file opened become
 * its standard output. */
static void fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd ? O_WRONLY : O_RDONLY);
}

/* Nobody will ever know what ADD has made: the caller is gone, or cannot read. */
static void take_back(const struct cni_plugin *plugin, const struct cni_call *call)
{
	struct err ignored;

	(void)plugin->del(call, &ignored);
}

int cni_main(const struct cni_plugin *plugin)
{
	static struct cni_call call = { .version = CNI_1_1_0 }; /* the process's */
	_autofree_ char *out = NULL;
	struct err err = { 0 };
	int r;

	fill_standard_fds();
	r = cni_call_read(&call, &err);
	if (!r)
		r = run(plugin, &call, &out, &err);
	if (r)
		out = cni_error_object(versions[call.version], &err);
	/* Only now: it would be passed on to plugins that we run. */
	signal(SIGPIPE, SIG_IGN);
	if (out && write_all(STDOUT_FILENO, out, strlen(out))) {
		if (!r && call.verb == CNI_ADD)
			take_back(plugin, &call);
		return 1;
	}
	return r ? 1 : 0;
}
