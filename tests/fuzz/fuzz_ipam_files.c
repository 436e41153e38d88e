/* fuzz_ipam_files.c - files that rail-ipam reads: its own records, as a crash or a full
 * disk may leave them; what other nodes wrote into a lease; those of the system. The
 * first byte chooses which.
 *
 * links: ipam/record.c ipam/resolv.c ipam/mount_of.c ipam/names.c ipam/comment.c */
#include "tests/fuzz/fuzz.h"

#include "ipam/comment.h"
#include "ipam/mount_of.h"
#include "ipam/names.h"
#include "ipam/record.h"
#include "ipam/resolv.h"
#include "pkg/file.h"

static const char *file; /* what there is to read */
static struct err err;

char *__wrap_file_read(int dirfd, const char *name, size_t max, size_t *ret_len,
		       struct err *ignored);

char *__wrap_file_read(int dirfd, const char *name, size_t max, size_t *ret_len,
		       struct err *ignored)
{
	(void)dirfd, (void)name, (void)max, (void)ignored;
	*ret_len = strlen(file);
	return strdup(file);
}

static void must_be_sound(const struct record *record)
{
	const struct record_head *head = &record->head;

	must(record->n_claims >= 0 && record->n_claims <= RECORD_MAX_CLAIMS);
	must(record->open <= record->n_claims);
	must(head->network && head->container && head->ifname && head->store &&
	     head->owner && head->pool && head->netns);
	for (int i = 0; i < record->n_claims; i++) {
		must(memchr(record->claims[i].shard, '\0', SHARD_LEN));
		must(memchr(record->claims[i].nonce, '\0', NONCE_LEN));
		must(record->claims[i].ip.family);
	}
	must(record_is_empty(record) == (!record->n_claims && !record->list));
}

static void a_record(void)
{
	_autorecord_ struct record record = RECORD_NONE;

	must(record_load(-1, "record", &record, &err) == 1);
	must_be_sound(&record);
}

static void a_resolv_conf(void)
{
	_autojson_ struct cJSON *dns = resolv_read("/etc/resolv.conf", &err);
	_autofree_ char *text = dns ? cJSON_PrintUnformatted(dns) : NULL;

	must(text && !json_check(text, strlen(text), &err));
}

static void a_mount(void)
{
	struct mount mount;

	if (!mount_parse(file, 36, &mount))
		return;
	must(strlen(mount.options) < sizeof(mount.options));
	(void)mount_has(&mount, "soft");
}

static void a_comment(void)
{
	char pod[COMMENT_POD_LEN];

	must(comment_pod(-1, "lease", "a81c44d0", pod) == pod);
	for (const char *p = pod; *p; p++)
		must((unsigned char)*p >= ' ');
}

static void nodes(void)
{
	FILE *in = fmemopen((char *)file, strlen(file) + 1, "r");
	struct names names = { 0 };

	must(in);
	(void)fuzz_told(names_read(&names, in, &err), &err);
	for (int i = 0; i < names.n; i++)
		must(names_have(&names, names.list[i]) && !strchr(names.list[i], '/'));
	names_clear(&names);
	fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	char what = *fuzz_line(&fuzz);

	file = fuzz_rest(&fuzz);
	switch (what) {
	case 'r':
		a_record();
		break;
	case 's':
		a_resolv_conf();
		break;
	case 'm':
		a_mount();
		break;
	case 'c':
		a_comment();
		break;
	case 'n':
		nodes();
		break;
	}
	return 0;
}
