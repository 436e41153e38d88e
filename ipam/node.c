/* node.c - who we are: the node's name, its boot, its machine id. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "pkg/cleanup.h"
#include "pkg/cni.h"
#include "pkg/name.h"
#include "ipam/node.h"

#define NAME_FILE "/etc/rail-cni/node-name"
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"

/* The first line without spaces around it; false when there is none, or no file. */
static bool first_line(const char *path, char *buf, size_t size)
{
	_autoclose_ int fd = open(path, O_RDONLY | O_CLOEXEC);
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

static int find_name(const char *configured, char ret[256], struct err *err)
{
	struct utsname host;

	if (*configured)
		snprintf(ret, 256, "%s", configured);
	else if (!first_line(NAME_FILE, ret, 256)) {
		if (uname(&host))
			return err_set(err, errno, "read the host's name");
		snprintf(ret, 256, "%s", host.nodename);
	}
	return 0;
}

int node_identify(const char *configured, struct node *ret, struct err *err)
{
	char name[256], boot[64];

	if (find_name(configured, name, err))
		return -1;
	/* "reserved," is how a name says that an operator set the address aside. */
	if (!*name || !strcmp(name, "reserved"))
		return err_cni(err, CNI_BAD_CONFIG,
			       "nodeName: a node cannot be called '%s'", name);
	if (!name_escape(name, "", ret->name, sizeof(ret->name)))
		return err_cni(err, CNI_BAD_CONFIG,
			       "nodeName: '%.40s...' takes more than %d bytes", name,
			       NODE_LEN - 1);
	if (!first_line(BOOT_FILE, boot, sizeof(boot)) || strlen(boot) < BOOT_LEN - 1)
		return err_set(err, 0, "read the id of this boot from %s", BOOT_FILE);
	snprintf(ret->boot, sizeof(ret->boot), "%.8s", boot);
	return 0;
}

int node_machine(char ret[MACHINE_LEN], struct err *err)
{
	/* An image that was never booted says "uninitialized" there. */
	if ((first_line("/etc/machine-id", ret, MACHINE_LEN) &&
	     strcmp(ret, "uninitialized")) ||
	    first_line("/sys/class/dmi/id/product_uuid", ret, MACHINE_LEN))
		return 0;
	err_set(err, 0, "this machine has no id: /etc/machine-id is empty or missing");
	return err_hint(err, "make one: systemd-machine-id-setup");
}
