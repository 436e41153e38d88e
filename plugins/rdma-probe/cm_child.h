/*
 * cm_child.h - listen by rdma_cm, in a process of its own.
 *
 * librdmacm keeps every device it has seen open for as long as it lives, and a device
 * that is held open hinders the one that comes in its place. So who listens by it ends
 * when devices come or go, and another one begins: cm_child_keep() sees to that, also
 * when it was killed. What comes in is handed on as it is, and answered by the other end
 * of the socket.
 */
#ifndef PROBE_CM_CHILD_H
#define PROBE_CM_CHILD_H

#include <sys/types.h>
#include <infiniband/verbs.h>

#include "pkg/err.h"
#include "pkg/ip.h"
#include "plugins/rdma-probe/cm_msg.h"

/* From the child: that it listens, or why it does not, or a request; from who keeps it:
 * how it has ended, if that was not right. One a packet. */
struct cm_event {
	pid_t child;
	enum { CM_LISTENS, CM_LISTENS_NOT, CM_REQUEST, CM_ENDED } what;
	struct err err;
	char dev[IBV_SYSFS_NAME_MAX]; /* by which a request came, */
	struct ip to;		      /* and to which address */
	uint8_t data[CM_REQUEST_LEN];
	size_t len;
};

struct cm_answer {
	pid_t child;  /* whose request it was */
	uint32_t qpn; /* 0 turns the request down */
	uint8_t data[CM_REPLY_LEN];
};

/* Does not return; ends with `parent`, the process that has started this one. */
_Noreturn void cm_child_keep(int fd, int port, pid_t parent);

#endif
