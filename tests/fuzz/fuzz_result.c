/* fuzz_result.c - results and errors that other plugins print: prevResult, and an IPAM
 * plugin's answer.
 *
 * The first byte chooses the version that a result without one is taken for, and
 * whether its plugin failed. What is read is written in every version, and read again
 * as the same. */
#include "tests/fuzz/fuzz.h"

#include "pkg/ipam_exec.c" /* understand() */

static void must_come_back(const struct cni_result *result, enum cni_version version)
{
	static struct cni_result again;
	_autofree_ char *text = cni_result_text(result, version), *same = NULL;
	_autojson_ struct cJSON *doc = NULL;
	struct json root;
	struct err err;

	must(text);
	doc = json_parse(text, strlen(text), &err);
	must(doc);
	root = json_root(doc);
	must(!cni_result_parse(&root, CNI_0_1_0, &again, &err));
	same = cni_result_text(&again, version);
	must(same && !strcmp(same, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cni_result result;
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	struct answer answer = { .text = fuzz.text + 1, .len = size - 1 };
	struct ipam ipam = { .type = "fake" };
	struct err err = { 0 };

	if (!size)
		return 0;
	ipam.version = *data % (CNI_1_1_0 + 1);
	ipam.status = *data & 0x80 ? (*data & 0x40 ? SIGKILL : 1 << 8) : 0;
	if (fuzz_told(understand(&ipam, &answer, &result, &err), &err)) {
		must(!ipam.status || err.code >= 0);
		return 0;
	}
	must(!ipam.status);
	for (enum cni_version v = CNI_0_1_0; v <= CNI_1_1_0; v++)
		must_come_back(&result, v);
	cJSON_Delete(take_ptr(result.doc));
	return 0;
}
