/*
 * crew.h - do several things at once, and be back in time whatever becomes of them.
 *
 *	_autocrew_ struct crew crew;
 *
 *	if (crew_init(&crew, signals, err) || crew_start(&crew, test, &path, limit, err))
 *		return -1;
 *	crew_wait(&crew);
 *
 * Threads, in a project that has none elsewhere, because the kernel can hold a caller
 * for a second where verbs resolve a neighbour, and nothing can be cancelled there. One
 * stuck rail must not hold up the others' verdict or the program's end: a task whose
 * limit passes is left behind, with its memory, and the process ends without it.
 */
#ifndef PROBE_CREW_H
#define PROBE_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"

#define CREW_MAX 64

struct task {
	void (*work)(struct task *task);
	void *arg;
	_Atomic int64_t limit; /* clock_ns() clock; the task may move it while it works */
	_Atomic bool ending;   /* it shall end: for tasks that never wait */
	_Atomic bool done;
	int finished; /* the crew's descriptor */
	pthread_t thread;
};

struct crew {
	struct task *tasks[CREW_MAX];
	int n;
	int stop;	  /* readable once all shall end: give it to whatever waits */
	int finished;	  /* readable when a task ends */
	int signals;	  /* descriptor of the signals that mean "end now" */
	bool interrupted; /* one came */
	void (*after)(void *arg); /* called once those left behind are done after all */
	void *after_arg;
};

int crew_init(struct crew *ret, int signals, struct err *err);

/* Run work(task) with task->arg set. The task lives as long as the program. */
int crew_start(struct crew *crew, void (*work)(struct task *), void *arg, int64_t limit,
	       struct err *err);

/* Until every task is done or past its limit; true if all are done. A signal makes stop
 * readable and leaves them little time. */
bool crew_wait(struct crew *crew);

/* Frees nothing that a task left behind still uses: a thread waits for those, and then
 * frees the rest and calls after(). */
void crew_clear(struct crew *crew);

#define _autocrew_ _cleanup_(crew_clear)

#endif
