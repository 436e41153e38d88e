/*
 * peers.h - whom mesh and monitor talk to.
 *
 *	FILE		a peer a line, HOST or HOST:PORT; # starts a comment; "-" is
 *			standard input
 *	k8s:FILE	pods, endpoints or endpoint slices, as `kubectl get -o json` has
 *			them
 *	dns:NAME[:PORT]	every address of that name, as of a headless service
 *	leases:DIR	the pods that hold addresses in a lease store of rail-ipam
 *
 * The list is sorted and has everybody once, so that all who have the same list agree
 * who is number i; and one of them is usually ourselves.
 */
#ifndef PROBE_PEERS_H
#define PROBE_PEERS_H

#include "plugins/rdma-probe/endpoint.h"
#include "plugins/rdma-probe/local.h"

#define PEERS_MAX 4096

struct peer {
	struct endpoint at;
	char owner[208]; /* leases: node, boot and container; k8s: the pod; or "" */
	bool self;
};

struct peers {
	struct peer *v;
	int n;
};

int peers_load(struct peers *ret, const char *from, const struct local *local,
	       const char *host, struct err *err);
void peers_clear(struct peers *peers);

/* Its parts. */
int peers_parse(struct peers *ret, const char *text, struct err *err);
int peers_parse_k8s(struct peers *ret, const char *text, size_t len, struct err *err);
int peers_add_lease(struct peers *ret, const char *name, struct err *err);

/* owner: whose address, "" if nobody knows; of each owner one address counts. */
int peers_add_address(struct peers *ret, const struct ip *ip, const char *owner,
		      struct err *err);

/* Mark ourselves, forget what is there twice, sort. */
void peers_finish(struct peers *peers, const struct local *local, const char *host);

/* Our number, or -1 when we are not among them. */
int peers_self(const struct peers *peers);

#define _autopeers_ _cleanup_(peers_clear)

#endif
