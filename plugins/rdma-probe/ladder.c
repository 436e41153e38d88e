/* ladder.c - the steps of a path's test that only diagnose takes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/cm.h"
#include "plugins/rdma-probe/icmp.h"
#include "plugins/rdma-probe/run.h"
#include "plugins/rdma-probe/sport.h"

#define SMALL	     84 /* bytes of an echo, as ping(8) has it */
#define ROCE_HEADERS 60 /* IPv4, UDP, BTH, RETH and ICRC around a packet's data */
#define LEAST_SIZE   256
#define LABEL_ID     1
#define LABEL_PINGS  3
#define SPORTS_SHOWN 8

/* The answer that nobody serves it is all we want. */
#define NOBODYS_SERVICE 4791

/* Within `share` of what is left until the verdict is due. */
static struct until part(const struct run *run, int share)
{
	int64_t now = clock_ns();

	return run_until(run, now + (run->verdict_by - now) / share);
}

static int may_not_ask(struct run *run, int no)
{
	if (no == ECANCELED)
		return fault_interrupted(run->fault);
	run_note(run, CHECK_UNKNOWN, "cannot ask: %s", strerror(no));
	return 0;
}

/* Only evidence: many filter ICMP, and a large echo that is lost proves nothing that
 * the writes do not prove better. */
int ladder_icmp(struct run *run)
{
	const struct ip *dst = &run->theirs->ip.ip;
	int mtu = run->mine->active_mtu < run->theirs->active_mtu
			  ? run->mine->active_mtu
			  : run->theirs->active_mtu,
	    large = mtu + ROCE_HEADERS;
	struct until limit = part(run, 3);
	int no = icmp_echo(run->mine, dst, SMALL, &limit);

	if (no == ETIMEDOUT) {
		run_note(run, CHECK_WARN, "icmp_blocked: no echo of %d bytes", SMALL);
		return 0;
	}
	if (no)
		return may_not_ask(run, no);
	limit = part(run, 2);
	no = icmp_echo(run->mine, dst, large, &limit);
	if (no && no != ETIMEDOUT)
		return may_not_ask(run, no);
	run_note(run, no ? CHECK_WARN : CHECK_OK, "echo of %d bytes passes, of %d %s",
		 SMALL, large, no ? "does not" : "too");
	return 0;
}

/* Only silence speaks of the path: what else fails is a fault of its own. */
static bool is_lost(const struct fault *fault)
{
	return fault->reason == REASON_RC_RETRY_EXCEEDED ||
	       fault->reason == REASON_DEADLINE;
}

static int write_size(struct run *run, int size, int passed)
{
	struct until limit = run_until(run, run->verdict_by - run->plan->deadline / 5);
	struct rc_trip trip;
	struct fault seen;

	if (!rc_write(&run->rc, size, &limit, &trip, run->fault)) {
		run_expect_verdict_by(run, trip.acked + run->plan->deadline);
		return 0;
	}
	if (fault_is_interruption(run->fault))
		return -1;
	seen = *run->fault;
	fault_set(run->fault, is_lost(&seen) ? REASON_MTU_BLACKHOLE : seen.reason, 0,
		  "writes of %d bytes pass, of %d bytes not", passed, size);
	run->fault->wc_status = seen.wc_status;
	run->fault->vendor = seen.vendor;
	fault_note(run->fault, "%s", seen.note[0]);
	fault_note(run->fault, "MTU of %s here is %d, of %s at %s %d", run->mine->netdev,
		   run->mine->netdev_mtu, run->theirs->netdev, run->plan->peer_host,
		   run->theirs->netdev_mtu);
	return -1;
}

int ladder_sizes(struct run *run)
{
	int passed = 0;

	if (run->peer.room < run->path->mtu) {
		run_note(run, CHECK_UNKNOWN, "the peer made no room");
		return 0;
	}
	for (int size = LEAST_SIZE; size <= run->path->mtu; size *= 2) {
		if (write_size(run, size, passed))
			return -1;
		passed = size;
	}
	run_note(run, CHECK_OK, "writes of %d to %d bytes pass", LEAST_SIZE, passed);
	return 0;
}

