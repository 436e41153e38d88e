/* clock.h - time that only goes forward, for deadlines. */
#ifndef PKG_CLOCK_H
#define PKG_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_US 1000LL
#define NS_MS 1000000LL
#define NS_S  1000000000LL

/* Nanoseconds since some moment before the process started. */
static inline int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_S + t.tv_nsec;
}

/* The same in milliseconds. */
static inline long clock_ms(void)
{
	return clock_ns() / NS_MS;
}

static inline void sleep_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

#endif
