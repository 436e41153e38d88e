/* change.c - give the plugin directory another set of programs, whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "installer/change.h"

#define OURS	 ".rail-cni"
#define DRAFT	 OURS "/draft"
#define STEP	 OURS "/step" /* a program on its way to its place */
#define PATIENCE 300	      /* times 100 ms */

const char *const programs[] = { "rail-sriov", "rail-ipam", NULL };

int change_lock(int *ret, struct err *err)
{
	_autoclose_ int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "open the plugin directory");
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK || i == PATIENCE)
			return err_set(err, errno, "lock the plugin directory");
		sleep_ms(100);
	}
	*ret = take_fd(fd);
	return 0;
}

/* 1, 0, or -1 when that cannot be told. */
static int exists(const char *path, struct err *err)
{
	if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT ? 0 : err_set(err, errno, "look at %s", path);
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

static int remove_tree(const char *path, struct err *err)
{
	if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		return err_set(err, errno, "remove %s", path);
	return 0;
}

/* What the directory lists is on the disk. */
static int sync_dir(const char *path, struct err *err)
{
	_autoclose_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) ? err_set(err, errno, "sync %s", path) : 0;
}

static int make_dir(const char *path, struct err *err)
{
	return mkdir(path, 0755) && errno != EEXIST ? err_set(err, errno, "make %s", path)
						    : 0;
}

static int move(const char *from, const char *to, struct err *err)
{
	return rename(from, to) ? err_set(err, errno, "rename %s to %s", from, to) : 0;
}

/* A program that the source lacks is no error. */
static int copy_program(int source, const char *name, const char *to, struct err *err)
{
	_autoclose_ int in = openat(source, name, O_RDONLY | O_CLOEXEC), out = -1;
	ssize_t n;

	if (in < 0)
		return errno == ENOENT ? 0 : err_set(err, errno, "open %s", name);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (out < 0 || fchmod(out, 0755))
		return err_set(err, errno, "create %s", to);
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	if (n < 0 || fsync(out))
		return err_set(err, errno, "copy %s to %s", name, to);
	return 0;
}

static int draft_program(int source, const char *name, struct err *err)
{
	char to[PATH_MAX];

	snprintf(to, sizeof(to), DRAFT "/new/%s", name);
	if (copy_program(source, name, to, err))
		return -1;
	snprintf(to, sizeof(to), DRAFT "/old/%s", name);
	if (link(name, to) && errno != ENOENT)
		return err_set(err, errno, "link %s to %s", name, to);
	return 0;
}

static int draft(int source, struct err *err)
{
	if (make_dir(OURS, err) || remove_tree(DRAFT, err) || make_dir(DRAFT, err) ||
	    make_dir(DRAFT "/new", err) || make_dir(DRAFT "/old", err))
		return -1;
	for (int i = 0; programs[i]; i++)
		if (draft_program(source, programs[i], err))
			return -1;
	return sync_dir(DRAFT "/new", err) || sync_dir(DRAFT "/old", err) ||
			       sync_dir(DRAFT, err)
		       ? -1
		       : 0;
}

/*
 * By rename, so that there is no moment without it. Of two names of one file rename()
 * leaves both: that is how it is when this had been done before.
 */
static int put_in_place(const char *name, struct err *err)
{
	char from[PATH_MAX];

	snprintf(from, sizeof(from), CHANGE "/new/%s", name);
	if (unlink(STEP) && errno != ENOENT)
		return err_set(err, errno, "remove " STEP);
	if (link(from, STEP)) {
		if (errno != ENOENT)
			return err_set(err, errno, "link %s to " STEP, from);
		return unlink(name) && errno != ENOENT
			       ? err_set(err, errno, "remove %s", name)
			       : 0;
	}
	if (move(STEP, name, err))
		return -1;
	return unlink(STEP) && errno != ENOENT ? err_set(err, errno, "remove " STEP) : 0;
}

/* What was is kept, in place of what was kept before. */
static int keep_old(struct err *err)
{
	int r = exists(CHANGE "/old", err);

	if (r <= 0)
		return r;
	return remove_tree(PREVIOUS, err) ? -1 : move(CHANGE "/old", PREVIOUS, err);
}

int change_complete(struct err *err)
{
	int r = exists(CHANGE, err);

	if (r <= 0)
		return r;
	for (int i = 0; programs[i]; i++)
		if (put_in_place(programs[i], err))
			return -1;
	if (sync_dir(".", err) || keep_old(err))
		return -1;
	/* By its name it would be done again; half of it must not. */
	if (remove_tree(DRAFT, err) || move(CHANGE, DRAFT, err) || sync_dir(OURS, err))
		return -1;
	return remove_tree(DRAFT, err);
}

int change_to(int source, struct err *err)
{
	struct err ignored;

	if (draft(source, err)) {
		(void)remove_tree(DRAFT, &ignored);
		return -1;
	}
	if (move(DRAFT, CHANGE, err) || sync_dir(OURS, err))
		return -1;
	return change_complete(err);
}

int change_uninstall(struct err *err)
{
	for (int i = 0; programs[i]; i++)
		if (unlink(programs[i]) && errno != ENOENT)
			return err_set(err, errno, "remove %s", programs[i]);
	return remove_tree(OURS, err) || sync_dir(".", err) ? -1 : 0;
}
