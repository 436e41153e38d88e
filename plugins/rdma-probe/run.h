/*
 * run.h - the test of a path while it runs: what its steps share.
 *
 * A step returns 0, or -1 with run->fault. What it saw goes into run->rung, and a step
 * that only informs marks that CHECK_WARN or CHECK_UNKNOWN and returns 0.
 */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include "pkg/clock.h"
#include "plugins/rdma-probe/neigh.h"
#include "plugins/rdma-probe/path.h"
#include "plugins/rdma-probe/rc.h"
#include "plugins/rdma-probe/ud.h"
#include "plugins/rdma-probe/tally.h"

struct run {
	struct path *path;
	const struct path_plan *plan;
	const struct rail *mine, *theirs;
	struct task *task;
	int64_t verdict_by; /* moves on with every answer */
	struct rc_path params;
	struct egress route;
	struct neigh neigh;
	struct wire wire;
	struct rc rc;
	struct rc_end peer;
	struct ud ud;
	struct ud_end ud_peer;
	struct ibv_ah *ah;
	uint32_t token;
	struct tally tally;
	struct rung *rung;
	struct fault *fault;
};

/* The earlier of a deadline and the moment the verdict is due. */
static inline struct until run_until(const struct run *run, int64_t deadline)
{
	return (struct until){ deadline < run->verdict_by ? deadline : run->verdict_by,
			       run->plan->stop };
}

void run_expect_verdict_by(struct run *run, int64_t when);
void run_note(struct run *run, enum check_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The peer's answer to a request: 0, or -1 with *err. Connects when that is needed. */
int run_ask(struct run *run, struct proto_request *request, const char **answer,
	    size_t *len, struct err *err);

/* The peer's end of a connection, or of datagrams; it expects us then. */
int run_open_rc(struct run *run, int id, const struct rc *rc,
		const struct rc_path *params, struct rc_end *ret);
int run_open_ud(struct run *run, const struct hub_prober *prober, struct ud_end *ret);

/* The same for PATH_CM: asked by rdma_cm, the peer's end goes into run->ud_peer. */
int run_cm_ask(struct run *run, const struct hub_prober *prober);

/* Between two pings: 0 to go on. A peer that goes away closes the control channel. */
int run_rest(struct run *run);

/* Open a datagram queue pair here, and have the peer expect us. */
int run_ud_begin(struct run *run);

/* One probe, counted. */
int run_ud_send(struct run *run, uint32_t sequence);

/* Count the answers that have come into the tally, until all were answered or that moment
 * is there; round trips go to rtt, unless that is NULL. */
int run_ud_receive(struct run *run, int64_t when, struct stats *rtt);

/* What became of them: 0, or -1 with the fault. */
int run_ud_conclude(struct run *run);

/* The ping, when it is a datagram. */
int ping_ud(struct run *run);

/* Steps for those who want to know more. */
int ladder_icmp(struct run *run);
int ladder_ud(struct run *run);
int ladder_sizes(struct run *run);
int ladder_dscp(struct run *run);
int ladder_paths(struct run *run);
int ladder_cm(struct run *run);
int ladder_bw(struct run *run);
void ladder_close(struct run *run);

/* After a failure: look at what may have caused it, as long as there is time. */
void run_autopsy(struct run *run);

#endif
