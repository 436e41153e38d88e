/* pair.c - which rail of ours belongs to which rail of a peer. No I/O. */
#include <string.h>

#include "plugins/rdma-probe/rail.h"

typedef bool (*fits)(const struct rail *, const struct rail *);

static bool same_subnet(const struct rail *a, const struct rail *b)
{
	return a->ip.ip.family && b->ip.ip.family && cidr_contains(&a->ip, &b->ip.ip) &&
	       cidr_contains(&b->ip, &a->ip.ip);
}

static bool same_name(const struct rail *a, const struct rail *b)
{
	return strcmp(a->name, b->name) == 0;
}

static bool same_both(const struct rail *a, const struct rail *b)
{
	return same_subnet(a, b) && same_name(a, b);
}

/* Where a rail has a subnet of its own on every node (routed fabrics), only the name
 * can tell; where two rails share one subnet, name and subnet together do. */
static const fits passes[] = { same_both, same_subnet, same_name };

static int partner(const struct rail *rail, const struct rails *theirs, const bool *taken,
		   fits fit)
{
	for (int i = 0; i < theirs->n; i++)
		if (!taken[i] && fit(rail, &theirs->v[i]))
			return i;
	return -1;
}

int rails_pair(const struct rails *mine, const struct rails *theirs,
	       struct rail_pair *ret)
{
	bool taken[RAIL_MAX] = { false };
	int n = mine->n;

	for (int i = 0; i < mine->n; i++)
		ret[i] = (struct rail_pair){ .mine = i, .theirs = -1 };
	for (size_t pass = 0; pass < ARRAY_SIZE(passes); pass++)
		for (int i = 0; i < mine->n; i++) {
			if (ret[i].theirs >= 0)
				continue;
			ret[i].theirs = partner(&mine->v[i], theirs, taken, passes[pass]);
			if (ret[i].theirs >= 0)
				taken[ret[i].theirs] = true;
		}
	for (int i = 0; i < theirs->n; i++)
		if (!taken[i])
			ret[n++] = (struct rail_pair){ .mine = -1, .theirs = i };
	return n;
}
