/*
 * rc.h - one reliable connection of a rail, and the zero-length RDMA WRITE as its ping.
 *
 *	_autorc_ struct rc rc = { 0 };
 *
 *	if (rc_open(&rc, rail, RC_INITIATOR, &fault) ||
 *	    rc_connect(&rc, &peer, &path, &fault) ||
 *	    rc_ping(&rc, &until, &trip, &fault))
 *		...
 *
 * A write of no bytes needs no memory region on either side and no program on the
 * other: the peer's NIC acknowledges it. So it proves the way there, the queue pair and
 * the way back, pins next to nothing, and a stranger can write nothing anywhere.
 */
#ifndef PROBE_RC_H
#define PROBE_RC_H

#include <infiniband/verbs.h>

#include "plugins/rdma-probe/proto.h"
#include "plugins/rdma-probe/rc_clock.h"
#include "plugins/rdma-probe/wire.h"

#define RC_DEPTH 16 /* writes on their way at most */

enum rc_role { RC_INITIATOR, RC_RESPONDER };

struct rc {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_comp_channel *channel; /* initiator only */
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	const struct rail *rail;
	uint32_t psn;
	int mtu; /* at most this one; 0: as the port has it. To be set before rc_end() */
	void *room; /* what writes that carry something are from and to, or NULL */
	struct ibv_mr *mr;
	uint64_t to; /* the peer's room */
	uint32_t to_key;
	int looks;	       /* for a completion before sleeping until one comes */
	bool yields;	       /* between them */
	struct rc_clock clock; /* initiator only; .cq NULL: our own has to do */
	uint64_t stamp;	       /* of the last completion, if there is such a clock */
	bool doubted;	       /* it told what cannot be, and is not asked any more */
};

struct rc_trip {
	int64_t posted, acked; /* clock_ns() */
	int64_t ns; /* by the NIC's clock where it can be trusted, else by ours */
};

/* Open the rail's device, see that its GID still is what it was, make a queue pair. */
int rc_open(struct rc *ret, const struct rail *rail, enum rc_role role,
	    struct fault *fault);

/* A page or more of memory of our own, for writes that carry something: a responder lets
 * its peer write there, and nowhere else. After rc_open(). */
int rc_make_room(struct rc *rc, size_t bytes, struct fault *fault);

/* Our end, as the peer needs it. */
struct rc_end rc_end(const struct rc *rc);

/* To RTR and RTS. The kernel resolves the neighbour here: warm it first. */
int rc_connect(struct rc *rc, const struct rc_end *peer, const struct rc_path *path,
	       struct fault *fault);

/* One zero-length write and its acknowledgement. A failure is for good: the queue pair
 * is then in the error state. */
int rc_ping(struct rc *rc, const struct until *until, struct rc_trip *ret,
	    struct fault *fault);

/* The same with `size` bytes, for which both ends have made room. */
int rc_write(struct rc *rc, size_t size, const struct until *until, struct rc_trip *ret,
	     struct fault *fault);

/* One completion that is waited for, and what it tells. */
int rc_await(struct rc *rc, const struct until *until, struct ibv_wc *ret,
	     struct fault *fault);
int rc_check(const struct rc *rc, const struct ibv_wc *wc, struct fault *fault);

/* Writes of `size` bytes, RC_DEPTH at a time, for `duration` ns: the bytes acknowledged
 * and the time they took. */
struct rc_flow {
	int64_t bytes, ns;
};
int rc_stream(struct rc *rc, size_t size, int64_t duration, const struct until *until,
	      struct rc_flow *ret, struct fault *fault);

/* Are trips measured by the NIC's clock? */
bool rc_has_clock(const struct rc *rc);

int rc_port_state(const struct rc *rc); /* enum ibv_port_state, 0 unknown */
void rc_close(struct rc *rc);

#define _autorc_ _cleanup_(rc_close)

#endif
