/* run_cm.c - have a peer expect our datagrams, told by rdma_cm and nothing else. */
#include <stdlib.h>
#include <string.h>

#include "plugins/rdma-probe/cm.h"
#include "plugins/rdma-probe/cm_msg.h"
#include "plugins/rdma-probe/run.h"

static int refused(struct run *run)
{
	fault_set(run->fault, REASON_CM_REJECTED, 0,
		  "%s answers on %s that nobody serves port %s", run->plan->peer_host,
		  run->mine->netdev, run->plan->peer.port);
	return fault_fix(run->fault, "start rdma-probe serve --cm on %s",
			 run->plan->peer_host);
}

static int read_reply(struct run *run, const struct cm_talk *talk)
{
	if (!cm_reply_read(talk->reply, talk->reply_len, &run->ud_peer))
		return fault_set(run->fault, REASON_CM_REJECTED, 0,
				 "who serves port %s of %s is no rdma-probe",
				 run->plan->peer.port, run->plan->peer_host);
	memcpy(run->ud_peer.gid, run->theirs->gid, sizeof(run->ud_peer.gid));
	return 0;
}

int run_cm_ask(struct run *run, const struct hub_prober *prober)
{
	uint8_t request[CM_REQUEST_LEN];
	struct cm_talk talk = { .port = atoi(run->plan->peer.port),
				.request = request,
				.len = sizeof(request) };
	/* Leave as much again for the datagrams. */
	struct until limit = run_until(run, clock_ns() + run->plan->deadline / 2);

	cm_request_write(prober, request);
	switch (cm_ask(run->mine, &run->theirs->ip.ip, &talk, &limit, run->fault)) {
	case CM_ANSWERED:
		return read_reply(run, &talk);
	case CM_NOBODY:
		return refused(run);
	default:
		return -1;
	}
}
