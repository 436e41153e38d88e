/* state.c - what rail-sriov remembers of its attachments on this node. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "pkg/grow.h"
#include "pkg/name.h"
#include "plugins/sriov/state.h"

#define MAX_STATE (8u << 20)
#define NO_DEVICE "-"

int state_open(const char *path, struct err *err)
{
	int fd = dir_open(path, err);

	return fd >= 0 ? fd : err_wrap(err, "state of this node");
}

int state_lock(int dir, const char *device, int timeout_ms, struct err *err)
{
	char name[DEVICE_LEN + 8];
	int fd;

	/* The dot keeps lock files out of listings. */
	snprintf(name, sizeof(name), ".%s.lock", device);
	fd = file_lock(dir, name, timeout_ms, err);
	if (fd >= 0)
		return fd;
	if (err->no == EWOULDBLOCK)
		err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "VF %s is being worked on by another process", device);
}

static bool join(struct record *record)
{
	char ifname[64];
	int n;

	if (!name_escape(record->ifname, "", ifname, sizeof(ifname)))
		return false;
	n = snprintf(record->file, sizeof(record->file), "%s,%s,%s,%s", record->device,
		     record->container, ifname, record->network);
	/* file_replace() puts five bytes around it. */
	return n < (int)sizeof(record->file) - 5;
}

int record_of(const char *device, const struct owner *owner, struct record *ret,
	      struct err *err)
{
	struct record record = { 0 };

	snprintf(record.device, sizeof(record.device), "%s", device);
	snprintf(record.container, sizeof(record.container), "%s", owner->container);
	snprintf(record.ifname, sizeof(record.ifname), "%s", owner->ifname);
	snprintf(record.network, sizeof(record.network), "%s", owner->network);
	if (!join(&record))
		return err_cni(err, CNI_BAD_CONFIG,
			       "name: network name and container ID make more than %d "
			       "bytes together",
			       NAME_MAX - 5 - DEVICE_LEN);
	*ret = record;
	return 0;
}

bool record_has_vf(const struct record *record)
{
	return strcmp(record->device, NO_DEVICE) != 0;
}

bool record_is_of(const struct record *record, const struct owner *owner)
{
	return !strcmp(record->container, owner->container) &&
	       !strcmp(record->ifname, owner->ifname) &&
	       !strcmp(record->network, owner->network);
}

/* Take a file name apart; false when it is not one of ours. */
static bool split(const char *file, struct record *ret)
{
	char copy[NAME_MAX + 1], *rest = copy;
	const char *device, *container, *ifname;

	snprintf(copy, sizeof(copy), "%s", file);
	device = strsep(&rest, ",");
	container = strsep(&rest, ",");
	ifname = strsep(&rest, ",");
	if (!rest || strlen(device) >= DEVICE_LEN)
		return false;
	snprintf(ret->file, sizeof(ret->file), "%s", file);
	snprintf(ret->device, sizeof(ret->device), "%s", device);
	snprintf(ret->container, sizeof(ret->container), "%s", container);
	snprintf(ret->network, sizeof(ret->network), "%s", rest);
	return name_unescape(ifname, ret->ifname, sizeof(ret->ifname));
}

int state_list(int dir, struct records *ret, struct err *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autodir_ DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	_autorecords_ struct records records = { 0 };
	struct dirent *entry;

	if (!stream)
		return err_set(err, errno, "list %s", STATE_DIR);
	while ((entry = readdir(stream))) {
		struct record *more;

		if (entry->d_name[0] == '.')
			continue;
		more = grow(records.list, records.count, sizeof(*more));
		if (!more)
			return err_set(err, ENOMEM, "list %s", STATE_DIR);
		records.list = more;
		if (split(entry->d_name, &more[records.count]))
			records.count++;
	}
	*ret = records;
	records = (struct records){ 0 };
	return 0;
}

void records_clear(struct records *records)
{
	free(records->list);
	*records = (struct records){ 0 };
}

int state_load(int dir, const struct record *record, struct plan *ret, struct err *err)
{
	size_t len;
	_autofree_ char *text = file_read(dir, record->file, MAX_STATE, &len, err);

	if (!text)
		return -1;
	if (plan_parse(text, len, ret, err))
		return err_wrap(err, "state file %s/%s", STATE_DIR, record->file);
	return 0;
}

typedef int (*writer)(int dir, const char *name, const void *data, size_t len,
		      struct err *err);

static int save(int dir, const struct plan *plan, writer write, struct err *err)
{
	_autofree_ char *text = plan_format(plan, err);
	struct record record;

	if (!text)
		return -1;
	if (record_of(plan->vf.device, &plan->owner, &record, err))
		return -1;
	if (write(dir, record.file, text, strlen(text), err))
		return err_wrap(err, "state of this node in %s", STATE_DIR);
	return 0;
}

int state_create(int dir, const struct plan *plan, struct err *err)
{
	return save(dir, plan, file_create, err);
}

int state_update(int dir, const struct plan *plan, struct err *err)
{
	return save(dir, plan, file_replace, err);
}

/* What a process left that was killed in state_update(). */
static int remove_draft(int dir, const struct record *record, struct err *err)
{
	char tmp[NAME_MAX + 1];

	file_temp_name(record->file, tmp);
	if (unlinkat(dir, tmp, 0) && errno != ENOENT)
		return err_set(err, errno, "remove %s/%s", STATE_DIR, tmp);
	return 0;
}

int state_free_vf(int dir, const struct record *record, struct err *err)
{
	struct record freed = *record;

	if (remove_draft(dir, record, err))
		return -1;
	snprintf(freed.device, sizeof(freed.device), NO_DEVICE);
	if (!join(&freed) || renameat(dir, record->file, dir, freed.file))
		return err_set(err, errno, "rename %s/%s", STATE_DIR, record->file);
	return 0;
}

int state_remove(int dir, const struct record *record, struct err *err)
{
	if (remove_draft(dir, record, err))
		return -1;
	if (unlinkat(dir, record->file, 0) && errno != ENOENT)
		return err_set(err, errno, "remove %s/%s", STATE_DIR, record->file);
	return 0;
}
