/*
 * announce.h - tell the neighbours whose an address is now, and ask whether it was
 * somebody else's.
 */
#ifndef SRIOV_ANNOUNCE_H
#define SRIOV_ANNOUNCE_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"

/* Gratuitous ARP (RFC 5227, section 2.3) and unsolicited neighbour advertisement
 * (RFC 4861, section 7.2.6) of every address, once the carrier is up. Neighbours that
 * knew the address's last owner learn it at once; without it they learn it later.
 * Hence no errors, and no long wait. */
void announce(const struct pod *pod, const struct link *link,
	      const struct cni_result *result);

/* Probe for another owner of each IPv4 address before it is used (RFC 5227, section
 * 2.1.1); the interface is up. -1: err->no EADDRINUSE names the owner. IPv6 the kernel
 * probes itself. */
int announce_probe(const struct pod *pod, const struct link *link,
		   const struct cni_result *result, struct err *err);

#endif
