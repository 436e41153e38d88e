/* alloc_make.c - make what is missing of a pool, with other nodes at the same. */
#include "ipam/alloc_make.h"

#define FIRST_WAIT 50 /* ms, for another node that makes it */
#define LAST_WAIT  800

int alloc_awaited(const struct alloc *a, int round, struct err *err)
{
	if (worker_awaited(a->session->worker, 2 * round))
		return 0;
	return err_cni(err, CNI_TRY_LATER, "nobody waits for the address any more");
}

static int try_waiting(struct alloc *a, const char *name, make_attempt attempt,
		       const void *what, struct err *err)
{
	int r, ms = FIRST_WAIT;

	while ((r = attempt(a, what, err)) > 0) {
		if (!worker_awaited(a->session->worker, ms))
			return err_cni(err, CNI_TRY_LATER,
				       "another node is still making %s of pool %s", name,
				       a->session->pool.name);
		ms = ms < LAST_WAIT ? 2 * ms : ms;
	}
	return r;
}

int alloc_make(struct alloc *a, const char *name, make_attempt attempt, const void *what,
	       struct err *err)
{
	struct session *s = a->session;
	char lock[STATE_KEY_LEN];
	int r;

	state_hashed("make", s->store.path, s->pool.name, lock);
	if (state_lock(&s->state, lock, s->worker, err))
		return -1;
	r = try_waiting(a, name, attempt, what, err);
	state_unlock(&s->state, lock);
	return r;
}
