/* sport.h - which path of ECMP a flow label is. No I/O. */
#ifndef PROBE_SPORT_H
#define PROBE_SPORT_H

/* The UDP source port RoCEv2 uses for a flow label that is not 0. */
int sport_of(int flow_label);

#endif
