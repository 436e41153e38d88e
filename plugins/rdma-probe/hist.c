/* hist.c - a histogram of round trip times with fixed buckets, as Prometheus has it. */
#include "pkg/clock.h"
#include "plugins/rdma-probe/hist.h"

int64_t hist_bound(int bucket)
{
	static const int64_t bounds[HIST_BUCKETS - 1] = {
		2 * NS_US,   5 * NS_US,	  10 * NS_US,  20 * NS_US, 50 * NS_US,
		100 * NS_US, 200 * NS_US, 500 * NS_US, NS_MS,	   2 * NS_MS,
		5 * NS_MS,   10 * NS_MS,  50 * NS_MS,  200 * NS_MS
	};

	return bounds[bucket];
}

void hist_add(struct hist *hist, int64_t ns)
{
	int i = 0;

	while (i < HIST_BUCKETS - 1 && ns > hist_bound(i))
		i++;
	hist->count[i]++;
	hist->sum_ns += ns > 0 ? (uint64_t)ns : 0;
}
