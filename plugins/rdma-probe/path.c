/* path.c - test one rail against its partner at a peer. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/run.h"

#define OPEN_ID 0

/* What the supervisor waits for is a little later than what we promise ourselves. */
static void expect_verdict_by(struct run *run, int64_t when)
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
		  rail->ip.ip.family ? cidr_format(&rail->ip, text) : "-", other);
	return fault_fix(
		run->fault,
		"see rdma-probe gids on %s; if it is meant to be so, name the rail: "
		"PEER@RAIL, or --rail",
		other);
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
	return 0;
}

static int find_route(struct run *run)
{
	return egress_check(run->mine, &run->theirs->ip.ip, &run->route, run->fault);
}

/* A good neighbour answers at once, and the kernel asks only once a second. */
static int warm_neighbour(struct run *run)
{
	struct until limit = run_until(run, clock_ns() + run->plan->deadline / 2);

	if (neigh_warm(run->mine, &run->theirs->ip.ip, &run->route, &limit, &run->neigh,
		       run->fault))
		return -1;
	if (run->route.gateway.family)
		return 0;
	return neigh_check_owner(&run->neigh, run->theirs, &run->plan->theirs,
				 run->fault);
}

static int open_own(struct run *run)
{
	return rc_open(&run->rc, run->mine, RC_INITIATOR, run->fault);
}

/* It answered when it was greeted, a moment ago. */
static int control_failed(struct run *run, const struct err *err)
{
	switch (err->no) {
	case ECANCELED:
		return fault_interrupted(run->fault);
	case ETIMEDOUT:
		return fault_set(run->fault, REASON_DEADLINE, 0,
				 "%s did not open its end by the deadline",
				 run->plan->peer_host);
	case ECONNREFUSED:
	case ECONNRESET:
		return fault_from_err(run->fault, REASON_PEER_DEAD, err);
	default:
		return fault_from_err(run->fault, REASON_PEER_ABSENT, err);
	}
}

static int ask_to_open(struct run *run, const char **answer, size_t *len, struct err *err)
{
	struct proto_request request = { .op = PROTO_OPEN_RC,
					 .id = OPEN_ID,
					 .end = rc_end(&run->rc),
					 .path = run->params };
	struct until limit = run_until(run, run->verdict_by);
	int64_t left = (limit.deadline - clock_ns()) / NS_MS;
	_autofree_ char *line = NULL;
	int r;

	request.budget_ms = left < 0		      ? 0
			    : left > PROTO_BUDGET_MAX ? PROTO_BUDGET_MAX
						      : (int)left;
	memcpy(request.rail, run->theirs->name, sizeof(request.rail));
	line = proto_make_request(&request);
	if (!line)
		return err_set(err, ENOMEM, "ask the peer");
	if (wire_connect(&run->wire, &run->plan->peer, PROTO_ANSWER_MAX, &limit, err) ||
	    wire_send(&run->wire, line, &limit, err))
		return -1;
	r = wire_line(&run->wire, &limit, answer, len, err);
	return r ? r : err_set(err, ECONNRESET, "control channel");
}

static int open_peer(struct run *run)
{
	const char *answer;
	struct fault refusal;
	struct err err;
	size_t len;
	int r;

	if (ask_to_open(run, &answer, &len, &err) < 0)
		return control_failed(run, &err);
	r = proto_read_opened(answer, len, &run->peer, &refusal, &err);
	if (r < 0)
		return control_failed(run, &err);
	if (r == 0) {
		*run->fault = refusal;
		fault_blame(run->fault, run->plan->peer_host);
		return -1;
	}
	if (memcmp(run->peer.gid, run->theirs->gid, sizeof(run->peer.gid)))
		return fault_set(run->fault, REASON_NO_ROCEV2_GID, 0,
				 "the GID of %s changed while it was being tested",
				 run->theirs->name);
	return 0;
}

static int connect_rc(struct run *run)
{
	struct rc_end own = rc_end(&run->rc);

	run->path->mtu = own.mtu < run->peer.mtu ? own.mtu : run->peer.mtu;
	return rc_connect(&run->rc, &run->peer, &run->params, run->fault);
}

/* Between two pings; a peer that goes away closes the control channel. */
static int rest(struct run *run)
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
	expect_verdict_by(run, limit.deadline + run->plan->deadline);
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
	stats_add(&path->rtt, trip.acked - trip.posted);
	expect_verdict_by(run, trip.acked + run->plan->deadline);
	return 0;
}

static int ping_all(struct run *run)
{
	for (int64_t i = 0; !run->plan->count || i < run->plan->count; i++)
		if ((i && rest(run)) || ping_once(run))
			return -1;
	return 0;
}

static const struct step {
	const char *what;
	int (*take)(struct run *run);
} steps[] = {
	{ "looking at both ends", check_ends },
	{ "looking up the route", find_route },
	{ "resolving the neighbour", warm_neighbour },
	{ "opening the device", open_own },
	{ "waiting for the peer to open its end", open_peer },
	{ "connecting the queue pair", connect_rc },
	{ "waiting for an acknowledgement", ping_all },
};

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
	expect_verdict_by(&run, clock_ns() + path->plan->deadline);
	for (size_t i = 0; i < ARRAY_SIZE(steps) && !r; i++) {
		path->step = (int)i;
		r = steps[i].take(&run);
	}
	if (r)
		run_autopsy(&run);
	conclude(&run, r);
	rc_close(&run.rc);
	wire_close(&run.wire);
}

void path_give_up(struct path *ret, const struct path *path)
{
	path_init(ret, path->plan, path->mine, path->theirs);
	ret->flow_label = path->flow_label;
	ret->result = VERDICT_FAIL;
	fault_set(&ret->fault, REASON_DEADLINE, 0, "no answer from the kernel while %s",
		  steps[path->step].what);
}

void path_untested(struct path *ret, const struct path *path, const struct fault *why)
{
	path_init(ret, path->plan, path->mine, path->theirs);
	ret->fault = *why;
	ret->result =
		why->no == ECANCELED ? VERDICT_UNKNOWN : reason_verdict(why->reason);
}
