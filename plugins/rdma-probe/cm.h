/*
 * cm.h - does rdma_cm reach the peer by this rail?
 *
 * A service request (SIDR) needs no program on the other side: the peer's kernel
 * answers that nobody serves it, and that answer has crossed UDP 4791 and both queue
 * pairs 1. librdmacm is loaded when it is needed, so that an image without it can still
 * do all the rest. It keeps the devices it used open until the program ends: for programs
 * that end soon.
 */
#ifndef PROBE_CM_H
#define PROBE_CM_H

#include "plugins/rdma-probe/rail.h"
#include "plugins/rdma-probe/wire.h"

/* 1 reached; 0 it cannot be asked from here, *fault says why; -1 with *fault. */
int cm_reach(const struct rail *rail, const struct ip *dst, const struct until *until,
	     struct fault *fault);

#endif
