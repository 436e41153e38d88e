/* fuzz_call.c - one CNI call: the environment, a line a variable, and standard input
 * behind it. */
#include "tests/fuzz/fuzz.h"

#include <net/if.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pkg/cni_valid.h"
#include "pkg/file.h"
#include "pkg/name.h"

static int input;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	input = memfd_create("stdin", 0);
	must(input >= 0 && dup2(input, STDIN_FILENO) == STDIN_FILENO);
	return 0;
}

static void say(const char *text)
{
	must(!ftruncate(input, 0) && !lseek(input, 0, SEEK_SET));
	must(!write_all(input, text, strlen(text)) && !lseek(input, 0, SEEK_SET));
}

/* What becomes a file's name, and comes back from it. */
static void must_be_a_name(const char *text)
{
	char name[4 * 256], again[256];

	if (strchr(text, '/') || strlen(text) > 255 ||
	    !name_escape(text, "", name, sizeof(name)))
		return;
	must(*name != '.' && !strpbrk(name, "/,=@ "));
	must(name_unescape(name, again, sizeof(again)) && !strcmp(again, text));
}

static void ask(const struct cni_call *call)
{
	static const char *const keys[] = { "IP", "MAC", "K8S_POD_NAME", "" };
	_autovalid_ struct cni_valid valid = { 0 };
	struct err err;
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (cni_arg(call, keys[i], buf, sizeof(buf)))
			must(strlen(buf) < sizeof(buf) && !strchr(buf, ';'));
	if (call->conf.node && !fuzz_told(cni_valid_read(call, &valid, &err), &err))
		(void)cni_valid_has(&valid, call->container, call->ifname);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "CNI_COMMAND", "CNI_CONTAINERID",
					     "CNI_NETNS",   "CNI_IFNAME",
					     "CNI_ARGS",    "CNI_PATH" };
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	struct cni_call call = { .version = CNI_1_1_0 };
	struct err err;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		must(!setenv(names[i], fuzz_line(&fuzz), 1));
	say(fuzz_rest(&fuzz));
	if (!fuzz_told(cni_call_read(&call, &err), &err)) {
		if (call.verb <= CNI_CHECK) {
			must(cni_valid_name(call.container));
			must(*call.ifname && strlen(call.ifname) < IFNAMSIZ);
			must(!strpbrk(call.ifname, "/: \n%"));
			must_be_a_name(call.ifname);
		}
		ask(&call);
	}
	must_be_a_name(call.args ? call.args : "");
	cJSON_Delete((struct cJSON *)call.conf.node);
	free((char *)call.text);
	return 0;
}
