/* mesh_show.h - a mesh for people: as a matrix on a terminal, and as a page. */
#ifndef PROBE_MESH_SHOW_H
#define PROBE_MESH_SHOW_H

#include "plugins/rdma-probe/report.h"

/* A row a peer, a column a rail: the median round trip, or the reason. */
void mesh_show(const struct report *report, FILE *out);

/* A bar on standard error, where that is a terminal. */
void mesh_show_progress(const struct mesh *mesh);

/* The same matrix as one HTML file that needs nothing else. */
int mesh_write_html(const struct report *report, const char *path, struct err *err);

/* The worst outcome of a peer's meeting on this rail of ours, or NULL. */
const struct outcome *meet_on_rail(const struct meet *meet, const char *rail);

/* The largest median round trip of all that work, in ns. */
int64_t mesh_slowest(const struct mesh *mesh);

/* A line for every pair that meets, in the order of the rounds; returns how many. */
int mesh_show_schedule(const struct peers *peers, int most, FILE *out);

#endif
