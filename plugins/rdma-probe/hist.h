/* hist.h - a histogram of round trip times with fixed buckets, as Prometheus has it. */
#ifndef PROBE_HIST_H
#define PROBE_HIST_H

#include <stdint.h>

#define HIST_BUCKETS 15 /* the last one has no upper bound */

struct hist {
	uint64_t count[HIST_BUCKETS];
	uint64_t sum_ns;
};

void hist_add(struct hist *hist, int64_t ns);
int64_t hist_bound(int bucket); /* ns; for all but the last */

#endif
