/* mesh.c - test all rails to many peers, in the order of a tournament. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/crew.h"
#include "plugins/rdma-probe/mesh.h"
#include "plugins/rdma-probe/schedule.h"
#include "plugins/rdma-probe/visit.h"
#include "plugins/rdma-probe/wire.h"

#define PAUSE_NS     (500 * NS_MS) /* before absent peers are asked again */
#define ENDING_TRIES 50
#define DONE_NS	     (300 * NS_MS)

/* Spread over all of them, not the first ones: those are neighbours. */
int mesh_round(int n, int most, int i)
{
	int rounds = schedule_rounds(n);

	if (!most || most > rounds)
		most = rounds;
	return i < most ? (int)((long)i * rounds / most) : -1;
}

int mesh_order(int n, int self, int most, int *ret)
{
	int count = 0, round;

	for (int i = 0; self >= 0 && (round = mesh_round(n, most, i)) >= 0; i++) {
		int partner = schedule_partner(n, round, self);

		if (partner >= 0)
			ret[count++] = partner;
	}
	for (int i = 0; self < 0 && i < n; i++)
		ret[count++] = i;
	return count;
}

struct mesh *mesh_new(const struct path_plan *plan, const struct peers *peers, int most)
{
	_automesh_ struct mesh *mesh = calloc(1, sizeof(*mesh));
	_autofree_ int *order = calloc(peers->n + 1, sizeof(*order));

	if (!mesh || !order)
		return NULL;
	mesh->plan = plan;
	mesh->meets = calloc(peers->n + 1, sizeof(*mesh->meets));
	if (!mesh->meets)
		return NULL;
	mesh->n = mesh_order(peers->n, peers_self(peers), most, order);
	for (int i = 0; i < mesh->n; i++) {
		struct meet *meet = &mesh->meets[i];

		meet->peer = &peers->v[order[i]];
		snprintf(meet->host, sizeof(meet->host), "%.63s", meet->peer->at.host);
	}
	return take_ptr(mesh);
}

static void forget(struct meet *meet)
{
	for (int i = 0; i < meet->n; i++)
		outcome_clear(&meet->outcomes[i]);
	free(meet->outcomes);
	meet->outcomes = NULL;
	meet->n = 0;
}

void mesh_free(struct mesh *mesh)
{
	if (!mesh || mesh->stuck)
		return;
	for (int i = 0; i < mesh->n; i++)
		forget(&mesh->meets[i]);
	free(mesh->meets);
	free(mesh);
}

enum verdict meet_verdict(const struct meet *meet)
{
	enum verdict worst = meet->n ? VERDICT_OK : VERDICT_UNKNOWN;

	for (int i = 0; i < meet->n; i++)
		if (meet->outcomes[i].result > worst)
			worst = meet->outcomes[i].result;
	return worst;
}

static int keep(struct meet *meet, const struct visit *visit)
{
	struct outcome *outcomes = calloc(visit->n + 1, sizeof(*outcomes));

	if (!outcomes)
		return -1;
	if (*visit->host)
		memcpy(meet->host, visit->host, sizeof(meet->host));
	for (int i = 0; i < visit->n; i++)
		outcome_of(&visit->paths[i], meet->host, &outcomes[i]);
	forget(meet);
	meet->outcomes = outcomes;
	meet->n = visit->n;
	meet->absent = !*visit->host;
	meet->late = false;
	for (int i = 0; i < meet->n; i++)
		meet->late |= outcome_fault(&outcomes[i])->reason == REASON_DEADLINE;
	meet->over = true;
	return 0;
}

static void meet_one(struct mesh *mesh, struct meet *meet)
{
	_autofree_ struct path_plan *plan = malloc(sizeof(*plan));
	_autovisit_ struct visit *visit = NULL;
	struct err err;

	if (!plan)
		return;
	memcpy(plan, mesh->plan, sizeof(*plan));
	plan->peer = meet->peer->at;
	visit = visit_new(plan);
	if (!visit || visit_run(visit, mesh->signals, &err))
		return;
	mesh->ending |= visit->interrupted;
	(void)keep(meet, visit);
}

/* Worth another try: it may have just started, as we have, and be busy. */
static bool is_open(const struct meet *meet)
{
	return meet->absent || meet->late;
}

/* In several threads: everyone takes the next one. */
static void work(struct task *task)
{
	struct mesh *mesh = task->arg;

	while (!mesh->ending && !task->ending) {
		int i = mesh->next++;

		if (i >= mesh->n)
			return;
		if (mesh->meets[i].over && !is_open(&mesh->meets[i]))
			continue;
		meet_one(mesh, &mesh->meets[i]);
		mesh->failed += meet_verdict(&mesh->meets[i]) == VERDICT_FAIL;
		mesh->done++;
		if (mesh->progress)
			mesh->progress(mesh);
	}
}

/* Visits keep to their deadlines, and end by themselves when they are told to. */
static int go_round(struct mesh *mesh, struct err *err)
{
	_autocrew_ struct crew crew;
	int workers = mesh->n < MESH_AT_A_TIME ? mesh->n : MESH_AT_A_TIME;

	mesh->next = 0;
	if (crew_init(&crew, mesh->signals, err))
		return -1;
	for (int i = 0; i < workers; i++)
		if (crew_start(&crew, work, mesh, INT64_MAX, err))
			break; /* with fewer, then */
	if (!crew.n)
		return -1;
	/* Told to end, a visit may take a little longer than its crew gives it. */
	for (int i = 0; i < ENDING_TRIES && !crew_wait(&crew); i++)
		sleep_ms(10);
	mesh->stuck = !crew_wait(&crew);
	mesh->ending |= crew.interrupted || mesh->stuck;
	return 0;
}

static int count_open(const struct mesh *mesh)
{
	int n = 0;

	for (int i = 0; i < mesh->n; i++)
		n += is_open(&mesh->meets[i]);
	return n;
}

int mesh_run(struct mesh *mesh, struct err *err)
{
	int64_t until = clock_ns() + mesh->patience;

	if (!mesh->n)
		return 0;
	for (;;) {
		struct until pause = { clock_ns() + PAUSE_NS, mesh->signals };
		struct err why;

		if (go_round(mesh, err))
			return -1;
		if (mesh->ending || !count_open(mesh) || clock_ns() > until)
			return 0;
		if (wire_wait(-1, 0, &pause, &why) && why.no == ECANCELED)
			return 0;
		mesh->done -= count_open(mesh);
	}
}

static void say_done(const struct mesh *mesh, const struct meet *meet)
{
	struct until until = { clock_ns() + DONE_NS, mesh->signals };
	struct proto_request request = { .op = PROTO_DONE };
	_autowire_ struct wire wire = WIRE_NONE;
	_autofree_ char *line = NULL;
	const char *answer;
	struct err ignored;
	size_t len;

	memcpy(request.host, mesh->plan->host, sizeof(request.host));
	line = proto_make_request(&request);
	if (line &&
	    !wire_connect(&wire, &meet->peer->at, PROTO_ANSWER_MAX, &until, &ignored) &&
	    !wire_send(&wire, line, &until, &ignored))
		(void)wire_line(&wire, &until, &answer, &len, &ignored);
}

void mesh_say_done(const struct mesh *mesh)
{
	for (int i = 0; i < mesh->n && !mesh->ending; i++)
		if (mesh->meets[i].over && !mesh->meets[i].absent)
			say_done(mesh, &mesh->meets[i]);
}
