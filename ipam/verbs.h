/* verbs.h - the verbs of rail-ipam. */
#ifndef IPAM_VERBS_H
#define IPAM_VERBS_H

#include "pkg/cni_result.h"
#include "ipam/session.h"

int add(const struct cni_call *call, struct cni_result *ret, struct err *err);
int del(const struct cni_call *call, struct err *err);
int check(const struct cni_call *call, struct err *err);
int gc(const struct cni_call *call, struct err *err);
int status(const struct cni_call *call, struct err *err);

/* One call, as the child process gets it. `work` is what it does in a session. */
struct job {
	const struct cni_call *call;
	const struct conf *conf;
	int (*work)(struct session *session, void *arg, struct err *err);
	void *arg;
};

/* Run the job in a child, at most conf->deadline: 0, or -1 with its error. err->no is
 * ETIMEDOUT when the store did not answer. */
int job_run(struct job *job, struct err *err);

/* "store PATH did not answer within N s", with what to look at; keeps err->no. */
int job_late(const struct conf *conf, struct err *err);

#endif
