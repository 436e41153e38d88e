/*
 * schedule.h - who meets whom when: a round-robin tournament. No I/O.
 *
 * In every round each of n players meets one other, and after all rounds everybody has
 * met everybody. Nodes that work through it by themselves, from about the same moment
 * on, are each busy with one peer at a time, and nobody has to tell them.
 */
#ifndef PROBE_SCHEDULE_H
#define PROBE_SCHEDULE_H

/* How many rounds n players need. */
int schedule_rounds(int n);

/* Whom player i of n meets in this round, or -1 for nobody: with an odd number one has
 * to sit out. */
int schedule_partner(int n, int round, int i);

#endif
