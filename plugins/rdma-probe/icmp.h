/* icmp.h - does IP get through, and how large a packet? Evidence beside RDMA's own. */
#ifndef PROBE_ICMP_H
#define PROBE_ICMP_H

#include "plugins/rdma-probe/rail.h"
#include "plugins/rdma-probe/wire.h"

/*
 * One echo from the rail's address in a packet of `bytes`, which routers must not cut
 * into pieces: 0 when it came back, ETIMEDOUT when not, EPERM or EACCES when this
 * program may not ask, ECANCELED.
 */
int icmp_echo(const struct rail *rail, const struct ip *dst, int bytes,
	      const struct until *until);

#endif
