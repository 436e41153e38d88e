/* sample.c - which few of many peers are probed now, and how often. No I/O. */
#include <stdlib.h>

#include "plugins/rdma-probe/sample.h"

/* FNV-1a. */
static uint64_t add_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	while (*text++);
	return hash;
}

/* Every step can be undone, and so no two numbers end at the same place. */
static uint64_t mix(uint64_t x)
{
	for (int i = 0; i < 3; i++) {
		x ^= x >> 32;
		x *= 0x9e3779b97f4a7c15;
	}
	return x ^ x >> 32;
}

void sample_init(struct sample *ret, const char *host, const char *rail, int64_t date,
		 int64_t now)
{
	uint64_t seed = add_text(add_text(0xcbf29ce484222325, host), rail);

	*ret = (struct sample){ .seed = seed,
				.cursor = mix(seed + (uint64_t)(date / 3600)),
				.turned = now };
}

uint64_t sample_rank(const struct sample *sample, int peer)
{
	return mix(sample->seed ^ (uint64_t)peer);
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

void sample_sort(struct ranked *order, int n)
{
	if (n)
		qsort(order, (size_t)n, sizeof(*order), by_rank);
}

int sample_first(const struct sample *sample, const struct ranked *order, int n)
{
	int low = 0, high = n;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (order[middle].rank < sample->cursor)
			low = middle + 1;
		else
			high = middle;
	}
	return low % n;
}

bool sample_turn(struct sample *sample, const struct ranked *first, int most, int64_t now)
{
	if (now - sample->turned < SAMPLE_LIFE / most)
		return false;
	sample->turned = now;
	sample->cursor = first->rank + 1;
	return true;
}

void sample_share(double cap, const double want[2], double ret[2])
{
	for (int i = 0; i < 2; i++) {
		double rest = cap - want[!i] > cap / 2 ? cap - want[!i] : cap / 2;

		ret[i] = want[i] < rest ? want[i] : rest;
	}
}
