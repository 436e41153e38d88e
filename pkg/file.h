/*
 * file.h - state files that survive crashes and concurrent plugins.
 *
 *	_autoclose_ int lock = file_lock(dir, "lock", 5000, err);
 *	... read, decide ...
 *	file_replace(dir, "alloc.json", text, strlen(text), err);
 *
 * Readers need no lock: they see the old file or the new one, whole.
 */
#ifndef PKG_FILE_H
#define PKG_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "pkg/err.h"

/* Open a directory (O_PATH-less, for *at() and fsync()), making it and its parents
 * with mode 0755 when missing; an fd or -1. */
int dir_open(const char *path, struct err *err);

/*
 * Take an exclusive lock, waiting up to timeout_ms; returns an fd, close() it
 * to unlock. The kernel drops the lock of a process that dies, so there are no
 * stale locks. Never unlink the lock file: a waiter may hold the old inode.
 */
int file_lock(int dirfd, const char *name, int timeout_ms, struct err *err);

/* Make a file that must not be there yet (err->no EEXIST). It appears whole and
 * written to disk, or not at all: a process killed on the way leaves nothing. */
int file_create(int dirfd, const char *name, const void *data, size_t len,
		struct err *err);

/* Replace a file. Call with the lock held. Whatever happens, readers find the old
 * file or the new one, whole; on failure it is unspecified which. */
int file_replace(int dirfd, const char *name, const void *data, size_t len,
		 struct err *err);

/* The name under which file_replace() prepares `name`; a process killed in it may leave
 * that behind, for the next one to use or for who removes `name` to remove. */
void file_temp_name(const char *name, char ret[NAME_MAX + 1]);

/* Read a whole file of at most max bytes; NULL with *err (err->no ENOENT when it is
 * not there, EFBIG when larger). free() it; a NUL follows the data. */
char *file_read(int dirfd, const char *name, size_t max, size_t *ret_len,
		struct err *err);

/* The first word of a file that holds one line, such as a name; false when there is none,
 * or no file. */
bool file_first_word(const char *path, char *buf, size_t size);

/* write() until all is out; 0, or -1 with errno. */
int write_all(int fd, const void *data, size_t len);

#endif
