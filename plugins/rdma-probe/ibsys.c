/* ibsys.c - what sysfs tells of RDMA devices. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/ibsys.h"

#define PATH_LEN 192

int ibsys_open(void)
{
	return open("/sys/class", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool ibsys_text(int dir, const char *path, char *ret, size_t size)
{
	_autoclose_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	if (n < 0)
		return false;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return true;
}

static bool device_text(int sys, const char *dev, const char *file, char *ret,
			size_t size)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "infiniband/%s/%s", dev, file);
	return ibsys_text(sys, path, ret, size);
}

static bool device_has(int sys, const char *dev, const char *file)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "infiniband/%s/%s", dev, file);
	return faccessat(sys, path, F_OK, 0) == 0;
}

static void read_function(int sys, struct port *port)
{
	char path[PATH_LEN], target[256], text[16];
	const char *slash;
	ssize_t n;

	port->numa = -1;
	snprintf(path, sizeof(path), "infiniband/%s/device", port->dev);
	n = readlinkat(sys, path, target, sizeof(target) - 1);
	if (n < 0)
		return;
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(port->pci, sizeof(port->pci), "%.15s", slash ? slash + 1 : target);
	if (device_text(sys, port->dev, "device/numa_node", text, sizeof(text)))
		port->numa = atoi(text);
	if (device_has(sys, port->dev, "device/physfn"))
		port->function = "vf";
	else if (device_has(sys, port->dev, "device/sriov_totalvfs"))
		port->function = "pf";
}

static void read_link_layer(int sys, struct port *port)
{
	char file[40], text[32] = "";

	snprintf(file, sizeof(file), "ports/%d/link_layer", port->port);
	(void)device_text(sys, port->dev, file, text, sizeof(text));
	port->ethernet = !strcmp(text, "Ethernet");
	port->infiniband = !strcmp(text, "InfiniBand");
}

/* Every uverbs node tells which device it is of; not the other way round. */
void ibsys_uverbs(int sys, struct port *port)
{
	_autoclose_ int fd =
		openat(sys, "infiniband_verbs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autodir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir)
		fd = -1; /* the DIR's now */
	while (dir && (entry = readdir(dir))) {
		char path[PATH_LEN], dev[DEV_LEN];

		snprintf(path, sizeof(path), "infiniband_verbs/%.60s/ibdev",
			 entry->d_name);
		if (ibsys_text(sys, path, dev, sizeof(dev)) && !strcmp(dev, port->dev))
			snprintf(port->uverbs, sizeof(port->uverbs),
				 "/dev/infiniband/%.30s", entry->d_name);
	}
}

void ibsys_describe(int sys, struct port *port)
{
	(void)device_text(sys, port->dev, "node_guid", port->guid, sizeof(port->guid));
	read_function(sys, port);
	read_link_layer(sys, port);
}

bool ibsys_has_port(int sys, const char *dev, int port)
{
	char file[32];

	snprintf(file, sizeof(file), "ports/%d", port);
	return device_has(sys, dev, file);
}
