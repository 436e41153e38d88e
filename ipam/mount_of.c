/* mount_of.c - how the file system below a directory is mounted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "ipam/mount_of.h"

#define MAX_LINE 8192

/* proc(5): "36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda rw,errors=..." */
bool mount_parse(const char *line, unsigned long long id, struct mount *ret)
{
	struct mount mount = { 0 };
	const char *dash = strstr(line, " - ");
	char own[512], super[512];
	unsigned long long found;

	if (!dash ||
	    sscanf(line, "%llu %*s %*s %*s %511s %511s", &found, mount.point, own) != 3 ||
	    found != id ||
	    sscanf(dash, " - %31s %255s %511s", mount.type, mount.source, super) != 3)
		return false;
	snprintf(mount.options, sizeof(mount.options), "%s,%s", own, super);
	*ret = mount;
	return true;
}

bool mount_has(const struct mount *mount, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = mount->options; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, word, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static void closefilep(FILE **f)
{
	if (*f)
		fclose(*f);
}

int mount_of(int dir, struct mount *ret, struct err *err)
{
	_cleanup_(closefilep) FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[MAX_LINE];
	struct statx st;

	if (!f || statx(dir, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st))
		return err_set(err, errno, "find the mount");
	while (fgets(line, sizeof(line), f))
		if (mount_parse(line, st.stx_mnt_id, ret))
			return 0;
	return err_set(err, 0, "the mount is not in /proc/self/mountinfo");
}
