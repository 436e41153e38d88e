/*
 * stats.h - round trip times: least, largest, and percentiles.
 *
 *	_autostats_ struct stats stats = { 0 };
 *
 *	stats_add(&stats, rtt);
 *	printf("%lld\n", (long long)stats_percentile(&stats, 99));
 *
 * Least and largest are exact for ever. Percentiles are of the last STATS_KEPT values,
 * so that a run without end needs no memory without end.
 */
#ifndef PROBE_STATS_H
#define PROBE_STATS_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "pkg/cleanup.h"

#define STATS_KEPT 65536

struct stats {
	int64_t *values;
	size_t kept, room;
	uint64_t count; /* of all that were added */
	int64_t min, max;
};

void stats_add(struct stats *stats, int64_t value);
void stats_clear(struct stats *stats);

/* Nearest rank: the smallest value that `percent` % of all do not exceed; -1 when there
 * is none. Sorts what is kept, so do not add afterwards if order matters to you. */
int64_t stats_percentile(struct stats *stats, int percent);

#define _autostats_ _cleanup_(stats_clear)

#endif
