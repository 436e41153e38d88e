/* path.c - test one rail against its partner at a peer. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/judge.h"
#include "plugins/rdma-probe/run.h"

#define OPEN_ID	  0
#define PATH_ROOM 4096 /* the largest RoCE MTU */

/* What the supervisor waits for is a little later than what we promise ourselves. */
void run_expect_verdict_by(struct run *run, int64_t when)
{
	run->verdict_by = when;
	run->task->limit = when + 100 * NS_MS;
}

/* An interface of ours in the peer's subnet should have been a rail. */
static bool explain_missing(struct run *run)
{
	const struct local *local = run->plan->local;

	for (int i = 0; local && i < local->naddrs; i++) {
		const struct address *addr = &local->addrs[i];

		if (!cidr_contains(&run->theirs->ip, &addr->ip.ip))
			continue;
		gid_explain(local, addr->ifindex, &addr->ip.ip, run->fault);
		return true;
	}
	return false;
}

static int one_sided(struct run *run)
{
	const struct rail *rail = run->mine ? run->mine : run->theirs;
	const char *who = run->mine ? run->plan->host : run->plan->peer_host,
		   *other = run->mine ? run->plan->peer_host : run->plan->host;
	char text[CIDR_LEN];

	if (!run->mine && explain_missing(run))
		return -1;
	fault_set(run->fault, REASON_NO_ROCEV2_GID, 0,
		  "%s has rail %s (%s), %s has no rail in that subnet or of that name",
		  who, rail->name,
		  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one has it */
		  rail->ip.ip.family ? cidr_format(&rail->ip, text) : "-", other);
	return fault_fix(
		run->fault,
		"see rdma-probe gids on %s; if it is meant to be so, name the rail: "
		"PEER@RAIL, or --rail",
		other);
}

/* RoCE sends packets of its own MTU, whether they fit the interface or not. */
static int check_mtu(struct run *run, const struct rail *rail, const char *host)
{
	if (!rail->netdev_mtu || !rail->active_mtu ||
	    rail->active_mtu + ROCE_HEADROOM <= rail->netdev_mtu)
		return 0;
	return fault_set(run->fault, REASON_MTU_NETDEV_SMALL, 0,
			 "on %s: RoCE MTU %d does not fit the MTU %d of %s", host,
			 rail->active_mtu, rail->netdev_mtu, rail->netdev);
}

static int check_ends(struct run *run)
{
	if (run->mine && !rail_usable(run->mine)) {
		*run->fault = run->mine->fault;
		return -1;
	}
	if (run->theirs && !rail_usable(run->theirs)) {
		*run->fault = run->theirs->fault;
		fault_blame(run->fault, run->plan->peer_host);
		return -1;
	}
	if (!run->mine || !run->theirs)
		return one_sided(run);
	if (run->mine->ip.ip.family != run->theirs->ip.ip.family)
		return fault_set(run->fault, REASON_NO_ROCEV2_GID, 0,
				 "one end has an IPv4 GID, the other an IPv6 GID");
	return check_mtu(run, run->mine, run->plan->host) ||
			       check_mtu(run, run->theirs, run->plan->peer_host)
		       ? -1
		       : 0;
}

static int find_route(struct run *run)
{
	return egress_check(run->mine, &run->theirs->ip.ip, &run->route, run->fault);
}

static void suspect_wrong_rail(struct run *run)
{
	if (!fault_is_interruption(run->fault) &&
	    strcmp(run->mine->name, run->theirs->name))
		fault_note(
			run->fault,
			"wrong rail? %s of %s and %s of %s share a subnet, not a name: "
			"see whether addresses or cables are swapped",
			run->mine->name, run->plan->host, run->theirs->name,
			run->plan->peer_host);
}

/* A good neighbour answers at once, and the kernel asks only once a second. */
static int warm_neighbour(struct run *run)
{
	struct until limit = run_until(run, clock_ns() + run->plan->deadline / 2);

	if (neigh_warm(run->mine, &run->theirs->ip.ip, &run->route, &limit, &run->neigh,
		       run->fault)) {
		suspect_wrong_rail(run);
		return -1;
	}
	if (run->route.gateway.family)
		return 0;
	if (!neigh_check_owner(&run->neigh, run->theirs, &run->plan->theirs, run->fault))
		return 0;
	suspect_wrong_rail(run);
	return -1;
}

