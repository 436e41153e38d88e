/* suspects.c - what the failures of many paths have in common. No I/O. */
#include <string.h>

#include "plugins/rdma-probe/collect.h"

#define PEERS_LEAST 2 /* with fewer it could as well be the other end */

/* What is known of one end, or of a rail: paths from it and to it. */
struct tally_of {
	int ok, failed, peers;
	int reasons[REASON_COUNT];
};

static bool add(struct tally_of *tally, const struct outcome *path)
{
	if (!path || path->result == VERDICT_UNKNOWN)
		return false;
	tally->ok += path->result == VERDICT_OK;
	tally->failed += path->result == VERDICT_FAIL;
	if (path->result == VERDICT_FAIL)
		tally->reasons[outcome_fault(path)->reason]++;
	return true;
}

static void add_end(const struct collection *all, int node, int rail,
		    struct tally_of *tally)
{
	for (int peer = 0; peer < all->nnodes; peer++) {
		bool there = add(tally, collection_cell(all, node, peer, rail)),
		     back = add(tally, collection_cell(all, peer, node, rail));

		tally->peers += there || back;
	}
}

static bool is_dead(const struct tally_of *tally)
{
	return !tally->ok && tally->failed && tally->peers >= PEERS_LEAST;
}

static struct suspect accuse(const struct tally_of *tally, int node, int rail)
{
	struct suspect suspect = { node, rail, tally->failed, tally->peers, REASON_NONE };

	for (int i = 0; i < REASON_COUNT; i++)
		if (tally->reasons[i] > tally->reasons[suspect.reason])
			suspect.reason = i;
	return suspect;
}

/* Each path once, although it has two ends. */
static bool find_rail(const struct collection *all, int rail, struct suspect *ret)
{
	struct tally_of tally = { 0 };

	for (int from = 0; from < all->nnodes; from++) {
		bool there = false;

		for (int to = 0; to < all->nnodes; to++)
			there |= add(&tally, collection_cell(all, from, to, rail));
		tally.peers += there;
	}
	*ret = accuse(&tally, -1, rail);
	return is_dead(&tally) && tally.peers > PEERS_LEAST;
}

static bool is_accused(const struct suspect *suspects, int n, int node, int rail)
{
	for (int i = 0; i < n; i++)
		if ((suspects[i].node == node || suspects[i].node < 0) &&
		    (suspects[i].rail == rail || suspects[i].rail < 0))
			return true;
	return false;
}

/* All rails of a node, where it has several and not one of them works. */
static bool find_node(const struct collection *all, int node, struct suspect *ret)
{
	struct tally_of tally = { 0 };
	int rails = 0;

	for (int rail = 0; rail < all->nrails; rail++) {
		struct tally_of one = { 0 };

		add_end(all, node, rail, &one);
		rails += one.ok || one.failed;
		if ((one.ok || one.failed) && !is_dead(&one))
			return false;
		add_end(all, node, rail, &tally);
	}
	if (rails < 2)
		return false;
	tally.peers /= rails;
	*ret = accuse(&tally, node, -1);
	return true;
}

int suspects_find(const struct collection *all, struct suspect *ret, int max)
{
	int n = 0;

	for (int rail = 0; rail < all->nrails && n < max; rail++)
		n += find_rail(all, rail, &ret[n]);
	for (int node = 0; node < all->nnodes && n < max; node++)
		n += find_node(all, node, &ret[n]);
	for (int node = 0; node < all->nnodes; node++)
		for (int rail = 0; rail < all->nrails && n < max; rail++) {
			struct tally_of tally = { 0 };

			add_end(all, node, rail, &tally);
			if (!is_dead(&tally) || is_accused(ret, n, node, rail))
				continue;
			ret[n++] = accuse(&tally, node, rail);
		}
	return n;
}

bool suspects_explain(const struct suspect *suspects, int n, int from, int to, int rail)
{
	return is_accused(suspects, n, from, rail) || is_accused(suspects, n, to, rail);
}
