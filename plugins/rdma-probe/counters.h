/*
 * counters.h - the hardware counters of an RDMA port.
 *
 * By RDMA netlink (STAT_GET), which works in a pod: in shared namespace mode sysfs has
 * no counters there at all.
 */
#ifndef PROBE_COUNTERS_H
#define PROBE_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "pkg/cleanup.h"

struct counters {
	struct counter {
		char name[40];
		uint64_t value;
	} * v;
	int n;
};

/* 0, or a positive errno. */
int counters_read(const char *dev, int port, struct counters *ret);
void counters_clear(struct counters *counters);

/* Does a counter of that name tell of trouble? Those of mlx5, irdma, bnxt_re and rxe. */
bool counter_is_error(const char *name);

/* "out_of_sequence +3, rnr_nak_retry_err +1": error counters that are larger in `now`;
 * before NULL: those that are not 0. Returns how many. */
int counters_errors(const struct counters *before, const struct counters *now, char *ret,
		    size_t size);

#define _autocounters_ _cleanup_(counters_clear)

#endif
