/*
 * fake_sysfs.h - a directory that looks like /sys, made from a list.
 *
 *	int sys = fake_sysfs((const char *const[]){
 *		"bus/pci/devices/0000:03:00.0/sriov_numvfs=2",
 *		"bus/pci/devices/0000:03:10.0/physfn->../0000:03:00.0",
 *		"bus/pci/devices/0000:03:10.0/net/eth4/", NULL });
 *
 * "PATH=TEXT" is a file, "PATH->TARGET" a link, "PATH/" a directory; parents are made.
 */
#ifndef TESTS_FAKE_SYSFS_H
#define TESTS_FAKE_SYSFS_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fake_sysfs_root[] = "/tmp/fake-sysfs-XXXXXX";

static inline void fake_sysfs_parents(int root, char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdirat(root, path, 0755);
		*p = '/';
	}
}

static inline void fake_sysfs_entry(int root, const char *entry)
{
	char path[256], *text, *target;
	int fd;

	snprintf(path, sizeof(path), "%s", entry);
	fake_sysfs_parents(root, path);
	target = strstr(path, "->");
	text = strchr(path, '=');
	if (target) {
		*target = '\0';
		assert_int_equal(symlinkat(target + 2, root, path), 0);
	} else if (text) {
		*text++ = '\0';
		fd = openat(root, path, O_WRONLY | O_CREAT, 0644);
		assert_true(fd >= 0);
		assert_int_equal(dprintf(fd, "%s\n", text), (int)strlen(text) + 1);
		close(fd);
	}
}

static inline int fake_sysfs(const char *const *entries)
{
	int root;

	strcpy(fake_sysfs_root, "/tmp/fake-sysfs-XXXXXX");
	assert_non_null(mkdtemp(fake_sysfs_root));
	root = open(fake_sysfs_root, O_RDONLY | O_DIRECTORY);
	assert_true(root >= 0);
	for (; *entries; entries++)
		fake_sysfs_entry(root, *entries);
	return root;
}

static inline void fake_sysfs_remove(int root)
{
	char command[64];

	close(root);
	snprintf(command, sizeof(command), "rm -r %s", fake_sysfs_root);
	assert_int_equal(system(command), 0);
}

#endif
