/*
 * sysfs.h - what sysfs tells of PCI functions and their VFs.
 *
 *	_autoclose_ int sys = sysfs_open(err);
 *	struct pci_vf vf;
 *
 *	if (sysfs_vf(sys, "0000:03:10.2", &vf, err))
 *		return -1;
 *
 * Readers take the directory that plays /sys, so that a test can pass one of its own.
 * A sysfs shows the network devices of the network namespace it was mounted in.
 */
#ifndef PKG_SYSFS_H
#define PKG_SYSFS_H

#include <stdbool.h>

#include "pkg/link.h"

struct pci_vf {
	char device[DEVICE_LEN];    /* "0000:03:10.2", or an auxiliary device */
	char driver[32];	    /* "" when none is bound */
	char netdev[IFNAMSIZ];	    /* "" when it has none, or none visible here */
	char pf_device[DEVICE_LEN]; /* "" when the PF is not visible (VF passed to a VM)
				     */
	char pf[IFNAMSIZ];	    /* network device of the PF, "" when not visible */
	int index;		    /* number among the PF's VFs, or -1 */
};

int sysfs_open(struct err *err);

/* "0000:03:10.2" in lower case, from either case; false when it is no PCI address. */
bool pci_address_parse(const char *text, char ret[DEVICE_LEN]);

bool sysfs_has_device(int sys, const char *device);

/* Facts of one VF. err->no ENOENT: no such device; EINVAL: it is there, but is a
 * physical function. */
int sysfs_vf(int sys, const char *device, struct pci_vf *ret, struct err *err);

/* The network device of this function as it is named now; "" when there is none. */
void sysfs_netdev(int sys, const char *device, char ret[IFNAMSIZ]);

/* PCI address of the function behind a network device; err->no ENODEV. */
int sysfs_device_of(int sys, const char *netdev, char ret[DEVICE_LEN], struct err *err);

/* PCI address of the PF's VF number i; false when it has no such VF. */
bool sysfs_vf_device(int sys, const char *pf_device, int i, char ret[DEVICE_LEN]);

/* Is it bound to a driver that gives it to user space (vfio-pci and its kin)? */
bool pci_vf_is_user(const struct pci_vf *vf);

#endif
