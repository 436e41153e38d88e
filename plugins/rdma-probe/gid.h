/*
 * gid.h - whose GID is this, and which one carries RoCEv2 for an address. No I/O.
 *
 *	gids_judge(&local);
 *	entry = gid_find(&local, ifindex, &ip);
 *	if (entry < 0)
 *		gid_explain(&local, ifindex, &ip, &fault);
 *
 * The index of a GID differs from pod to pod, so nobody should have to know it: the
 * entry is the one whose GID equals the address, whose netdev is the netdev that holds
 * the address, and whose type is RoCE v2. And because an address and an interface index
 * may be the same in two namespaces, the port's netdev has to be proven to be here.
 */
#ifndef PROBE_GID_H
#define PROBE_GID_H

#include "plugins/rdma-probe/fault.h"
#include "plugins/rdma-probe/local.h"

#define GID_LEN	      INET6_ADDRSTRLEN
#define GID_INDEX_MAX 255 /* struct ibv_global_route.sgid_index has eight bits */

/* Set ip, owner and why of every entry. */
void gids_judge(struct local *local);

/* The entry that carries RoCEv2 for this address of this netdev, -1 if none does. */
int gid_find(const struct local *local, int ifindex, const struct ip *ip);

/* Why gid_find() found none; -1. */
int gid_explain(const struct local *local, int ifindex, const struct ip *ip,
		struct fault *fault);

/* Why there is no rail at all: no device, or none that belongs to an interface here. */
int gid_explain_none(const struct local *local, struct fault *fault);

/* The RDMA port that belongs to this netdev of ours, by itself or by a GID; or NULL. */
const struct port *gid_port_of(const struct local *local, int ifindex);

void gid_from_ip(const struct ip *ip, uint8_t ret[16]); /* IPv4 as ::ffff:a.b.c.d */
struct ip gid_to_ip(const uint8_t raw[16]);
char *gid_format(const uint8_t raw[16], char buf[GID_LEN]);

const char *port_state_name(int state);		  /* "ACTIVE" */
int port_state_parse(const char *name);		  /* 0 for a name unknown */
const char *gid_type_name(enum gid_type type);	  /* "ib", "rocev1", "rocev2" */
const char *gid_owner_name(enum gid_owner owner); /* "mine", "foreign-netns", "none" */
const char *gid_why_text(enum gid_why why);	  /* "" for the chosen */

#endif
