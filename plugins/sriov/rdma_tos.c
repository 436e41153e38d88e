/* rdma_tos.c - the type of service that RoCE packets of a device bear by default. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/cleanup.h"
#include "pkg/file.h"
#include "pkg/sysfs.h"
#include "plugins/sriov/rdma_tos.h"

#define CONFIGFS "/sys/kernel/config/rdma_cm"

/* The window into rdma_cm that a directory opens. The value stays when it is closed;
 * one that somebody else had opened stays open. */
struct window {
	char path[160];
	bool ours;
};

static bool window_open(struct window *window, const char *rdma)
{
	snprintf(window->path, sizeof(window->path), "%s/%s", CONFIGFS, rdma);
	window->ours = !mkdir(window->path, 0755);
	return window->ours || errno == EEXIST;
}

static void window_close(struct window *window)
{
	if (window->ours)
		(void)rmdir(window->path);
}

static int get_cm(const char *rdma)
{
	char path[200], text[16];
	struct window window;

	if (!window_open(&window, rdma))
		return -1;
	snprintf(path, sizeof(path), "%s/ports/1/default_roce_tos", window.path);
	sysfs_read(AT_FDCWD, path, text, sizeof(text));
	window_close(&window);
	return *text ? atoi(text) : -1;
}

/* Reads "Global tclass=106", or nothing when it was never set. */
static int get_tc(int sys, const char *rdma)
{
	char path[128], text[64];
	const char *number;

	snprintf(path, sizeof(path), "class/infiniband/%s/tc/1/traffic_class", rdma);
	if (faccessat(sys, path, F_OK, 0))
		return -1;
	sysfs_read(sys, path, text, sizeof(text));
	number = strchr(text, '=');
	return number ? atoi(number + 1) : 0;
}

struct rdma_tos rdma_tos_get(int sys, const char *rdma)
{
	return (struct rdma_tos){ .cm = get_cm(rdma), .tc = get_tc(sys, rdma) };
}

static int write_number(int dir, const char *path, int value, struct err *err)
{
	_autoclose_ int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", value);

	if (fd < 0 || write_all(fd, text, n))
		return err_set(err, errno, "write %d to %s", value, path);
	return 0;
}

static int set_cm(const char *rdma, int value, struct err *err)
{
	struct window window;
	char path[200];
	int r;

	if (!window_open(&window, rdma)) {
		err_set(err, errno, "make %s", window.path);
		return err_hint(err, "it needs module rdma_cm, and configfs mounted on "
				     "/sys/kernel/config");
	}
	snprintf(path, sizeof(path), "%s/ports/1/default_roce_tos", window.path);
	r = write_number(AT_FDCWD, path, value, err);
	window_close(&window);
	return r;
}

int rdma_tos_set(int sys, const char *rdma, const struct rdma_tos *tos, struct err *err)
{
	char path[128];

	if (tos->cm >= 0 && set_cm(rdma, tos->cm, err))
		return -1;
	snprintf(path, sizeof(path), "class/infiniband/%s/tc/1/traffic_class", rdma);
	return tos->tc >= 0 ? write_number(sys, path, tos->tc, err) : 0;
}