static int connect_rc(struct run *run)
{
	struct rc_end own = rc_end(&run->rc);

	run->path->mtu = own.mtu < run->peer.mtu ? own.mtu : run->peer.mtu;
	return rc_connect(&run->rc, &run->peer, &run->params, run->fault);
}

int run_rest(struct run *run)
{
	struct until limit;
	struct err err;

	if (run->task->ending)
		return fault_interrupted(run->fault);
	if (!run->plan->interval)
		return 0;
	limit = (struct until){ clock_ns() + run->plan->interval, run->plan->stop };
	if (!wire_wait(run->wire.fd, POLLIN | POLLRDHUP, &limit, &err))
		return fault_set(run->fault, REASON_PEER_DEAD, 0,
				 "%s closed its control channel", run->plan->peer_host);
	if (err.no == ECANCELED)
		return fault_interrupted(run->fault);
	run_expect_verdict_by(run, limit.deadline + run->plan->deadline);
	return 0;
}

/* No look at the clock but the two that are the measurement: see rc.c. */
static int ping_once(struct run *run)
{
	struct path *path = run->path;
	struct rc_trip trip;
	/* Leave time to find out what a silence means. */
	struct until limit = run_until(run, run->verdict_by - run->plan->deadline / 5);

	path->sent++;
	if (rc_ping(&run->rc, &limit, &trip, run->fault))
		return -1;
	path->ok++;
	stats_add(&path->rtt, trip.ns);
	path->by_nic = rc_has_clock(&run->rc);
	run_expect_verdict_by(run, trip.acked + run->plan->deadline);
	return 0;
}

static int ping_all(struct run *run)
{
	for (int64_t i = 0; !run->plan->count || i < run->plan->count; i++)
		if ((i && run_rest(run)) || ping_once(run))
			return -1;
	return 0;
}

static int open_own(struct run *run)
{
	if (rc_open(&run->rc, run->mine, RC_INITIATOR, run->fault))
		return -1;
	run->rc.mtu = run->plan->mtu;
	return run->params.room ? rc_make_room(&run->rc, run->params.room, run->fault)
				: 0;
}

static int open_peer(struct run *run)
{
	return run_open_rc(run, OPEN_ID, &run->rc, &run->params, &run->peer);
}

enum when { ALWAYS, FOR_RC, FOR_UD, FOR_LADDER, FOR_SIZES, FOR_PATHS, FOR_BW, FOR_CM };

/* In the order in which each can tell something the later ones could not tell apart.
 * rdma_cm comes last: without UDP 4791 it would fail too, and that is told better. */
static const struct step {
	const char *id, *name, *what;
	enum when when;
	int (*take)(struct run *run);
} steps[PATH_STEPS] = {
	{ "R1", "both_ends", "looking at both ends", ALWAYS, check_ends },
	{ "R2", "route", "looking up the route", ALWAYS, find_route },
	{ "R3", "neighbour", "resolving the neighbour", ALWAYS, warm_neighbour },
	{ "R4", "icmp", "waiting for ICMP", FOR_LADDER, ladder_icmp },
	{ "R0", "own_device", "opening the device", FOR_RC, open_own },
	{ "R6", "ud_probes", "waiting for datagrams", FOR_LADDER, ladder_ud },
	{ "R6", "ud_ping", "waiting for datagrams", FOR_UD, ping_ud },
	{ "R7", "peer_device", "waiting for the peer to open its end", FOR_RC,
	  open_peer },
	{ "R7", "rc_connect", "connecting the queue pair", FOR_RC, connect_rc },
	{ "R8", "rc_write0", "waiting for an acknowledgement", FOR_RC, ping_all },
	{ "R9", "rc_sizes", "writing larger sizes", FOR_SIZES, ladder_sizes },
	{ "R10", "dscp", "comparing the traffic class", FOR_LADDER, ladder_dscp },
	{ "R11", "paths", "trying other flow labels", FOR_PATHS, ladder_paths },
	{ "R12", "bandwidth", "measuring bandwidth", FOR_BW, ladder_bw },
	{ "R5", "rdma_cm", "asking by rdma_cm", FOR_CM, ladder_cm },
};

