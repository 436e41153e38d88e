/* clock.h - time that only goes forward, for deadlines. */
#ifndef PKG_CLOCK_H
#define PKG_CLOCK_H

#include <time.h>

/* Milliseconds since some moment before the process started. */
static inline long clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void sleep_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

#endif
