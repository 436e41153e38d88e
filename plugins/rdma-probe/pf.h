/* pf.h - what only a physical function tells: flow control, and its VFs' settings. */
#ifndef PROBE_PF_H
#define PROBE_PF_H

#include <stdbool.h>
#include <stddef.h>

/* Priorities with PFC as bits, and whether DSCP is trusted; false if it does not tell. */
bool pf_flow_control(const char *netdev, int *pfc, int *dscp_trusted);

/* "2 VFs, vf0 spoofchk on trust off vlan 0, ..."; "" if it has none, or is none. */
void pf_vfs(const char *netdev, int ifindex, char *ret, size_t size);

#endif
