/* sysfs_pf.h - the PFs of a node, and how many VFs they have. */
#ifndef PKG_SYSFS_PF_H
#define PKG_SYSFS_PF_H

#include "pkg/sysfs.h"

struct pci_pf {
	char device[DEVICE_LEN], netdev[IFNAMSIZ];
	int vfs, most; /* VFs it has now, and could have */
};

struct pci_pfs {
	struct pci_pf *list; /* by device */
	int count;
};

/* Functions with the SR-IOV capability that have a network device here. */
int sysfs_pfs(int sys, struct pci_pfs *ret, struct err *err);
void pci_pfs_clear(struct pci_pfs *pfs);
#define _autopfs_ _cleanup_(pci_pfs_clear)

#endif
