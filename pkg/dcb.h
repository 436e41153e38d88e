/*
 * dcb.h - how a NIC treats priorities: flow control (PFC) and trust in DSCP.
 *
 * Asked over netlink (RTM_GETDCB, IEEE 802.1Qaz). Functions that do not manage the
 * port, VFs among them, do not answer.
 */
#ifndef PKG_DCB_H
#define PKG_DCB_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/nl.h"

struct dcb {
	uint8_t pfc;		/* a bit a priority: paused instead of dropped */
	bool dscp_trusted;	/* packets are classified by DSCP, not by VLAN tag */
	int8_t priority_of[64]; /* of each DSCP; -1: not in the table */
};

/* err->no is EOPNOTSUPP when the driver does not tell. */
int dcb_get(struct nl *nl, const char *ifname, struct dcb *ret, struct err *err);

/* The priority of a ToS byte: by the table, else by the upper three bits of its DSCP. */
int dcb_priority(const struct dcb *dcb, int tos);

#endif
