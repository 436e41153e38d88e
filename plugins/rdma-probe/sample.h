/*
 * sample.h - which few of many peers are probed now, and how often. No I/O.
 *
 *	sample_init(&sample, "node-a", "net0", time(NULL), now);
 *	order[i] = (struct ranked){ sample_rank(&sample, peer), peer };	   for all of them
 *	sample_sort(order, n);
 *	first = sample_first(&sample, order, n);	the sample begins there,
 *	... order[(first + i) % n] ...			i < most, and goes round
 *	sample_turn(&sample, &order[first], most, now);	  in time the first one leaves it
 *
 * Every node puts the peers of every rail in an order of its own, so that not all probe
 * the same few. The sample is some in a row, and goes on by one at a time until all had
 * their turn. One that comes or goes changes nothing for those elsewhere in the order.
 */
#ifndef PROBE_SAMPLE_H
#define PROBE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/clock.h"

#define SAMPLE_LIFE                                                                      \
	(5 * 3600 * NS_S) /* of one in the sample: 20 % are replaced an hour */

struct sample {
	uint64_t seed, cursor; /* it begins with the first rank that is not below */
	int64_t turned;	       /* when */
};

struct ranked {
	uint64_t rank;
	int who;
};

/* date: seconds since 1970, so that a program that begins anew often does not begin with
 * the same few. */
void sample_init(struct sample *ret, const char *host, const char *rail, int64_t date,
		 int64_t now);

/* A peer's place in the order; of two peers never the same. */
uint64_t sample_rank(const struct sample *sample, int peer);
void sample_sort(struct ranked *order, int n);

/* Where in the order, of n > 0, the sample begins. */
int sample_first(const struct sample *sample, const struct ranked *order, int n);

/* Go on behind the first, if it is time for that. */
bool sample_turn(struct sample *sample, const struct ranked *first, int most,
		 int64_t now);

/* Divide cap, probes a second, between two that want so many: whoever wants no more than
 * half gets that, and the other one the rest. */
void sample_share(double cap, const double want[2], double ret[2]);

#endif
