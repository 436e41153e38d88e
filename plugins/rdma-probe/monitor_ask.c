/* monitor_ask.c - a path failed: ask others how they reach its ends, and answer that. */
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/bisect.h"
#include "plugins/rdma-probe/monitor.h"
#include "plugins/rdma-probe/wire.h"

#define ANSWER_MAX 4096
#define SLACK	   NS_S /* of what others heard, since nobody hears at the same moment */
#define SETTLE	   2	/* windows, until others have noticed, too */

/* What is asked; no lock is held meanwhile. */
struct question {
	uint8_t us[16], peer[16]; /* the ends of the path */
	int64_t silence;	  /* of the peer, so far */
	struct endpoint others[BISECT_MAX];
	struct bisect_answer answers[BISECT_MAX];
	int n;
};

static bool is_usable(struct monitor *monitor, const char *name)
{
	const struct rail_state *rail = monitor_rail(monitor, name, false);

	return rail && rail_usable(&rail->rail);
}

/* A path that is down for want of a rail or of a peer tells nothing of the other end. */
static struct proto_path how_is(struct monitor *monitor, const struct target *target,
				int64_t now)
{
	struct proto_path path = { .verdict = VERDICT_UNKNOWN };

	if (!is_usable(monitor, target->rail))
		return path;
	if (target->state == TARGET_UP && target->hub && target->probed)
		path = (struct proto_path){ VERDICT_OK, (now - target->heard) / NS_MS };
	else if (target->state == TARGET_DOWN &&
		 reason_verdict(target->fault.reason) == VERDICT_FAIL)
		path.verdict = VERDICT_FAIL;
	return path;
}

void monitor_path_to(void *arg, const uint8_t gid[16], struct proto_path *ret)
{
	struct monitor *monitor = arg;

	*ret = (struct proto_path){ .verdict = VERDICT_UNKNOWN };
	pthread_mutex_lock(&monitor->lock);
	for (int i = 0; i < monitor->ntargets; i++)
		if (!memcmp(monitor->targets[i].end.gid, gid, 16)) {
			*ret = how_is(monitor, &monitor->targets[i], clock_ns());
			break;
		}
	pthread_mutex_unlock(&monitor->lock);
}

/* Good is what was heard since we hear nothing any more. */
static enum verdict since(const struct proto_path *path, int64_t silence)
{
	return path->verdict == VERDICT_OK && path->heard_ms * NS_MS + SLACK > silence
		       ? VERDICT_UNKNOWN
		       : path->verdict;
}

/* Those that we reach ourselves come first: they are known to be well. */
static void choose_others(struct monitor *monitor, const struct target *lost,
			  struct question *ret)
{
	const struct rail_state *rail = monitor_rail(monitor, lost->rail, false);
	uint64_t first = sample_rank(&rail->sample, lost->peer);
	int n = monitor->ntargets;
	int64_t now = clock_ns();

	for (int i = 0; i < 2 * n && ret->n < BISECT_MAX; i++) {
		const struct target *target =
			&monitor->targets[(first + (uint64_t)i) % (uint64_t)n];
		struct proto_path path;

		if (target->peer == lost->peer || strcmp(target->rail, lost->rail) != 0 ||
		    target->fault.reason == REASON_PEER_ABSENT ||
		    (target->state == TARGET_UP) != (i < n))
			continue;
		path = how_is(monitor, target, now);
		ret->others[ret->n] = monitor->peers.v[target->peer].at;
		ret->answers[ret->n++] =
			(struct bisect_answer){ .to_us = VERDICT_UNKNOWN,
						.to_peer = VERDICT_UNKNOWN,
						.from_us = since(&path, ret->silence) };
	}
}

/* With the lock held: one that is down, has its reason, and was not asked about. */
static struct target *next_lost(struct monitor *monitor, int peer, struct question *ret)
{
	int64_t now = clock_ns();

	for (int i = 0; i < monitor->ntargets; i++) {
		struct target *target = &monitor->targets[i];
		const struct rail_state *rail;

		if (target->peer != peer || target->state != TARGET_DOWN ||
		    target->asked || !target->fault.reason ||
		    !is_usable(monitor, target->rail) ||
		    reason_verdict(target->fault.reason) != VERDICT_FAIL ||
		    now - target->lost < SETTLE * monitor->opts->window)
			continue;
		rail = monitor_rail(monitor, target->rail, false);
		target->asked = true;
		*ret = (struct question){ .silence = now - target->heard };
		memcpy(ret->us, rail->rail.gid, sizeof(ret->us));
		memcpy(ret->peer, target->end.gid, sizeof(ret->peer));
		choose_others(monitor, target, ret);
		return target;
	}
	return NULL;
}

static enum verdict ask_one(struct wire *wire, const uint8_t gid[16], int64_t silence,
			    const struct until *until)
{
	struct proto_request request = { .op = PROTO_PATH_TO };
	_autofree_ char *line = NULL;
	struct proto_path path;
	const char *answer;
	struct err ignored;
	size_t len;

	memcpy(request.gid, gid, sizeof(request.gid));
	line = proto_make_request(&request);
	if (!line || wire_send(wire, line, until, &ignored) ||
	    wire_line(wire, until, &answer, &len, &ignored) <= 0 ||
	    proto_read_path(answer, len, &path, &ignored))
		return VERDICT_UNKNOWN;
	return since(&path, silence);
}

/* One after the other; all together take no longer than the deadline. */
static void ask_all(const struct monitor *monitor, struct question *question)
{
	for (int i = 0; i < question->n; i++) {
		struct until until = { clock_ns() + monitor->opts->deadline / BISECT_MAX,
				       monitor->stop };
		struct bisect_answer *answer = &question->answers[i];
		_autowire_ struct wire wire = WIRE_NONE;
		struct err ignored;

		if (wire_connect(&wire, &question->others[i], ANSWER_MAX, &until,
				 &ignored))
			continue;
		answer->to_us = ask_one(&wire, question->us, question->silence, &until);
		answer->to_peer =
			ask_one(&wire, question->peer, question->silence, &until);
	}
}

static void tell(struct monitor *monitor, int peer, const char *rail,
		 const struct question *question)
{
	struct target *target = monitor_target(monitor, peer, rail, false);
	const char *host = monitor->peer_hosts[peer];
	enum bisect_end end = bisect(question->answers, question->n);
	struct fault fault = { 0 };

	if (!question->n || !target || target->state != TARGET_DOWN)
		return;
	fault.reason = target->fault.reason;
	bisect_note(end, question->answers, question->n, rail, host, &fault);
	bisect_note(end, question->answers, question->n, rail, host, &target->fault);
	monitor_tell(monitor, "others", rail, host, &fault);
}

void monitor_ask_others(struct monitor *monitor, int peer)
{
	struct question question;
	char rail[RAIL_NAME_LEN];
	struct target *lost;

	do {
		pthread_mutex_lock(&monitor->lock);
		lost = next_lost(monitor, peer, &question);
		if (lost)
			memcpy(rail, lost->rail, sizeof(rail));
		pthread_mutex_unlock(&monitor->lock);
		if (!lost)
			return;
		ask_all(monitor, &question);
		pthread_mutex_lock(&monitor->lock);
		tell(monitor, peer, rail, &question);
		pthread_mutex_unlock(&monitor->lock);
	} while (!monitor->ending);
}
