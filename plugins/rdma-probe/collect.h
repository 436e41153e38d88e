/*
 * collect.h - the results of all nodes' meshes as one: who reaches whom. No I/O.
 *
 *	_autocollection_ struct collection all = { 0 };
 *
 *	if (collection_add(&all, text, len, err))
 *		... that text is no document; the rest is as it was
 *	if (collection_finish(&all, err))
 *		return -1;
 *	cell = collection_cell(&all, from, to, rail);
 *
 * Of several documents of one node the newest counts. Everything comes from other
 * machines, and is checked.
 */
#ifndef PROBE_COLLECT_H
#define PROBE_COLLECT_H

#include "plugins/rdma-probe/outcome.h"

#define COLLECT_NODES 4096

/* A node that told its results. */
struct teller {
	char host[PROTO_HOST_LEN];
	char time[32]; /* as in the document: they sort as text */
	enum verdict verdict;
	struct outcome *paths;
	int npaths;
};

struct collection {
	struct teller *tellers;
	int ntellers;

	/* Since collection_finish(): */
	char (*nodes)[PROTO_HOST_LEN]; /* all that tell or are told of, sorted */
	bool *told;		       /* by node: it gave a document */
	char (*rails)[RAIL_NAME_LEN];
	int nnodes, nrails;
	const struct outcome **cells;
	int untested; /* pairs of nodes that both told, of which one did not try the other
		       */
};

int collection_add(struct collection *all, const char *text, size_t len, struct err *err);
int collection_finish(struct collection *all, struct err *err);
void collection_clear(struct collection *all);

/* Numbers of nodes and of a rail; NULL if that path was not tested. */
const struct outcome *collection_cell(const struct collection *all, int from, int to,
				      int rail);

/* What failures have in common. A rail of a node that no other node reaches is itself
 * broken, where there are others to ask; a single pair is a path. */
struct suspect {
	int node, rail; /* -1: a rail between all nodes; all rails of a node */
	int failed, peers;
	enum reason reason; /* of most of them */
};

/* How many, at most max; *ret has room for that. */
int suspects_find(const struct collection *all, struct suspect *ret, int max);

/* Does a suspect explain the failure of this path? */
bool suspects_explain(const struct suspect *suspects, int n, int from, int to, int rail);

#define _autocollection_ _cleanup_(collection_clear)

#endif
