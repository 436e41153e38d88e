/*
 * route.h - which way would a packet go? Asked before verbs are.
 *
 * ibv_modify_qp() answers ETIMEDOUT after a second for no route, a dead host, a port
 * that is down and a filter on ARP alike; and with the interface given, as RDMA has it,
 * IPv4 treats every destination without a route as on-link. rtnetlink tells them apart.
 */
#ifndef PROBE_EGRESS_H
#define PROBE_EGRESS_H

#include "plugins/rdma-probe/rail.h"

struct egress {
	int ifindex;
	int type;	   /* RTN_UNICAST, RTN_LOCAL, ... */
	struct ip gateway; /* AF_UNSPEC: the destination is on the link */
};

/* As the kernel would route from src to dst: 0 or a positive errno. oif 0: any. */
int egress_get(const struct ip *src, const struct ip *dst, int oif, struct egress *ret);

/* The route from a rail to dst, if it leaves by that rail. */
int egress_check(const struct rail *rail, const struct ip *dst, struct egress *ret,
		 struct fault *fault);

#endif
