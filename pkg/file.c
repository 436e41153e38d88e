/* file.c - state files that survive crashes and concurrent plugins. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "pkg/file.h"

#define LOCK_POLL_MS 10

static int make_dirs(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int r;

		*p = '\0';
		r = mkdir(path, 0755);
		*p = '/';
		if (r && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0755) && errno != EEXIST ? -1 : 0;
}

int dir_open(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char copy[PATH_MAX];

	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd : err_set(err, errno, "open directory %s", path);
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return err_set(err, ENAMETOOLONG, "make directory");
	if (make_dirs(copy))
		return err_set(err, errno, "make directory %s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, errno, "open directory %s", path);
}

int file_lock(int dirfd, const char *name, int timeout_ms, struct err *err)
{
	_autoclose_ int fd =
		openat(dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, errno, "open lock %s", name);

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || timeout_ms <= 0)
			return err_set(err, errno, "lock %s", name);
		sleep_ms(LOCK_POLL_MS);
		timeout_ms -= LOCK_POLL_MS;
	}
	return take_fd(fd);
}

int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	return 0;
}

int file_create(int dirfd, const char *name, const void *data, size_t len,
		struct err *err)
{
	_autoclose_ int fd = openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char self[64];

	if (fd < 0)
		return err_set(err, errno, "create %s", name);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (write_all(fd, data, len) || fsync(fd) ||
	    linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW))
		return err_set(err, errno, "create %s", name);
	if (fsync(dirfd)) {
		err_set(err, errno, "create %s", name);
		(void)unlinkat(dirfd, name, 0);
		return -1;
	}
	return 0;
}

void file_temp_name(const char *name, char ret[NAME_MAX + 1])
{
	snprintf(ret, NAME_MAX + 1, ".%s.tmp", name);
}

int file_replace(int dirfd, const char *name, const void *data, size_t len,
		 struct err *err)
{
	char tmp[NAME_MAX + 1];
	_autoclose_ int fd = -1;

	if (strlen(name) + 5 > NAME_MAX)
		return err_set(err, ENAMETOOLONG, "replace %s", name);
	/* A fixed name is safe under the lock, and lets the next writer reuse
	 * what a crashed one left behind. */
	file_temp_name(name, tmp);
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return err_set(err, errno, "create %s", tmp);

	if (write_all(fd, data, len) || fsync(fd) || renameat(dirfd, tmp, dirfd, name) ||
	    fsync(dirfd)) {
		err_set(err, errno, "replace %s", name);
		(void)unlinkat(dirfd, tmp, 0);
		return -1;
	}
	return 0;
}

char *file_read(int dirfd, const char *name, size_t max, size_t *ret_len, struct err *err)
{
	_autoclose_ int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_autofree_ char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st)) {
		err_set(err, errno, "open %s", name);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > max) {
		err_set(err, EFBIG, "read %s", name);
		return NULL;
	}
	text = malloc(st.st_size + 1);
	n = text ? read(fd, text, st.st_size) : -1;
	if (n < 0) {
		err_set(err, errno, "read %s", name);
		return NULL;
	}
	text[n] = '\0';
	*ret_len = n;
	return take_ptr(text);
}

bool file_first_word(const char *path, char *buf, size_t size)
{
	/* who put a fifo there shall not make us wait for ever */
	_autoclose_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);
	size_t skip;

	if (n <= 0)
		return false;
	buf[n] = '\0';
	skip = strspn(buf, " \t\n");
	memmove(buf, buf + skip, n - skip + 1);
	buf[strcspn(buf, " \t\r\n")] = '\0';
	return *buf;
}
