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

/* The sysfs of another network namespace, mounted nowhere (Linux 5.2). */
int sysfs_open_in(int netns_fd, struct err *err);

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

/* In switchdev mode: the device that stands for VF number vf on the PF's side; ""
 * when there is none. */
void sysfs_representor(int sys, const char *pf_device, int vf, char ret[IFNAMSIZ]);

/* The first line of an attribute, "" when it cannot be read. */
void sysfs_read(int dir, const char *path, char *ret, size_t size);

/* The first device of a class that the function has, "" when there is none. */
void sysfs_child(int sys, const char *device, const char *class, char *ret, size_t size);

/* Reset the function (FLR where it has that); err->no ENOENT: it has no reset. */
bool sysfs_can_reset(int sys, const char *device);
int sysfs_reset(int sys, const char *device, struct err *err);

/* Is it bound to a driver that gives it to user space (vfio-pci and its kin)? */
bool pci_vf_is_user(const struct pci_vf *vf);

#endif
