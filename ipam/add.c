/* add.c - ADD: give an attachment its addresses. */
#include <string.h>

#include "pkg/log.h"
#include "ipam/alloc.h"
#include "ipam/blocks.h"
#include "ipam/resolv.h"
#include "ipam/result.h"
#include "ipam/sweep.h"
#include "ipam/verbs.h"

struct adding {
	const struct cni_call *call;
	const struct conf *conf;
};

static int prepare(struct session *s, struct alloc *alloc, struct err *err)
{
	if (state_lock(&s->state, s->key, s->worker, err) || blocks_lock(s, err) ||
	    session_trust(s, TRUST_MAKE, err) || drain_pending(s, err))
		return -1;
	return alloc_open(s, alloc, err);
}

static int allocate(struct session *s, struct alloc *alloc, struct answer *answer,
		    struct err *err)
{
	struct err ignored;

	if (alloc_addresses(alloc, answer, err)) {
		alloc_undo(alloc);
		return -1;
	}
	(void)known_save(&s->state, &s->known, false, &ignored);
	return 0;
}

/* In the child. Nobody waits: nobody will ever know of the addresses. */
static void work(struct worker *worker, void *arg)
{
	const struct adding *adding = arg;
	_autosession_ struct session s = { .state = STATE_CLOSED, .store = STORE_CLOSED };
	_autoalloc_ struct alloc alloc = { .record = RECORD_NONE };
	struct answer answer = { .r = -1 };

	if (!session_open(adding->call, adding->conf, worker, &s, &answer.err) &&
	    !prepare(&s, &alloc, &answer.err))
		answer.r = allocate(&s, &alloc, &answer, &answer.err);
	if (answer.r)
		session_doubt(&s, &answer.err);
	strcpy(answer.note, s.note);
	if (!worker_answer(worker, &answer) && !answer.r)
		alloc_undo(&alloc);
}

static int read_conf(const struct cni_call *call, struct conf *ret, struct err *err)
{
	if (conf_parse(call, ret, err) || conf_wanted(call, ret, err))
		return -1;
	if (ret->dns || !ret->resolv_conf)
		return 0;
	ret->dns = resolv_read(ret->resolv_conf, err); /* belongs to the process */
	return ret->dns ? 0 : -1;
}

int add(const struct cni_call *call, struct cni_result *ret, struct err *err)
{
	static struct conf conf;
	struct adding adding = { .call = call, .conf = &conf };
	struct answer answer;

	if (read_conf(call, &conf, err))
		return -1;
	if (worker_run(work, &adding, conf.deadline, &answer, err))
		return job_late(&conf, err);
	if (*answer.note) {
		log_subject("ADD %s %s", call->container, call->ifname);
		log_warning("%s", answer.note);
	}
	if (answer.r) {
		*err = answer.err;
		return -1;
	}
	return result_fill(&conf, &answer, ret, err);
}
