/* bisect.c - a path failed: is it this end, the other one, or what is between? No I/O. */
#include "plugins/rdma-probe/bisect.h"
#include "plugins/rdma-probe/collect.h"

enum node { US, PEER, OTHERS };

#define NODES (OTHERS + BISECT_MAX)

/* What is known as a mesh of one rail. */
struct mesh_of_one {
	struct outcome ok, failed;
	const struct outcome *cells[NODES * NODES];
	struct collection all;
};

static void tell(struct mesh_of_one *mesh, int from, int to, enum verdict verdict)
{
	if (verdict == VERDICT_UNKNOWN)
		return;
	mesh->cells[from * mesh->all.nnodes + to] =
		verdict == VERDICT_OK ? &mesh->ok : &mesh->failed;
}

static void tell_all(struct mesh_of_one *mesh, const struct bisect_answer *answers, int n)
{
	*mesh = (struct mesh_of_one){ .ok.result = VERDICT_OK,
				      .failed.result = VERDICT_FAIL };
	mesh->all = (struct collection){ .cells = mesh->cells,
					 .nnodes = OTHERS + n,
					 .nrails = 1 };
	tell(mesh, US, PEER, VERDICT_FAIL);
	for (int i = 0; i < n; i++) {
		tell(mesh, US, OTHERS + i, answers[i].from_us);
		tell(mesh, OTHERS + i, US, answers[i].to_us);
		tell(mesh, OTHERS + i, PEER, answers[i].to_peer);
	}
}

enum bisect_end bisect(const struct bisect_answer *answers, int n)
{
	struct suspect suspects[NODES + 1];
	struct mesh_of_one mesh;
	bool us = false, peer = false, reached = false;
	int found;

	tell_all(&mesh, answers, n);
	found = suspects_find(&mesh.all, suspects, NODES + 1);
	for (int i = 0; i < found; i++) {
		us |= suspects[i].node == US || suspects[i].node < 0;
		peer |= suspects[i].node == PEER || suspects[i].node < 0;
	}
	for (int i = 0; i < n; i++)
		reached |= answers[i].to_peer == VERDICT_OK;
	if (us || peer)
		return us && peer ? BISECT_RAIL : us ? BISECT_US : BISECT_PEER;
	return reached ? BISECT_PATH : BISECT_UNKNOWN;
}

/* How many of the others stand like that to this end. */
static int count(const struct bisect_answer *answers, int n, enum bisect_end end,
		 enum verdict verdict)
{
	int found = 0;

	for (int i = 0; i < n; i++)
		found += end == BISECT_PEER ? answers[i].to_peer == verdict
					    : answers[i].to_us == verdict ||
						      answers[i].from_us == verdict;
	return found;
}

void bisect_note(enum bisect_end end, const struct bisect_answer *answers, int n,
		 const char *rail, const char *peer, struct fault *fault)
{
	int peer_ok = count(answers, n, BISECT_PEER, VERDICT_OK),
	    peer_lost = count(answers, n, BISECT_PEER, VERDICT_FAIL),
	    us_lost = count(answers, n, BISECT_US, VERDICT_FAIL);

	switch (end) {
	case BISECT_PATH:
		fault_note(fault,
			   "%d of %d others reach %s on %s: suspect the path from here",
			   peer_ok, n, peer, rail);
		break;
	case BISECT_PEER:
		fault_note(
			fault,
			"%d of %d others do not reach %s on %s either: suspect that end",
			peer_lost, n, peer, rail);
		break;
	case BISECT_US:
		fault_note(fault,
			   "%d of %d others are cut off from us on %s, too: suspect this "
			   "end",
			   us_lost, n, rail);
		break;
	case BISECT_RAIL:
		fault_note(fault,
			   "of %d others %d do not reach %s on %s, and %d are cut off "
			   "from us: suspect the rail as a whole",
			   n, peer_lost, peer, rail, us_lost);
		break;
	case BISECT_UNKNOWN:
		fault_note(fault, "none of %d others can tell which end of %s it is", n,
			   rail);
		break;
	}
}
