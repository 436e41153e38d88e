/* loop.c - a fixed piece of work, and how many nanoseconds it took: compares machines. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 200000000

int main(void)
{
	struct timespec begin, end;
	uint64_t x = 1;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("%lld\n",
	       (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec);
	return x == 0; /* which it is not */
}
