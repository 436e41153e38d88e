/* stats.c - round trip times: least, largest, and percentiles. */
#include <string.h>

#include "plugins/rdma-probe/stats.h"

/* False when there is no memory for more: old values are then replaced earlier. */
static bool make_room(struct stats *stats)
{
	size_t room = stats->room ? 2 * stats->room : 64;
	int64_t *values;

	if (stats->room >= STATS_KEPT)
		return false;
	values = realloc(stats->values, room * sizeof(*values));
	if (!values)
		return false;
	stats->values = values;
	stats->room = room;
	return true;
}

void stats_add(struct stats *stats, int64_t value)
{
	if (!stats->count || value < stats->min)
		stats->min = value;
	if (!stats->count || value > stats->max)
		stats->max = value;
	if (stats->kept < stats->room || make_room(stats))
		stats->values[stats->kept++] = value;
	else if (stats->room)
		stats->values[stats->count % stats->room] = value;
	stats->count++;
}

void stats_clear(struct stats *stats)
{
	free(stats->values);
	*stats = (struct stats){ 0 };
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int64_t stats_percentile(struct stats *stats, int percent)
{
	size_t rank = (stats->kept * percent + 99) / 100;

	if (!stats->kept)
		return -1;
	qsort(stats->values, stats->kept, sizeof(*stats->values), ascending);
	return stats->values[rank ? rank - 1 : 0];
}
