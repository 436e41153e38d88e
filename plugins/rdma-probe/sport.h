/* sport.h - which path of ECMP a flow label is. No I/O. */
#ifndef PROBE_SPORT_H
#define PROBE_SPORT_H

/* The UDP source port RoCEv2 uses for a flow label that is not 0. */
int sport_of(int flow_label);

/* How likely n flow labels take each of m paths at least once: (1 - (1 - 1/m)^n)^m, the
 * paths taken as independent. */
double sport_coverage(int n, int m);

#endif
