/*
 * autopsy.h - a connection that stood has died: of what?
 *
 * "Retry exceeded" only says that no acknowledgement came. A moment later the rest of
 * the picture can be seen: is the peer still there, is our port, what does the peer say
 * of its own rail, does the neighbour still answer.
 */
#ifndef PROBE_AUTOPSY_H
#define PROBE_AUTOPSY_H

#include "plugins/rdma-probe/neigh.h"
#include "plugins/rdma-probe/rail.h"

struct autopsy {
	const char *peer_host;
	bool closed;	    /* the peer closed its control channel */
	bool answered;	    /* it answered there */
	int port_state;	    /* of our port; 0 unknown */
	struct rail rail;   /* the peer's rail as the peer sees it now, if answered */
	struct neigh neigh; /* the next hop's entry now; state 0 unknown */
	char hop[IP_LEN];
	const char *netdev;
};

/* Replace the fault by a better founded one, or add what was seen to it. No I/O. */
void autopsy_conclude(const struct autopsy *seen, struct fault *fault);

#endif
