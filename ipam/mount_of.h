/* mount_of.h - how the file system below a directory is mounted. */
#ifndef IPAM_MOUNT_OF_H
#define IPAM_MOUNT_OF_H

#include <stdbool.h>

#include "pkg/err.h"

struct mount {
	char type[32], source[256], point[512];
	char options[1024]; /* of the mount and of the file system: "rw,soft,vers=4.2" */
};

/* 0; -1 when the kernel does not tell. */
int mount_of(int dir, struct mount *ret, struct err *err);

/* One line of /proc/self/mountinfo: is it that mount? */
bool mount_parse(const char *line, unsigned long long id, struct mount *ret);

/* Is "word" among the options? */
bool mount_has(const struct mount *mount, const char *word);

#endif
