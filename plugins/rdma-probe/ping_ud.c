/* ping_ud.c - the ping as a datagram, which the peer's program answers. */
#include "plugins/rdma-probe/run.h"

#define PATIENCE_NS (500 * NS_MS) /* after that, one is lost, if not earlier */
#define PATIENCE    5		  /* of a deadline, that part */
#define LOST_ENOUGH 3		  /* before any was answered */

/* Time for the last of them to come, and for what the silence means to be asked. */
static int64_t last_moment(const struct run *run)
{
	return run->verdict_by - run->plan->deadline / 5;
}

static int64_t patience(const struct run *run)
{
	int64_t part = run->plan->deadline / PATIENCE,
		until = clock_ns() + (part < PATIENCE_NS ? part : PATIENCE_NS);

	return until < last_moment(run) ? until : last_moment(run);
}

/* One, and its answer; that it got lost is no failure yet. */
static int probe(struct run *run, uint32_t sequence)
{
	struct path *path = run->path;
	int before = run->tally.answered, r;

	if (run_ud_send(run, sequence))
		return -1;
	r = run_ud_receive(run, patience(run), &path->rtt);
	if (r) /* was under way, and is not lost */
		run->tally.sent--;
	path->sent = run->tally.sent;
	path->ok = run->tally.answered;
	if (run->tally.answered > before)
		run_expect_verdict_by(run, clock_ns() + run->plan->deadline);
	return r;
}

static bool is_silent(const struct run *run)
{
	return clock_ns() >= last_moment(run) ||
	       (!run->tally.answered && run->tally.sent >= LOST_ENOUGH);
}

/* Until all were sent, or nothing comes any more. */
static int probe_all(struct run *run)
{
	int64_t count = run->plan->count;

	for (int64_t i = 0; !count || i < count; i++) {
		if (i && run_rest(run))
			return -1;
		if (is_silent(run))
			return 0;
		if (probe(run, (uint32_t)i))
			return -1;
	}
	return 0;
}

int ping_ud(struct run *run)
{
	bool endless = !run->plan->count;

	if (run_ud_begin(run))
		return -1;
	if (probe_all(run)) {
		if (!fault_is_interruption(run->fault) || !endless || !run->tally.sent)
			return -1;
		*run->fault = (struct fault){ 0 }; /* told to end: so it is over */
	}
	return run_ud_conclude(run);
}
