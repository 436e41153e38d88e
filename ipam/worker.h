/*
 * worker.h - work on a store in a child process, and wait for it so long and no longer.
 *
 * A process that asks a storage server which does not answer cannot be stopped. So the
 * one that does the asking is not the one that somebody waits for.
 *
 *	static void work(struct worker *w, void *arg)
 *	{
 *		struct answer answer = { 0 };
 *
 *		... take something from the store ...
 *		if (!worker_answer(w, &answer))
 *			... give it back: whoever asked is gone ...
 *	}
 *
 *	if (worker_run(work, arg, 10000, &answer, err)) ...
 */
#ifndef IPAM_WORKER_H
#define IPAM_WORKER_H

#include <stdbool.h>

#include "pkg/err.h"
#include "pkg/ip.h"

#define ANSWER_MAX 16

/* What goes from the child to the parent: plain data, no pointers. */
struct answer {
	int r; /* 0, or -1 and err tells */
	struct err err;
	char note[320]; /* what a person should know all the same, or "" */
	int n_given;
	struct {
		struct cidr address;
		struct ip gateway;
	} given[ANSWER_MAX];
};

struct worker {
	int fd;	    /* -1: of a command for people, who wait */
	long until; /* clock_ms() at which the parent stops waiting */
};

/* Call it first of all in the process: notes what it was given to hold (ipam_exec.h),
 * which a child that hangs must not hold any longer. */
void worker_init(void);

/*
 * Run work() in a child until it answers; 0 with *ret, which may tell a failure. -1:
 * there was no answer; err->no is ETIMEDOUT when time ran out, and the child then goes
 * on until it notices.
 */
int worker_run(void (*work)(struct worker *, void *), void *arg, long ms,
	       struct answer *ret, struct err *err);

/* Give up what work on a store does not take: what stands in there may have been written
 * by whoever has the share mounted. worker_run() does it, in the child. */
void worker_confine(void);

/* For the child. False when nobody heard it. */
bool worker_answer(struct worker *worker, const struct answer *answer);

/* Does the parent still wait? Sleeps up to ms to see it go. */
bool worker_awaited(struct worker *worker, int ms);

#endif
