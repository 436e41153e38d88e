/*
 * rc_clock.h - when a completion happened, by the NIC's own clock, where it has one.
 *
 *	if (rc_clock_open(&clock, ctx, depth, channel))
 *		cq = ibv_cq_ex_to_cq(clock.cq);
 *	...
 *	rc_clock_now(&clock, ctx, &posted);
 *	n = rc_clock_poll(&clock, &wc, &done);
 *	ns = rc_clock_ns(&clock, posted, done);
 *
 * A round trip measured so has neither our wake-up in it nor anything else that the host
 * does after the NIC is done. Soft-RoCE has no such clock.
 */
#ifndef PROBE_RC_CLOCK_H
#define PROBE_RC_CLOCK_H

#include <stdbool.h>
#include <infiniband/verbs.h>

struct rc_clock {
	struct ibv_cq_ex *cq; /* NULL: there is no such clock */
	uint64_t mask, khz;
};

/* A completion queue that stamps; false, and nothing is there, where the device cannot.
 */
bool rc_clock_open(struct rc_clock *ret, struct ibv_context *ctx, int depth,
		   struct ibv_comp_channel *channel);

/* As ibv_poll_cq() for one completion: its status, and when it happened. */
int rc_clock_poll(const struct rc_clock *clock, struct ibv_wc *wc, uint64_t *ret);

bool rc_clock_now(struct ibv_context *ctx, uint64_t *ret);

/* From one moment to a later one; the clock may have begun anew in between. */
int64_t rc_clock_ns(const struct rc_clock *clock, uint64_t from, uint64_t to);

#endif
