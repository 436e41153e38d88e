/* crew.c: tasks that end, that are stuck, and that are told to end. */
#include "tests/test.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/crew.h"

static struct crew crew;
static struct err err;
static int signals = -1; /* as readable as if a signal had come, once written to */
static _Atomic int released;

static int begin(void **state)
{
	(void)state;
	signals = eventfd(0, EFD_NONBLOCK);
	released = 0;
	return crew_init(&crew, signals, &err);
}

static int end(void **state)
{
	(void)state;
	crew_clear(&crew);
	close(signals);
	return 0;
}

static void quick(struct task *task)
{
	*(int *)task->arg = 7;
}

/* As a thread is in the kernel: nothing but time ends it. */
static void stuck(struct task *task)
{
	(void)task;
	while (!released)
		sleep_ms(1);
}

static void waits_for_stop(struct task *task)
{
	struct pollfd fd = { .fd = *(int *)task->arg, .events = POLLIN };

	(void)poll(&fd, 1, 10000);
}

static void never_waits(struct task *task)
{
	while (!task->ending)
		sleep_ms(1);
}

static void asks_for_more_time(struct task *task)
{
	for (int i = 0; i < 20; i++) {
		task->limit = clock_ns() + 500 * NS_MS;
		sleep_ms(5);
	}
}

static void all_that_end_are_waited_for(void **state)
{
	int a = 0, b = 0;

	(void)state;
	assert_int_equal(crew_start(&crew, quick, &a, clock_ns() + NS_S, &err), 0);
	assert_int_equal(crew_start(&crew, quick, &b, clock_ns() + NS_S, &err), 0);
	assert_true(crew_wait(&crew));
	assert_int_equal(a + b, 14);
	assert_false(crew.interrupted);
}

static void a_stuck_task_does_not_hold_up_the_rest(void **state)
{
	int64_t start = clock_ns();
	int a = 0;

	(void)state;
	assert_int_equal(crew_start(&crew, stuck, NULL, start + 50 * NS_MS, &err), 0);
	assert_int_equal(crew_start(&crew, quick, &a, start + NS_S, &err), 0);
	assert_false(crew_wait(&crew));
	assert_true(clock_ns() - start < 900 * NS_MS);
	assert_false(crew.tasks[0]->done);
	assert_true(crew.tasks[1]->done);
	released = 1;
	while (!crew.tasks[0]->done)
		sleep_ms(1);
}

static void short_of_time(struct task *task)
{
	(void)task;
	sleep_ms(200);
}

static void note(void *arg)
{
	*(_Atomic bool *)arg = true;
}

static void what_was_left_behind_is_freed_when_it_is_done(void **state)
{
	static _Atomic bool over;
	struct crew own;

	(void)state;
	assert_int_equal(crew_init(&own, -1, &err), 0);
	own.after = note;
	own.after_arg = &over;
	crew_start(&own, short_of_time, NULL, clock_ns() + 10 * NS_MS, &err);
	assert_false(crew_wait(&own));
	crew_clear(&own);
	assert_false(over);
	for (int i = 0; i < 200 && !over; i++)
		sleep_ms(10);
	assert_true(over);
}

static void a_task_that_makes_progress_may_take_longer(void **state)
{
	(void)state;
	assert_int_equal(crew_start(&crew, asks_for_more_time, NULL,
				    clock_ns() + 50 * NS_MS, &err),
			 0);
	assert_true(crew_wait(&crew));
}

static void a_signal_ends_those_that_wait_and_those_that_do_not(void **state)
{
	int64_t start = clock_ns();

	(void)state;
	assert_int_equal(
		crew_start(&crew, waits_for_stop, &crew.stop, start + 20 * NS_S, &err),
		0);
	assert_int_equal(crew_start(&crew, never_waits, NULL, start + 20 * NS_S, &err),
			 0);
	eventfd_write(signals, 1);
	assert_true(crew_wait(&crew));
	assert_true(crew.interrupted);
	assert_true(clock_ns() - start < 5 * NS_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CREW(test) cmocka_unit_test_setup_teardown(test, begin, end)
		CREW(all_that_end_are_waited_for),
		CREW(a_stuck_task_does_not_hold_up_the_rest),
		CREW(what_was_left_behind_is_freed_when_it_is_done),
		CREW(a_task_that_makes_progress_may_take_longer),
		CREW(a_signal_ends_those_that_wait_and_those_that_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
