/*
 * tally.h - datagrams sent, arrived, answered: what is wrong with them? No I/O.
 */
#ifndef PROBE_TALLY_H
#define PROBE_TALLY_H

#include "plugins/rdma-probe/fault.h"

struct tally {
	int sent, arrived, answered;
	bool counted;	  /* arrived is known: an answer told, or the peer when asked */
	uint8_t tos, ttl; /* as the last probe arrived; if answered */
};

/* 0, or -1 with *fault. names: of the peer and of our interface. */
int tally_conclude(const struct tally *tally, const char *peer, const char *netdev,
		   struct fault *fault);

/* Did the traffic class survive? Only the DSCP counts: switches set the other two bits
 * when they are congested. */
int tally_check_dscp(const struct tally *tally, int tc, const char *peer,
		     struct fault *fault);

#endif
