/*
 * nlq.h - ask the kernel one question over netlink.
 *
 *	_autonlq_ struct nl_sock *sk = nlq_open(NETLINK_ROUTE, err);
 *	_autonlmsg_ struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
 *	...
 *	no = nlq_ask(sk, msg, on_answer, &route);
 *
 * Why libnl-3 here and not libmnl as everywhere else: libibverbs needs libnl-3 and
 * libnl-route-3 itself, so a program that links it has them loaded anyway, and a second
 * netlink library would only be one more thing to install. What libnl's own error
 * numbers lose (ENETUNREACH and EHOSTUNREACH become one "failure") is given back here.
 */
#ifndef PROBE_NLQ_H
#define PROBE_NLQ_H

#include <netlink/netlink.h>
#include <netlink/msg.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"

/* A socket of this namespace, or NULL with *err. */
struct nl_sock *nlq_open(int protocol, struct err *err);

/* Send msg and pass every answer to cb: 0, or the kernel's errno (positive). */
int nlq_ask(struct nl_sock *sk, struct nl_msg *msg, nl_recvmsg_msg_cb_t cb, void *arg);

static inline void nl_socket_freep(struct nl_sock **sk)
{
	nl_socket_free(*sk);
}

static inline void nlmsg_freep(struct nl_msg **msg)
{
	nlmsg_free(*msg);
}
#define _autonlq_   _cleanup_(nl_socket_freep)
#define _autonlmsg_ _cleanup_(nlmsg_freep)

#endif
