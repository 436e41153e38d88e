/* sysfs_pf.c - the PFs of a node, and how many VFs they have. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/sysfs_pf.h"

/* -1 when it is not there: the function is no PF. */
static int number_of(int sys, const char *netdev, const char *attr)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "class/net/%s/device/%s", netdev, attr);
	sysfs_read(sys, path, text, sizeof(text));
	return *text ? atoi(text) : -1;
}

/* In switchdev mode a PF has several network devices, of which one is the port. */
static bool view(int sys, const char *netdev, struct pci_pf *ret)
{
	struct err ignored;

	ret->most = number_of(sys, netdev, "sriov_totalvfs");
	ret->vfs = number_of(sys, netdev, "sriov_numvfs");
	if (ret->most <= 0 || ret->vfs < 0 ||
	    sysfs_device_of(sys, netdev, ret->device, &ignored))
		return false;
	sysfs_netdev(sys, ret->device, ret->netdev);
	return !strcmp(ret->netdev, netdev);
}

static int by_device(const void *a, const void *b)
{
	return strcmp(((const struct pci_pf *)a)->device,
		      ((const struct pci_pf *)b)->device);
}

int sysfs_pfs(int sys, struct pci_pfs *ret, struct err *err)
{
	int fd = openat(sys, "class/net", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autodir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	_autopfs_ struct pci_pfs pfs = { 0 };
	struct dirent *entry;

	if (!dir)
		return err_set(err, errno, "list network devices");
	while ((entry = readdir(dir))) {
		struct pci_pf one = { 0 }, *more;

		if (entry->d_name[0] == '.' || !view(sys, entry->d_name, &one))
			continue;
		more = grow(pfs.list, pfs.count, sizeof(*more));
		if (!more)
			return err_set(err, ENOMEM, "list PFs");
		pfs.list = more;
		pfs.list[pfs.count++] = one;
	}
	if (pfs.count)
		qsort(pfs.list, pfs.count, sizeof(*pfs.list), by_device);
	*ret = pfs;
	pfs = (struct pci_pfs){ 0 };
	return 0;
}

void pci_pfs_clear(struct pci_pfs *pfs)
{
	free(pfs->list);
	*pfs = (struct pci_pfs){ 0 };
}
