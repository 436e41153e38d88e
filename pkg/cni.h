/*
 * cni.h - the CNI protocol as a plugin sees it: one call in, one JSON object out.
 *
 *	static int add(const struct cni_call *call, struct cni_result *ret,
 *		       struct err *err);
 *
 *	int main(void)
 *	{
 *		static const struct cni_plugin plugin = {
 *			.about = "rail-ipam 0.1.0", .add = add, .del = del, ...
 *		};
 *		return cni_main(&plugin);
 *	}
 *
 * Facts are from the CNI specification 1.1.0 (SPEC.md) and, where it is silent,
 * from its reference code (pkg/skel, pkg/utils).
 */
#ifndef PKG_CNI_H
#define PKG_CNI_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/err.h"
#include "pkg/json.h"

/* Error codes: up to 99 the specification's ("Error"), from 100 ours. */
enum cni_code {
	CNI_BAD_VERSION = 1,	/* cniVersion unsupported, or too old for the verb */
	CNI_UNSUPPORTED = 2,	/* a field's value cannot be honoured */
	CNI_BAD_ENV = 4,	/* the message names the variables */
	CNI_IO = 5,		/* reading the request failed */
	CNI_BAD_JSON = 6,	/* the request is not the JSON it should be */
	CNI_BAD_CONFIG = 7,	/* the configuration does not make sense */
	CNI_BAD_NETNS = 8,	/* CNI_NETNS is not a namespace we can work on */
	CNI_TRY_LATER = 11,	/* a retry may find it mended */
	CNI_NOT_AVAILABLE = 50, /* STATUS: an ADD would fail now */
	CNI_FAILED = 100,	/* the system refused; what a caller's bug or ours gets */
	CNI_NO_DEVICE = 101,	/* the VF does not exist, or another container holds it */
	CNI_NO_ADDRESS = 102,	/* the pool has none left, or not the one asked for */
	CNI_CHECK_FAILED = 103, /* CHECK: what is differs from what ADD made */
	CNI_RDMA_FAILED =
		104, /* RDMA device, its mode or its GIDs are not as they must */
};

enum cni_verb { CNI_ADD, CNI_DEL, CNI_CHECK, CNI_GC, CNI_STATUS, CNI_VERSION };

/* Ascending, so that `version >= CNI_1_0_0` means what it says. */
enum cni_version {
	CNI_0_1_0,
	CNI_0_2_0,
	CNI_0_3_0,
	CNI_0_3_1,
	CNI_0_4_0,
	CNI_1_0_0,
	CNI_1_1_0,
};

/* One call. Strings are never NULL: absent is "". All belong to the process. */
struct cni_call {
	enum cni_verb verb;
	const char *container, *netns, *ifname; /* checked when the verb requires them */
	const char *args, *path;		/* CNI_ARGS, CNI_PATH */
	const char *text;			/* stdin as it came, for delegates */
	size_t len;
	struct json conf; /* the same, parsed */
	const char *network;
	enum cni_version version;
};

struct cni_result;

/* A verb fills *ret (ADD only) and returns 0, or -1 with *err. An error without a
 * code is reported as CNI_FAILED. CHECK, GC or STATUS may be NULL: not offered. */
struct cni_plugin {
	const char *about; /* one line for a person who runs it without CNI_COMMAND */
	int (*add)(const struct cni_call *call, struct cni_result *ret, struct err *err);
	int (*del)(const struct cni_call *call, struct err *err);
	int (*check)(const struct cni_call *call, struct err *err);
	int (*gc)(const struct cni_call *call, struct err *err);
	int (*status)(const struct cni_call *call, struct err *err);
};

/* Read the request, run the verb, print one object on stdout; the exit status. */
int cni_main(const struct cni_plugin *plugin);

/* Is the environment that of a CNI call? If not, a person is at the keyboard. */
bool cni_called(void);

/* Read environment and stdin into *ret and apply every rule that needs no plugin.
 * Borrows the environment; allocates text and document for the life of the process. */
int cni_call_read(struct cni_call *ret, struct err *err);

/* Parse an exact version such as "0.4.0"; false when it is not one of ours. */
bool cni_version_parse(const char *text, enum cni_version *ret);
const char *cni_version_text(enum cni_version version);

/* {"cniVersion":"1.1.0","supportedVersions":[...]} and the error object, with newline.
 * The caller frees them; NULL when memory is out. */
char *cni_version_object(void);
char *cni_error_object(const char *version, const struct err *err);

/* The value of KEY in CNI_ARGS ("K=V;K=V"; the last one wins, malformed pairs are
 * skipped), copied into buf; false when absent or too long. */
bool cni_arg(const struct cni_call *call, const char *key, char *buf, size_t size);

/* The rules for names that become file names: ^[a-zA-Z0-9][a-zA-Z0-9_.-]*$ */
bool cni_valid_name(const char *name);

/* Interface names as the kernel takes them, and '%' refused: it is a template to the
 * kernel. NULL when fine, else what is wrong. */
const char *cni_ifname_problem(const char *name);

#endif
