/* add.c - ADD: give an attachment its addresses. */
#include "ipam/alloc.h"
#include "ipam/sweep.h"
#include "ipam/verbs.h"

struct adding {
	const struct cni_call *call;
	const struct conf *conf;
};

static int prepare(struct session *s, struct alloc *alloc, struct err *err)
{
	if (state_lock(&s->state, s->key, s->worker, err) ||
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
	if (!worker_answer(worker, &answer) && !answer.r)
		alloc_undo(&alloc);
}

static int fill(const struct conf *conf, const struct answer *answer,
		struct cni_result *ret, struct err *err)
{
	for (int i = 0; i < answer->n_given; i++) {
		struct cni_ip *ip = cni_result_ip(ret, err);

		if (!ip)
			return -1;
		ip->address = answer->given[i].address;
		ip->gateway = answer->given[i].gateway;
	}
	for (int i = 0; i < conf->n_routes; i++) {
		struct cni_route *route = cni_result_route(ret, err);

		if (!route)
			return -1;
		*route = conf->routes[i];
	}
	ret->dns = conf->dns;
	return 0;
}

int add(const struct cni_call *call, struct cni_result *ret, struct err *err)
{
	static struct conf conf;
	struct adding adding = { .call = call, .conf = &conf };
	struct answer answer;

	if (conf_parse(call, &conf, err) || conf_wanted(call, &conf, err))
		return -1;
	if (worker_run(work, &adding, conf.deadline, &answer, err))
		return job_late(&conf, err);
	if (answer.r) {
		*err = answer.err;
		return -1;
	}
	return fill(&conf, &answer, ret, err);
}
