/* cni_call.c - environment and stdin of one CNI call, and the rules they must obey. */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pkg/clock.h"
#include "pkg/cni.h"
#include "pkg/file.h"

#define MAX_REQUEST   (4u << 20) /* bytes; real ones are a few thousand */
#define READ_TIMEOUT  10000	 /* ms for the whole of stdin to arrive */
#define MAX_CONTAINER 200	 /* bytes; container ids are 64 in practice */
#define MAX_NETWORK   200

static const char *const verbs[] = {
	[CNI_ADD] = "ADD", [CNI_DEL] = "DEL",	    [CNI_CHECK] = "CHECK",
	[CNI_GC] = "GC",   [CNI_STATUS] = "STATUS", [CNI_VERSION] = "VERSION",
};

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

bool cni_called(void)
{
	return *env("CNI_COMMAND") != '\0';
}

bool cni_valid_name(const char *name)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.-";

	return *name && !strchr("_.-", *name) && strspn(name, alnum) == strlen(name);
}

/* White space as the reference code counts it: ASCII's and Unicode's. */
static bool has_space(const char *name)
{
	static const char *const wide[] = {
		"\xc2\x85",	"\xc2\xa0",	"\xe1\x9a\x80", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (strpbrk(name, " \t\n\v\f\r"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (strstr(name, wide[i]))
			return true;
	for (const char *p = strstr(name, "\xe2\x80"); p; p = strstr(p + 2, "\xe2\x80"))
		if ((unsigned char)p[2] >= 0x80 && (unsigned char)p[2] <= 0x8a)
			return true;
	return false;
}

const char *cni_ifname_problem(const char *name)
{
	if (!*name)
		return "is empty";
	if (strlen(name) >= IFNAMSIZ)
		return "is longer than 15 bytes";
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return "is . or ..";
	if (strpbrk(name, "/:") || has_space(name))
		return "contains / or : or white space";
	if (strchr(name, '%'))
		return "contains %, which the kernel takes for a template";
	return NULL;
}

static int read_verb(enum cni_verb *ret, struct err *err)
{
	const char *text = env("CNI_COMMAND");

	if (!*text)
		return err_cni(err, CNI_BAD_ENV,
			       "required env variables [CNI_COMMAND] missing");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(text, verbs[i]))
			continue;
		*ret = i;
		return 0;
	}
	return err_cni(err, CNI_BAD_ENV, "unknown CNI_COMMAND: %s", text);
}

/* One error that lists all that is missing: the reader sets them in one go. */
static int require(const struct cni_call *call, struct err *err)
{
	const struct {
		const char *name, *value;
		bool needed;
	} vars[] = {
		{ "CNI_CONTAINERID", call->container, true },
		{ "CNI_NETNS", call->netns, call->verb != CNI_DEL },
		{ "CNI_IFNAME", call->ifname, true },
	};
	char missing[64] = "";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(vars); i++)
		if (vars[i].needed && !*vars[i].value)
			n += snprintf(missing + n, sizeof(missing) - n, "%s%s",
				      n ? "," : "", vars[i].name);
	if (n)
		return err_cni(err, CNI_BAD_ENV, "required env variables [%s] missing",
			       missing);
	return 0;
}

static int check_attachment(const struct cni_call *call, struct err *err)
{
	const char *problem;

	if (call->verb > CNI_CHECK)
		return 0; /* GC, STATUS and VERSION are about no attachment */
	if (require(call, err))
		return -1;
	if (!cni_valid_name(call->container))
		return err_cni(err, CNI_BAD_ENV,
			       "CNI_CONTAINERID: invalid characters in container ID '%s'",
			       call->container);
	if (strlen(call->container) > MAX_CONTAINER)
		return err_cni(err, CNI_BAD_ENV, "CNI_CONTAINERID: longer than %d bytes",
			       MAX_CONTAINER);
	problem = cni_ifname_problem(call->ifname);
	if (problem)
		return err_cni(err, CNI_BAD_ENV, "CNI_IFNAME: interface name '%s' %s",
			       call->ifname, problem);
	return 0;
}

/* What is there, at most size bytes; 0 at the end. Waits until the deadline. */
static ssize_t read_some(char *buf, size_t size, long deadline, struct err *err)
{
	struct pollfd stdin_fd = { .fd = STDIN_FILENO, .events = POLLIN };
	long left = deadline - clock_ms();
	ssize_t n;

	if (left <= 0 || poll(&stdin_fd, 1, left) == 0)
		return err_cni(err, CNI_IO,
			       "standard input did not end within %d s: no configuration",
			       READ_TIMEOUT / 1000);
	n = read(STDIN_FILENO, buf, size);
	if (n < 0) {
		err_set(err, errno, "read standard input");
		return err_code(err, CNI_IO);
	}
	return n;
}

