/*
 * ibsys.h - what sysfs tells of RDMA devices.
 *
 * Readers take the directory that plays /sys/class, so that a test can pass its own.
 */
#ifndef PROBE_IBSYS_H
#define PROBE_IBSYS_H

#include "plugins/rdma-probe/local.h"

int ibsys_open(void); /* /sys/class, or -1 */

/* The first line of an attribute; false when it cannot be read. */
bool ibsys_text(int dir, const char *path, char *ret, size_t size);

/* PCI function and NUMA node, GUID, link layer: what is known of a port of which dev and
 * port are set. A software device has no function. */
void ibsys_describe(int sys, struct port *port);
void ibsys_uverbs(int sys, struct port *port); /* the same for its node: reads them all */

bool ibsys_has_port(int sys, const char *dev, int port);

#endif
