/* job.c - run one call's work on the store in a child process. */
#include <errno.h>

#include "ipam/verbs.h"

static void work(struct worker *worker, void *arg)
{
	struct job *job = arg;
	_autosession_ struct session s = { .state = STATE_CLOSED, .store = STORE_CLOSED };
	struct answer answer = { 0 };

	answer.r = session_open(job->call, job->conf, worker, &s, &answer.err);
	if (!answer.r)
		answer.r = job->work(&s, job->arg, &answer.err);
	if (answer.r)
		session_doubt(&s, &answer.err);
	(void)worker_answer(worker, &answer);
}

int job_late(const struct conf *conf, struct err *err)
{
	if (err->no != ETIMEDOUT)
		return -1;
	err_set(err, 0, "store %s did not answer within %ld s", conf->store,
		conf->deadline / 1000);
	err->no = ETIMEDOUT;
	err_code(err, CNI_TRY_LATER);
	return err_hint(
		err,
		"nothing was changed that a later call does not put right; is the "
		"share alive? try: stat %s/store.json",
		conf->store);
}

int job_run(struct job *job, struct err *err)
{
	struct answer answer;

	if (worker_run(work, job, job->conf->deadline, &answer, err))
		return job_late(job->conf, err);
	if (answer.r)
		*err = answer.err;
	return answer.r;
}
