/* store.c - the directory on shared storage, and whether it is the one it was. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "pkg/cni.h"
#include "pkg/file.h"
#include "ipam/digest.h"
#include "ipam/guard.h"
#include "ipam/state.h"
#include "ipam/store.h"

#define MAX_FILE 65536

/*
 * What the server calls the directory. Device and inode alone would not do: when one
 * NFS share takes another's place, both have the same device number again and, with
 * every exported file system's root, the same inode. "" when the file system has no
 * handles.
 */
static void handle_of(int fd, char ret[17])
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	char hex[2 * MAX_HANDLE_SZ + 1] = "";
	int mount;

	*ret = '\0';
	if (name_to_handle_at(fd, "", &handle.head, &mount, AT_EMPTY_PATH))
		return;
	for (unsigned int i = 0; i < handle.head.handle_bytes; i++)
		sprintf(hex + 2 * i, "%02x", handle.bytes[i]);
	digest_hex(hex, ret, 17);
}

/*
 * From what the client has in memory: walking the path has made sure of it, as far as
 * the file system cares, and a server that hangs must not be asked twice.
 */
static int identify(struct store *store, struct err *err)
{
	struct statx st;
	char handle[17];

	if (statx(store->root, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &st))
		return err_set(err, errno, "look at store %s", store->path);
	handle_of(store->root, handle);
	snprintf(store->identity, sizeof(store->identity), "%u:%u-%llu-%s",
		 st.stx_dev_major, st.stx_dev_minor, (unsigned long long)st.stx_ino,
		 handle);
	return 0;
}

int store_open(const char *path, struct store *ret, struct err *err)
{
	_autostore_ struct store store = { .path = path, .root = -1 };

	guard_asks(path);
	store.root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (store.root < 0) {
		err_set(err, errno, "open store %s", path);
		err_hint(err,
			 "mount the shared storage there, or make a store once, on any "
			 "node: rail-ipam init %s",
			 path);
		return err_code(err, CNI_TRY_LATER);
	}
	if (identify(&store, err))
		return err_code(err, CNI_TRY_LATER);
	*ret = store;
	store.root = -1;
	return 0;
}

void store_close(struct store *store)
{
	if (store->root >= 0)
		guard_done();
	closep(&store->root);
}

/* 32 hexadecimal digits: anything else would not survive being compared as text. */
static bool is_id(const char *id)
{
	return strlen(id) == STORE_ID_LEN - 1 &&
	       strspn(id, "0123456789abcdef") == STORE_ID_LEN - 1;
}

static int parse_id(const char *text, size_t len, char ret[STORE_ID_LEN], struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	struct json root = json_root(doc);
	const char *id = "";
	int64_t format = 0;

	if (!doc || json_get_int(&root, "format", 0, INT32_MAX, &format, err) < 0 ||
	    json_get_string(&root, "id", &id, err) < 0)
		return -1;
	if (format != 1 || !is_id(id))
		return err_set(
			err, 0,
			"is not of format 1: made by another version of rail-ipam?");
	strcpy(ret, id);
	return 0;
}

int store_id(const struct store *store, char ret[STORE_ID_LEN], struct err *err)
{
	size_t len;
	_autofree_ char *text = file_read(store->root, STORE_FILE, MAX_FILE, &len, err);

	if (!text && err->no == ENOENT)
		return 0;
	if (text && !parse_id(text, len, ret, err))
		return 1;
	err->code = 0; /* whoever called us has no bad configuration */
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "%s/%s", store->path, STORE_FILE);
}

int store_publish(int dir, const char *name, const char *text, struct err *err)
{
	char nonce[9], temp[16];
	_autoclose_ int fd = -1;
	int r;

	if (state_nonce(nonce, err))
		return -1;
	snprintf(temp, sizeof(temp), ".new-%s", nonce);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, errno, "create %s", name);
	/* NFS may say that a link failed which it made: so only what is there counts. */
	r = write_all(fd, text, strlen(text)) || fsync(fd) ||
	    (linkat(dir, temp, dir, name, 0) && faccessat(dir, name, F_OK, 0));
	if (r)
		err_set(err, errno, "create %s", name);
	closep(&fd); /* what is open NFS would not remove, but rename */
	(void)unlinkat(dir, temp, 0);
	return r ? -1 : 0;
}

int store_init(const struct store *store, struct err *err)
{
	unsigned char random[16];
	char id[STORE_ID_LEN], text[160], now[32];
	time_t t = time(NULL);
	struct tm tm;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_set(err, errno, "get random bytes");
	for (size_t i = 0; i < sizeof(random); i++)
		sprintf(id + 2 * i, "%02x", random[i]);
	strftime(now, sizeof(now), "%FT%TZ", gmtime_r(&t, &tm));
	snprintf(text, sizeof(text),
		 "{\"format\":1,\"id\":\"%s\",\"created\":\"%s\",\"by\":\"rail-ipam "
		 "%s\"}\n",
		 id, now, VERSION);
	if (store_publish(store->root, STORE_FILE, text, err))
		return err_wrap(err, "store %s", store->path);
	return 0;
}

void store_fs(const struct store *store, char ret[32], bool *local)
{
	static const struct {
		long magic;
		const char *name;
		bool local;
	} known[] = {
		{ 0x6969, "nfs", false },	 { 0x00c36400, "ceph", false },
		{ 0x0bd00bd0, "lustre", false }, { 0x47504653, "gpfs", false },
		{ 0xff534d42, "cifs", false },	 { 0xfe534d42, "smb2", false },
		{ 0x65735546, "fuse", false },	 { 0x01021997, "9p", false },
		{ 0xef53, "ext4", true },	 { 0x58465342, "xfs", true },
		{ 0x9123683e, "btrfs", true },	 { 0x01021994, "tmpfs", true },
		{ 0x794c7630, "overlay", true }, { 0x2fc12fc1, "zfs", true },
		{ 0xf2f52010, "f2fs", true },
	};
	struct statfs st;

	*local = false;
	snprintf(ret, 32, "unknown");
	if (fstatfs(store->root, &st))
		return;
	snprintf(ret, 32, "file system 0x%lx", (long)st.f_type);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if ((unsigned long)known[i].magic ==
		    ((unsigned long)st.f_type & 0xffffffff)) {
			snprintf(ret, 32, "%s", known[i].name);
			*local = known[i].local;
		}
}
