/* netns.c - network namespaces as a runtime hands them over: paths. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <linux/nsfs.h>

#include "pkg/cleanup.h"
#include "pkg/netns.h"

int netns_open(const char *path, struct err *err)
{
	/* O_NONBLOCK: a fifo in its place must not hang us. */
	_autoclose_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int type;

	if (fd < 0)
		return err_set(err, errno, "open network namespace %s", path);
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type != CLONE_NEWNET) {
		err_set(err, 0, "%s is not a network namespace", path);
		err->no = EINVAL;
		return -1;
	}
	return take_fd(fd);
}

int netns_open_own(struct err *err)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, errno, "open own network namespace");
}

static bool is_process(const struct dirent *entry)
{
	return entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
}

/* The namespace of a process if it is the one; -1 else, also if the process has ended. */
static int open_if(int proc, const char *pid, const struct netns_id *id)
{
	_autoclose_ int fd = -1;
	struct netns_id its = { 0 };
	struct err ignored;
	char path[64];

	snprintf(path, sizeof(path), "%s/ns/net", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && !netns_identify(fd, &its, &ignored) && netns_same(&its, id)
		       ? take_fd(fd)
		       : -1;
}

int netns_find(const struct netns_id *id, struct err *err)
{
	_autodir_ DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return err_set(err, errno, "open /proc");
	while ((entry = readdir(proc))) {
		int fd = is_process(entry) ? open_if(dirfd(proc), entry->d_name, id) : -1;

		if (fd >= 0)
			return fd;
	}
	return err_set(err, ENOENT, "find a process in network namespace %llu",
		       (unsigned long long)id->ino);
}

int netns_run(int netns_fd, int (*f)(void *arg, struct err *err), void *arg,
	      struct err *err)
{
	_autoclose_ int home = netns_open_own(err);
	int r;

	if (home < 0)
		return -1;
	if (setns(netns_fd, CLONE_NEWNET))
		return err_set(err, errno, "enter network namespace");
	r = f(arg, err);
	if (setns(home, CLONE_NEWNET))
		abort(); /* stranded in the wrong namespace: touch nothing more */
	return r;
}

int netns_identify(int fd, struct netns_id *ret, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(err, errno, "identify network namespace");
	*ret = (struct netns_id){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}
