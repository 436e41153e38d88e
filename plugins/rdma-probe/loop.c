/* loop.c - a rail's NIC to itself: an RC write of no bytes to its own GID. */
#include "pkg/clock.h"
#include "plugins/rdma-probe/facts.h"
#include "plugins/rdma-probe/rc.h"

/* Two queue pairs of one device; short timers, since nothing leaves the NIC. */
void facts_loop(struct rail_facts *ret, const struct rail *rail)
{
	static const struct rc_path path = { .timeout = 12, .retry = 2 };
	_autorc_ struct rc to = { 0 }, from = { 0 };
	struct until until = { clock_ns() + 150 * NS_MS, -1 };
	struct rc_end ends[2];
	struct rc_trip trip;

	ret->looped = true;
	if (rc_open(&to, rail, RC_RESPONDER, &ret->loop) ||
	    rc_open(&from, rail, RC_INITIATOR, &ret->loop))
		return;
	ends[0] = rc_end(&to);
	ends[1] = rc_end(&from);
	if (rc_connect(&to, &ends[1], &path, &ret->loop) ||
	    rc_connect(&from, &ends[0], &path, &ret->loop) ||
	    rc_ping(&from, &until, &trip, &ret->loop))
		return;
	ret->loop_ns = trip.ns;
}