static int read_stdin(char **ret, size_t *ret_len, struct err *err)
{
	long deadline = clock_ms() + READ_TIMEOUT;
	_autofree_ char *text = NULL;
	size_t len = 0, size = 0;
	ssize_t n;

	do {
		if (size - len < 2) {
			char *more = realloc(text, size ? 4 * size : 16384);

			if (!more)
				return err_set(err, ENOMEM, "read standard input");
			text = more;
			size = size ? 4 * size : 16384;
		}
		n = read_some(text + len, size - len - 1, deadline, err);
		if (n < 0)
			return -1;
		len += n;
		if (len > MAX_REQUEST)
			return err_cni(err, CNI_BAD_JSON,
				       "configuration is larger than %u bytes",
				       MAX_REQUEST);
	} while (n > 0);

	text[len] = '\0';
	*ret = take_ptr(text);
	*ret_len = len;
	return 0;
}

/* Absent, null or "" means the first version there was. */
static int read_version(const struct json *conf, enum cni_version *ret, struct err *err)
{
	const char *text = "";

	if (json_get_string(conf, "cniVersion", &text, err) < 0) {
		err->code = CNI_BAD_JSON;
		return -1;
	}
	if (!*text) {
		*ret = CNI_0_1_0;
		return 0;
	}
	if (cni_version_parse(text, ret))
		return 0;
	err_cni(err, CNI_BAD_VERSION, "incompatible CNI versions: config is \"%s\"",
		text);
	return err_hint(err, "plugin supports 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0 "
			     "and 1.1.0");
}

static int check_version(const struct cni_call *call, struct err *err)
{
	enum cni_version least = call->verb == CNI_CHECK  ? CNI_0_4_0
				 : call->verb > CNI_CHECK ? CNI_1_1_0
							  : CNI_0_1_0;

	if (call->version >= least)
		return 0;
	return err_cni(err, CNI_BAD_VERSION,
		       "config version %s does not allow %s: it came with %s",
		       cni_version_text(call->version), verbs[call->verb],
		       cni_version_text(least));
}

static int read_network(struct cni_call *call, struct err *err)
{
	call->network = "";
	if (json_get_string(&call->conf, "name", &call->network, err) < 0)
		return -1;
	if (!*call->network)
		return err_cni(err, CNI_BAD_CONFIG, "name: missing network name");
	if (!cni_valid_name(call->network))
		return err_cni(err, CNI_BAD_CONFIG,
			       "name: invalid characters found in network name '%s'",
			       call->network);
	if (strlen(call->network) > MAX_NETWORK)
		return err_cni(err, CNI_BAD_CONFIG,
			       "name: network name is longer than %d bytes", MAX_NETWORK);
	return 0;
}

static int read_conf(struct cni_call *call, struct err *err)
{
	struct cJSON *doc;
	char *text = NULL;

	if (read_stdin(&text, &call->len, err))
		return -1;
	call->text = text;
	if (!call->len)
		return err_cni(err, CNI_BAD_JSON,
			       "standard input is empty: no configuration");
	doc = json_parse(call->text, call->len, err);
	if (!doc)
		return err_wrap(err, "configuration on standard input");
	call->conf = json_root(doc);
	if (read_version(&call->conf, &call->version, err) || read_network(call, err))
		return -1;
	return check_version(call, err);
}

int cni_call_read(struct cni_call *ret, struct err *err)
{
	if (read_verb(&ret->verb, err))
		return -1;
	ret->container = env("CNI_CONTAINERID");
	ret->netns = env("CNI_NETNS");
	ret->ifname = env("CNI_IFNAME");
	ret->args = env("CNI_ARGS");
	ret->path = env("CNI_PATH");
	if (check_attachment(ret, err))
		return -1;
	return ret->verb == CNI_VERSION ? 0 : read_conf(ret, err);
}

bool cni_arg(const struct cni_call *call, const char *key, char *buf, size_t size)
{
	size_t keylen = strlen(key);
	bool found = false;

	for (const char *p = call->args, *end; *p; p = *end ? end + 1 : end) {
		end = strchrnul(p, ';');
		if (strncmp(p, key, keylen) || p[keylen] != '=')
			continue;
		p += keylen + 1;
		found = (size_t)(end - p) < size;
		if (found)
			snprintf(buf, size, "%.*s", (int)(end - p), p);
	}
	return found;
}
