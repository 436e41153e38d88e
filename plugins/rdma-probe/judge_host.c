/* judge_host.c - the checks of a namespace as a whole. No I/O. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/judge.h"

static void judge_cm(struct checks *checks, const struct facts *facts)
{
	int no = facts->cm_access;

	check_add(checks, L02, NULL, no ? CHECK_WARN : CHECK_OK, "%s",
		  no ? strerror(no) : "opens");
}

static void judge_mode(struct checks *checks, const struct local *local)
{
	static const char *const modes[] = { "not told by this kernel", "exclusive",
					     "shared" };

	check_add(checks, L03, NULL, local->mode ? CHECK_OK : CHECK_UNKNOWN, "%s",
		  modes[local->mode]);
}

static void judge_memlock(struct checks *checks, const struct facts *facts)
{
	int64_t limit = facts->memlock;

	if (facts->ipc_lock)
		check_add(checks, L04, NULL, CHECK_OK, "CAP_IPC_LOCK");
	else if (limit == INT64_MAX)
		check_add(checks, L04, NULL, CHECK_OK, "unlimited");
	else if (limit < 0)
		check_add(checks, L04, NULL, CHECK_UNKNOWN, "not told");
	else
		check_add(checks, L04, NULL,
			  limit < MEMLOCK_LEAST ? CHECK_FAIL : CHECK_WARN, "%lld KiB",
			  (long long)limit >> 10);
}

static void judge_index(struct checks *checks, const struct rail *rail, const char *name,
			const char *value)
{
	if (!rail_usable(rail))
		return;
	/* UCX says "auto", NCCL -1 for finding it by themselves. */
	if (!value || !strcmp(value, "auto") || atoi(value) == -1) {
		check_add(checks, L12, rail, CHECK_OK, "%s finds it", name);
		return;
	}
	check_add(checks, L12, rail,
		  atoi(value) == rail->gid_index ? CHECK_OK : CHECK_FAIL, "%s=%s", name,
		  value);
	check_want(checks, "unset, or %d on %s", rail->gid_index, rail->dev);
}

static void judge_environment(struct checks *checks, const struct scene *scene)
{
	const struct facts *facts = scene->facts;

	if (!facts->nccl && !facts->ucx) {
		check_add(checks, L12, NULL, CHECK_OK, "unset");
		return;
	}
	for (int i = 0; i < scene->rails->n; i++) {
		const struct rail *rail = &scene->rails->v[i];

		if (facts->nccl)
			judge_index(checks, rail, "NCCL_IB_GID_INDEX", facts->nccl);
		if (facts->ucx)
			judge_index(checks, rail, "UCX_IB_GID_INDEX", facts->ucx);
	}
}

static void judge_count(struct checks *checks, const struct scene *scene)
{
	int wanted = scene->expect->rails, n = scene->rails->n;

	if (!wanted || wanted == n)
		return;
	check_add(checks, L09, NULL, CHECK_FAIL, "%d rails", n);
	check_want(checks, "%d rails", wanted);
	check_fix(checks, "see rdma-probe devices and gids for those that are missing");
}

void judge_host(struct checks *checks, const struct scene *scene)
{
	judge_cm(checks, scene->facts);
	judge_mode(checks, scene->local);
	judge_memlock(checks, scene->facts);
	judge_environment(checks, scene);
	judge_count(checks, scene);
}
