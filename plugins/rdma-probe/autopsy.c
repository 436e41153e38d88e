/* autopsy.c - a connection that stood has died: of what? No I/O. */
#include <linux/neighbour.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/autopsy.h"

/* The first cause that explains the silence, or NULL. */
static bool find_cause(const struct autopsy *seen, struct fault *cause)
{
	if (seen->closed) {
		fault_set(cause, REASON_PEER_DEAD, 0, "%s closed its control channel",
			  seen->peer_host);
		return true;
	}
	if (seen->port_state && seen->port_state != IBV_PORT_ACTIVE) {
		fault_set(cause, REASON_PORT_DOWN, 0, "our port of %s is %s now",
			  seen->netdev, port_state_name(seen->port_state));
		return true;
	}
	if (seen->answered && !rail_usable(&seen->rail)) {
		*cause = seen->rail.fault;
		fault_blame(cause, seen->peer_host);
		return true;
	}
	if (seen->neigh.state == NUD_FAILED) {
		fault_set(cause, REASON_NEIGH_FAILED, 0,
			  "%s no longer answers on %s: neighbour entry FAILED", seen->hop,
			  seen->netdev);
		return true;
	}
	return false;
}

static void keep_completion(struct fault *cause, const struct fault *fault)
{
	if (fault->notes)
		fault_note(cause, "%s", fault->note[0]);
	cause->wc_status = fault->wc_status;
	cause->vendor = fault->vendor;
}

void autopsy_conclude(const struct autopsy *seen, struct fault *fault)
{
	struct fault cause;

	if (find_cause(seen, &cause)) {
		keep_completion(&cause, fault);
		*fault = cause;
		return;
	}
	if (seen->answered)
		fault_note(fault,
			   "%s answers on its control channel and says its rail is %s",
			   seen->peer_host, port_state_name(seen->rail.state));
	else
		fault_note(fault,
			   "%s is silent on its control channel too: it may be down",
			   seen->peer_host);
	if (seen->neigh.state)
		fault_note(fault, "neighbour %s on %s is %s at %s", seen->hop,
			   seen->netdev, neigh_state_name(seen->neigh.state),
			   seen->neigh.mac);
}
