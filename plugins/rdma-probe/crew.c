/* crew.c - do several things at once, and be back in time whatever becomes of them. */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/crew.h"
#include "plugins/rdma-probe/wire.h"

#define STACK_SIZE (512 << 10)
#define ENDING_NS  (200 * NS_MS) /* for tasks to notice that all shall end */

int crew_init(struct crew *ret, int signals, struct err *err)
{
	*ret = (struct crew){ .signals = signals };
	ret->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret->finished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ret->stop < 0 || ret->finished < 0)
		return err_set(err, errno, "eventfd");
	return 0;
}

static void *run(void *arg)
{
	struct task *task = arg;

	task->work(task);
	task->done = true;
	eventfd_write(task->finished, 1);
	return NULL;
}

int crew_start(struct crew *crew, void (*work)(struct task *), void *arg, int64_t limit,
	       struct err *err)
{
	_autofree_ struct task *task = calloc(1, sizeof(*task));
	pthread_attr_t attr;
	int no;

	if (!task || crew->n == CREW_MAX)
		return err_set(err, ENOMEM, "start a task");
	task->work = work;
	task->arg = arg;
	task->limit = limit;
	task->finished = crew->finished;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	no = pthread_create(&task->thread, &attr, run, task);
	pthread_attr_destroy(&attr);
	if (no)
		return err_set(err, no, "start a thread");
	crew->tasks[crew->n++] = take_ptr(task);
	return 0;
}

/* The nearest limit of what still runs; 0 when nothing does. */
static int64_t next_limit(const struct crew *crew, int64_t now)
{
	int64_t next = 0;

	for (int i = 0; i < crew->n; i++) {
		int64_t limit = crew->tasks[i]->limit;

		if (!crew->tasks[i]->done && limit > now && (!next || limit < next))
			next = limit;
	}
	return next;
}

static void interrupt(struct crew *crew)
{
	crew->interrupted = true;
	eventfd_write(crew->stop, 1);
	for (int i = 0; i < crew->n; i++) {
		crew->tasks[i]->ending = true;
		crew->tasks[i]->limit = clock_ns() + ENDING_NS;
	}
}

bool crew_wait(struct crew *crew)
{
	int64_t next;
	struct err err;

	while ((next = next_limit(crew, clock_ns()))) {
		int stop = crew->interrupted ? -1 : crew->signals;
		eventfd_t count;

		if (!wire_wait(crew->finished, POLLIN, &(struct until){ next, stop },
			       &err))
			(void)eventfd_read(crew->finished, &count);
		else if (err.no == ECANCELED)
			interrupt(crew);
	}
	for (int i = 0; i < crew->n; i++)
		if (!crew->tasks[i]->done)
			return false;
	return true;
}

/* Of a crew that nobody waits for any more: until all are done. */
static void *reap(void *arg)
{
	struct crew *crew = arg;

	for (int i = 0; i < crew->n; i++) {
		pthread_join(crew->tasks[i]->thread, NULL);
		free(crew->tasks[i]);
	}
	close(crew->finished);
	close(crew->stop);
	if (crew->after)
		crew->after(crew->after_arg);
	free(crew);
	return NULL;
}

/* Without memory for that, all of it is left where it is. */
static void leave_behind(const struct crew *crew)
{
	struct crew *copy = malloc(sizeof(*copy));
	pthread_t thread;

	if (!copy)
		return;
	*copy = *crew;
	if (pthread_create(&thread, NULL, reap, copy))
		free(copy);
	else
		pthread_detach(thread);
}

void crew_clear(struct crew *crew)
{
	bool all_done = true;

	for (int i = 0; i < crew->n; i++)
		all_done = all_done && crew->tasks[i]->done;
	if (!all_done) {
		leave_behind(crew);
		crew->n = 0;
		return;
	}
	for (int i = 0; i < crew->n; i++) {
		pthread_join(crew->tasks[i]->thread, NULL);
		free(crew->tasks[i]);
	}
	if (crew->finished >= 0) {
		close(crew->finished);
		close(crew->stop);
	}
	crew->n = 0;
}
