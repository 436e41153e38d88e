/*
 * fuzz.h - what every fuzz target starts with.
 *
 * A target is handed bytes that an attacker may have chosen. That it neither crashes, nor
 * leaks, nor hangs is watched by libFuzzer and the sanitizers; what else must hold, it
 * says with must().
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "pkg/cni.h"
#include "pkg/err.h"
#include "pkg/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define must(what)                                                                       \
	do {                                                                             \
		if (!(what)) {                                                           \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,          \
				__LINE__, #what);                                        \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* Read on and on; each part ends at a newline, or at the end. */
struct fuzz {
	char *text, *next;
};

static inline struct fuzz fuzz_begin(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return (struct fuzz){ text, text };
}

static inline void fuzz_end(struct fuzz *fuzz)
{
	free(fuzz->text);
}
#define _autofuzz_ _cleanup_(fuzz_end)

static inline char *fuzz_line(struct fuzz *fuzz)
{
	char *line = strsep(&fuzz->next, "\n");

	return line ? line : fuzz->text + strlen(fuzz->text);
}

/* What is left, up to the first NUL. */
static inline char *fuzz_rest(struct fuzz *fuzz)
{
	return fuzz->next ? fuzz->next : fuzz->text + strlen(fuzz->text);
}

/* A failure says something, and what it says goes into one JSON object that strict
 * readers take. */
static inline int fuzz_told(int r, const struct err *err)
{
	_autofree_ char *text = NULL;
	struct err ignored;

	if (r >= 0)
		return r;
	must(*err->msg);
	must(memchr(err->msg, '\0', sizeof(err->msg)));
	text = cni_error_object("1.1.0", err);
	must(text && !json_check(text, strlen(text), &ignored));
	return r;
}

/* A call with this configuration, or false when it is no JSON object. */
static inline bool fuzz_call(const char *args, const char *text, struct cni_call *ret,
			     struct err *err)
{
	struct cJSON *doc = json_parse(text, strlen(text), err);

	if (!doc)
		return fuzz_told(-1, err), false;
	*ret = (struct cni_call){ .verb = CNI_ADD,
				  .container = "c1",
				  .netns = "/run/netns/c1",
				  .ifname = "net1",
				  .args = args,
				  .path = "/opt/cni/bin",
				  .text = text,
				  .len = strlen(text),
				  .conf = json_root(doc),
				  .network = "rail0",
				  .version = CNI_1_1_0 };
	return true;
}

static inline void fuzz_call_end(struct cni_call *call)
{
	cJSON_Delete((struct cJSON *)call->conf.node);
}

#endif
