/* netns.c - network namespaces as a runtime hands them over: paths. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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
