/*
 * cm.h - ask a peer by rdma_cm, over a rail and nothing else.
 *
 * A service request (SIDR) crosses UDP 4791 and both queue pairs 1. It needs no program
 * on the other side: the peer's kernel answers that nobody serves it. It keeps the
 * devices it used open until the program ends: for programs that end soon.
 */
#ifndef PROBE_CM_H
#define PROBE_CM_H

#include "plugins/rdma-probe/rail.h"
#include "plugins/rdma-probe/wire.h"

#define CM_REPLY_MAX 136

/* What is said, and the answer. */
struct cm_talk {
	int port;
	const void *request;
	size_t len; /* 180 at most */
	uint8_t reply[CM_REPLY_MAX];
	size_t reply_len;
};

enum cm_result {
	CM_ANSWERED, /* by somebody who serves that port: the reply is there */
	CM_NOBODY,   /* by the peer's kernel: nobody does, or he refused */
	CM_FAILED,   /* *fault: no answer by the deadline */
	CM_CANNOT,   /* *fault: it cannot be asked from here */
};

enum cm_result cm_ask(const struct rail *rail, const struct ip *dst, struct cm_talk *talk,
		      const struct until *until, struct fault *fault);

#endif
