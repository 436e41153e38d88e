/*
 * mesh.h - test all rails to many peers, in the order of a tournament.
 *
 *	_automesh_ struct mesh *mesh = mesh_new(&plan, &peers, 0);
 *
 *	if (mesh_run(mesh, err))
 *		return -1;
 *	for (int i = 0; i < mesh->n; i++)
 *		... mesh->meets[i].outcomes[k].result ...
 *
 * Every node does that by itself, and none is in charge. Several peers are tested at a
 * time, so that one that is dead, which costs its deadline once for all rails, holds up
 * nobody else; and peers that were not there, or too slow, are asked again until patience
 * ends.
 */
#ifndef PROBE_MESH_H
#define PROBE_MESH_H

#include "plugins/rdma-probe/outcome.h"
#include "plugins/rdma-probe/peers.h"

#define MESH_AT_A_TIME 8

/* One peer, met. */
struct meet {
	const struct peer *peer;
	char host[PROTO_HOST_LEN]; /* as it calls itself, or as we call it */
	bool over;
	bool absent; /* nobody answered */
	bool late;   /* some answer did not come by the deadline */
	struct outcome *outcomes;
	int n;
};

struct mesh {
	const struct path_plan *plan; /* for all; the peer is filled in */
	int64_t patience;	      /* ns for absent peers to come */
	struct meet *meets;	      /* in the order of the schedule */
	int n;
	int signals;
	_Atomic int next, done, failed;
	_Atomic bool ending;
	bool stuck;				   /* a thread goes on using all this */
	void (*progress)(const struct mesh *mesh); /* after every peer; or NULL */
};

/* most: of the peers, that many; 0 for all. */
struct mesh *mesh_new(const struct path_plan *plan, const struct peers *peers, int most);
int mesh_run(struct mesh *mesh, struct err *err);
void mesh_free(struct mesh *mesh);

/* Tell the peers that we are done with them; they may wait for that. */
void mesh_say_done(const struct mesh *mesh);

/* The order in which number `self` of n meets the others, in `most` rounds that all agree
 * on without a word (0: all there are): *ret has room for n. Returns how many. self < 0:
 * somebody who is not among them meets them all. */
int mesh_order(int n, int self, int most, int *ret);

/* The i-th of the rounds that are gone through, or -1 after the last one. */
int mesh_round(int n, int most, int i);

/* "ok" if all rails are. */
enum verdict meet_verdict(const struct meet *meet);

static inline void mesh_freep(struct mesh **mesh)
{
	mesh_free(*mesh);
}
#define _automesh_ _cleanup_(mesh_freep)

#endif