static bool applies(const struct step *step, const struct path_plan *plan)
{
	switch (step->when) {
	case FOR_RC:
		return plan->op == PATH_RC;
	case FOR_UD:
		return plan->op != PATH_RC;
	case FOR_LADDER:
		return plan->ladder;
	case FOR_SIZES:
		return plan->ladder || plan->sizes;
	case FOR_PATHS:
		return plan->paths > 0;
	case FOR_BW:
		return plan->bw || (plan->ladder && plan->duration);
	case FOR_CM:
		return plan->cm;
	default:
		return true;
	}
}

/* A rung of a ladder may take a deadline of its own: what was learnt so far is worth
 * more than an early verdict. */
static int take_step(struct run *run, int i)
{
	struct rung *rung = &run->path->rungs[i];
	int r;

	if (!applies(&steps[i], run->plan))
		return 0;
	if (run->plan->ladder)
		run_expect_verdict_by(run, clock_ns() + run->plan->deadline);
	run->path->step = i;
	run->rung = rung;
	rung->reached = true;
	r = steps[i].take(run);
	if (r)
		rung->status = reason_verdict(run->fault->reason) == VERDICT_FAIL
				       ? CHECK_FAIL
				       : CHECK_UNKNOWN;
	return r;
}

const char *path_step_id(int step)
{
	return steps[step].id;
}

const char *path_step_name(int step)
{
	return steps[step].name;
}

void path_init(struct path *ret, const struct path_plan *plan, const struct rail *mine,
	       const struct rail *theirs)
{
	*ret = (struct path){ .plan = plan,
			      .mine = mine,
			      .theirs = theirs,
			      .result = VERDICT_UNKNOWN,
			      .flow_label = plan->params.flow_label };

	/* A label of our own, so that the UDP source port is known: with 0 the drivers
	 * each derive one in their own way. */
	while (!ret->flow_label) {
		uint32_t random = 0;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			random = 0x12345;
		ret->flow_label = random & 0xfffff;
	}
}

static void conclude(struct run *run, int r)
{
	struct path *path = run->path;

	if (r == 0) {
		path->result = VERDICT_OK;
		return;
	}
	if (!fault_is_interruption(run->fault)) {
		path->result = reason_verdict(run->fault->reason);
		return;
	}
	/* Told to end: what was under way then was not lost. */
	if (run->plan->op == PATH_RC)
		path->sent = path->ok;
	path->result = !run->plan->count && path->ok ? VERDICT_OK : VERDICT_UNKNOWN;
	if (path->result == VERDICT_OK)
		*run->fault = (struct fault){ 0 };
}

void path_test(struct task *task)
{
	struct path *path = task->arg;
	struct run run = { .path = path,
			   .plan = path->plan,
			   .mine = path->mine,
			   .theirs = path->theirs,
			   .task = task,
			   .params = path->plan->params,
			   .wire = WIRE_NONE,
			   .fault = &path->fault };
	int r = 0;

	run.params.flow_label = path->flow_label;
	if (path->plan->ladder || path->plan->sizes)
		run.params.room = PATH_ROOM;
	if (path->plan->bw)
		run.params.room = (int)path->plan->size;
	run_expect_verdict_by(&run, clock_ns() + path->plan->deadline);
	for (int i = 0; i < PATH_STEPS && !r; i++)
		r = take_step(&run, i);
	if (r)
		run_autopsy(&run);
	conclude(&run, r);
	ladder_close(&run);
	rc_close(&run.rc);
	wire_close(&run.wire);
}

void path_give_up(struct path *ret, const struct path *path)
{
	path_init(ret, path->plan, path->mine, path->theirs);
	ret->flow_label = path->flow_label;
	ret->result = VERDICT_FAIL;
	ret->rungs[path->step] = (struct rung){ .reached = true, .status = CHECK_FAIL };
	fault_set(&ret->fault, REASON_DEADLINE, 0, "no answer from the kernel while %s",
		  steps[path->step].what);
}

void path_untested(struct path *ret, const struct path *path, const struct fault *why)
{
	path_init(ret, path->plan, path->mine, path->theirs);
	ret->fault = *why;
	ret->rungs[0] = (struct rung){ .reached = true, .status = CHECK_UNKNOWN };
	ret->result =
		why->no == ECANCELED ? VERDICT_UNKNOWN : reason_verdict(why->reason);
}
