/* visit.c - test all rails to one peer, side by side. */
#include <errno.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/towards.h"
#include "plugins/rdma-probe/visit.h"
#include "plugins/rdma-probe/wire.h"

struct visit *visit_new(const struct path_plan *plan)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	if (!visit)
		return NULL;
	visit->plan = *plan;
	visit->holders = 1;
	memcpy(visit->plan.peer_host, plan->peer.host, PROTO_HOST_LEN - 1);
	return visit;
}

void visit_free(struct visit *visit)
{
	if (!visit || --visit->holders)
		return;
	for (int i = 0; i < visit->n; i++) {
		/* That of a task which was left behind was not taken over. */
		if (visit->work[i].rtt.values != visit->paths[i].rtt.values)
			stats_clear(&visit->work[i].rtt);
		stats_clear(&visit->paths[i].rtt);
	}
	free(visit);
}

int visit_greet(struct path_plan *plan, struct err *err)
{
	struct until until = { clock_ns() + plan->deadline, plan->stop };
	struct proto_request request = { .op = PROTO_HELLO, .family = plan->family };
	_autowire_ struct wire wire = WIRE_NONE;
	_autofree_ char *line = NULL;
	const char *answer;
	size_t len;
	int r;

	memcpy(request.host, plan->host, sizeof(request.host));
	line = proto_make_request(&request);
	if (!line)
		return err_set(err, ENOMEM, "greet the peer");
	if (wire_connect(&wire, &plan->peer, PROTO_ANSWER_MAX, &until, err) ||
	    wire_send(&wire, line, &until, err))
		return -1;
	r = wire_line(&wire, &until, &answer, &len, err);
	if (r <= 0)
		return r ? -1 : err_set(err, 0, "the control channel was closed");
	return proto_read_hello(answer, len, plan->peer_host, &plan->theirs, err);
}

static void greet_task(struct task *task)
{
	struct visit *visit = task->arg;
	const struct endpoint *peer = &visit->plan.peer;
	struct err err;

	if (!visit_greet(&visit->plan, &err)) {
		visit->heard = true;
		return;
	}
	if (err.no == ECANCELED) {
		fault_interrupted(&visit->why);
		return;
	}
	err_wrap(&err, "ask %s for its rails", peer->host);
	fault_from_err(&visit->why, REASON_PEER_ABSENT, &err);
	fault_fix(&visit->why, "start rdma-probe serve on %s, and let TCP port %s pass",
		  peer->host, peer->port);
}

/* Where nobody is asked for rails: those that lead to the addresses of the peer. */
static void look_task(struct task *task)
{
	struct visit *visit = task->arg;
	struct err err;

	if (!towards_peer(&visit->plan, &err)) {
		visit->heard = true;
		return;
	}
	fault_from_err(&visit->why, REASON_PEER_ABSENT, &err);
	fault_fix(&visit->why,
		  "by rdma_cm, a peer is named by its addresses on the rails");
}

static void let_go(void *arg)
{
	visit_free(arg);
}

/* Tasks of this crew go on using the visit: they hold it, too. */
static void leave(struct visit *visit, struct crew *crew)
{
	visit->left_behind = true;
	visit->holders++;
	crew->after = let_go;
	crew->after_arg = visit;
}

/* Run what was put into the crew, and note how that ended. */
static void wait_for(struct visit *visit, struct crew *crew)
{
	if (!crew_wait(crew))
		leave(visit, crew);
	visit->interrupted |= crew->interrupted;
}

static int meet(struct visit *visit, int signals, struct err *err)
{
	struct path_plan *plan = &visit->plan;
	_autocrew_ struct crew crew;

	if (crew_init(&crew, signals, err))
		return -1;
	plan->stop = crew.stop;
	if (crew_start(&crew, plan->op == PATH_CM ? look_task : greet_task, visit,
		       clock_ns() + plan->deadline + 100 * NS_MS, err))
		return -1;
	wait_for(visit, &crew);
	return 0;
}