int ladder_dscp(struct run *run)
{
	const struct tally *tally = &run->tally;

	if (!tally->answered) {
		run_note(run, CHECK_UNKNOWN, "no datagram told");
		return 0;
	}
	run_note(run, CHECK_OK, "DSCP %d arrives as it was sent, TTL %d",
		 run->params.tc >> 2, tally->ttl);
	return tally_check_dscp(tally, run->params.tc, run->plan->peer_host, run->fault);
}

static int ping_label(struct run *run, struct rc *rc)
{
	struct until limit = part(run, 2);
	struct rc_trip trip;

	for (int i = 0; i < LABEL_PINGS; i++)
		if (rc_ping(rc, &limit, &trip, run->fault))
			return -1;
	return 0;
}

/* A connection with another flow label, and so on another path where there are some. */
static int try_label(struct run *run, int label)
{
	struct rc_path params = run->params;
	_autorc_ struct rc rc = { 0 };
	struct rc_end peer;

	params.flow_label = label;
	params.room = 0;
	run_expect_verdict_by(run, clock_ns() + run->plan->deadline);
	if (rc_open(&rc, run->mine, RC_INITIATOR, run->fault) ||
	    run_open_rc(run, LABEL_ID, &rc, &params, &peer) ||
	    rc_connect(&rc, &peer, &params, run->fault))
		return -1;
	return ping_label(run, &rc);
}

/* A link that drops a label drops it again; a machine that was busy for a moment does
 * not. */
static int try_label_twice(struct run *run, int label)
{
	int r = try_label(run, label);

	return r && is_lost(run->fault) ? try_label(run, label) : r;
}

int ladder_paths(struct run *run)
{
	char ports[SPORTS_SHOWN * 8] = "";
	int failed = 0, n = run->plan->paths;

	for (int i = 1; i <= n; i++) {
		int label = (run->params.flow_label + i) & 0xfffff;
		size_t used = strlen(ports);

		if (!try_label_twice(run, label ? label : 1))
			continue;
		if (!is_lost(run->fault))
			return -1;
		if (failed++ < SPORTS_SHOWN)
			snprintf(ports + used, sizeof(ports) - used, "%s%d",
				 used ? ", " : "", sport_of(label ? label : 1));
	}
	run->path->labels_ok = n - failed;
	run->path->labels_lost = failed;
	/* The first one, which works, counts among those that were tried. */
	run_note(run, CHECK_OK,
		 "%d of %d flow labels work; of 4 equal paths all were tried with %.0f "
		 "%%, "
		 "of 8 with %.0f %%",
		 n - failed, n, 100 * sport_coverage(n + 1, 4),
		 100 * sport_coverage(n + 1, 8));
	if (!failed) {
		*run->fault = (struct fault){ 0 };
		return 0;
	}
	return fault_set(run->fault, REASON_ECMP_PARTIAL, 0,
			 "%d of %d flow labels are lost: UDP source ports %s%s", failed,
			 n, ports, failed > SPORTS_SHOWN ? ", .." : "");
}

int ladder_cm(struct run *run)
{
	struct until limit = part(run, 1);
	struct cm_talk talk = { .port = NOBODYS_SERVICE };
	struct fault fault;

	switch (cm_ask(run->mine, &run->theirs->ip.ip, &talk, &limit, &fault)) {
	case CM_ANSWERED:
	case CM_NOBODY:
		run_note(run, CHECK_OK, "the peer's queue pair 1 answers");
		return 0;
	case CM_CANNOT:
		run_note(run, CHECK_UNKNOWN, "%s", fault.note[0]);
		return 0;
	case CM_FAILED:
		break;
	}
	*run->fault = fault;
	return fault_note(run->fault, "reliable connections work: only programs that use "
				      "rdma_cm are affected");
}

void ladder_close(struct run *run)
{
	if (run->ah)
		(void)ibv_destroy_ah(run->ah);
	if (run->ud.ctx)
		ud_close(&run->ud);
}
