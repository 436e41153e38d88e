/*
 * judge.h - make checks L01 to L24 of what was read. No I/O.
 *
 * Judging and reading are apart, so that every verdict can be tested on recorded facts.
 */
#ifndef PROBE_JUDGE_H
#define PROBE_JUDGE_H

#include "plugins/rdma-probe/check.h"
#include "plugins/rdma-probe/expect.h"
#include "plugins/rdma-probe/facts.h"

#define MEMLOCK_LEAST (256 << 10) /* below that not even this program's rings fit */
#define MEMLOCK_GOOD  (8 << 20)
#define ROCE_HEADROOM 80 /* bytes of headers and checksum around RoCE's own MTU */

/* What the checks look at; all of it must outlive them. */
struct scene {
	const struct local *local;
	const struct rails *rails;
	const struct facts *facts;
	const struct expect *expect;
};

void judge_host(struct checks *checks, const struct scene *scene);
void judge_rail(struct checks *checks, const struct scene *scene, int rail);
void judge_tuning(struct checks *checks, const struct scene *scene, int rail);

/* The largest RoCE MTU that fits an interface's MTU, or 0. */
int roce_mtu(int netdev_mtu);

/* What a device may still take of a resource by rdma.max and rdma.current; -1 if there
 * is no limit. */
long cgroup_left(const char *max, const char *now, const char *dev, const char *what);

#endif