static bool is_asked_for(const struct rail *rail, const char *name)
{
	return !*name || (rail && !strcmp(rail->name, name));
}

static void add_path(struct visit *visit, const struct rail *mine,
		     const struct rail *theirs)
{
	const char *name = visit->plan.peer.rail;

	if (is_asked_for(mine, name) || is_asked_for(theirs, name))
		path_init(&visit->work[visit->n++], &visit->plan, mine, theirs);
}

/* As many as there are places for. */
static void cross_rails(struct visit *visit)
{
	const struct rails *mine = &visit->plan.mine, *theirs = &visit->plan.theirs;

	for (int i = 0; i < mine->n; i++)
		for (int k = 0; k < theirs->n && visit->n < VISIT_PATHS; k++)
			add_path(visit, &mine->v[i], &theirs->v[k]);
}

static void pair_rails(struct visit *visit)
{
	const struct rails *mine = &visit->plan.mine, *theirs = &visit->plan.theirs;
	struct rail_pair pairs[VISIT_PATHS];
	int n = rails_pair(mine, theirs, pairs);

	for (int i = 0; i < n; i++)
		add_path(visit, pairs[i].mine < 0 ? NULL : &mine->v[pairs[i].mine],
			 pairs[i].theirs < 0 ? NULL : &theirs->v[pairs[i].theirs]);
}

/* Connecting keeps to the deadline; what does not is the resolver. */
static void note_silence(const struct visit *visit, struct fault *ret)
{
	if (!visit->left_behind)
		*ret = visit->why;
	else if (visit->interrupted)
		fault_interrupted(ret);
	else
		fault_set(ret, REASON_PEER_ABSENT, ETIMEDOUT, "resolve and ask %s",
			  visit->plan.peer.host);
}

/* Without the peer, every rail of ours is a path that could not be tested. */
static void give_reasons(struct visit *visit)
{
	const struct rails *mine = &visit->plan.mine;
	struct fault why;

	note_silence(visit, &why);
	for (int i = 0; i < mine->n; i++)
		add_path(visit, &mine->v[i], NULL);
	for (int i = 0; i < visit->n; i++) {
		const struct rail *rail = visit->work[i].mine;

		path_untested(&visit->paths[i], &visit->work[i],
			      rail_usable(rail) ? &why : &rail->fault);
	}
}

/* Take over what the tasks found; what still runs keeps writing to its own. */
static void collect(struct visit *visit, const struct crew *crew)
{
	for (int i = 0; i < visit->n; i++) {
		if (crew->tasks[i]->done)
			memcpy(&visit->paths[i], &visit->work[i], sizeof(struct path));
		else
			path_give_up(&visit->paths[i], &visit->work[i]);
	}
}

static int test_rails(struct visit *visit, int signals, struct err *err)
{
	_autocrew_ struct crew crew;

	if (crew_init(&crew, signals, err))
		return -1;
	visit->plan.stop = crew.stop;
	for (int i = 0; i < visit->n; i++)
		if (crew_start(&crew, path_test, &visit->work[i],
			       clock_ns() + 2 * visit->plan.deadline, err)) {
			if (i > 0)
				leave(visit, &crew);
			return -1;
		}
	wait_for(visit, &crew);
	collect(visit, &crew);
	return 0;
}

int visit_run(struct visit *visit, int signals, struct err *err)
{
	if (meet(visit, signals, err))
		return -1;
	if (visit->left_behind || !visit->heard) {
		give_reasons(visit);
		return 0;
	}
	memcpy(visit->host, visit->plan.peer_host, sizeof(visit->host));
	if (visit->plan.op == PATH_CM)
		towards_keep(&visit->plan);
	if (visit->plan.cross && visit->plan.mine.n && visit->plan.theirs.n)
		cross_rails(visit);
	else
		pair_rails(visit);
	return test_rails(visit, signals, err);
}
