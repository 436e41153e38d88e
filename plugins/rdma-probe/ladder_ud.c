/* ladder_ud.c - a few datagrams to the peer and back, before connections are tried. */
#include "plugins/rdma-probe/run.h"

#define PROBES	    10
#define PAUSE_NS    (2 * NS_MS)
#define PATIENCE_NS (200 * NS_MS) /* for the last answer */

int ladder_ud(struct run *run)
{
	if (run_ud_begin(run))
		return -1;
	for (uint32_t i = 0; i < PROBES; i++)
		if (run_ud_send(run, i) ||
		    run_ud_receive(run, clock_ns() + PAUSE_NS, NULL))
			return -1;
	if (run_ud_receive(run, clock_ns() + PATIENCE_NS, NULL))
		return -1;
	return run_ud_conclude(run);
}
