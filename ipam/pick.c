/* pick.c - in which order the free addresses of a shard are tried. */
#include "ipam/pick.h"

void view_note(struct view *view, const struct lease *lease)
{
	int slot = shard_slot(&lease->ip);

	view->n_held += lease->state == LEASE_HELD;
	view->n_reserved += lease->state == LEASE_RESERVED;
	if (lease->state != LEASE_FREE) {
		view->taken[slot] = true;
		return;
	}
	view->free[slot] = true;
	view->freed[slot] = lease->freed;
}

int pick_start(uint64_t hash, int level, int n)
{
	/* Other bits for each level: a pod's slot says nothing about its shard. */
	return (level ? hash >> 32 : hash & 0xffffffff) % n;
}

/* A listing is not atomic: an address that moves while it is read may show twice, free
 * and taken, and is then not for us. */
static bool is_candidate(const struct pick *pick, const struct shard *shard,
			 const struct view *view, int slot)
{
	struct ip ip = shard_ip(shard, slot);

	return view->free[slot] && !view->taken[slot] && range_usable(pick->range, &ip);
}

/* A clock that is behind the one that wrote the time makes the address rest longer. */
static bool is_rested(const struct pick *pick, int64_t freed)
{
	return freed < 0 || pick->delay <= 0 || freed <= pick->now - pick->delay;
}

int pick_rested(const struct pick *pick, const struct shard *shard,
		const struct view *view, struct candidate *ret, int max)
{
	int size = shard_size(shard), first = shard_slot(&shard->span.first), n = 0;
	int start = pick_start(pick->hash, 1, size);

	for (int i = 0; i < size && n < max; i++) {
		int slot = first + (start + i) % size;

		if (is_candidate(pick, shard, view, slot) &&
		    is_rested(pick, view->freed[slot]))
			ret[n++] = (struct candidate){ shard_ip(shard, slot),
						       view->freed[slot] };
	}
	return n;
}

static int insert(struct candidate *list, int count, int max, struct candidate new)
{
	int at = count;

	while (at > 0 && list[at - 1].freed > new.freed)
		at--;
	if (at == max)
		return count;
	if (count == max)
		count--;
	for (int i = count; i > at; i--)
		list[i] = list[i - 1];
	list[at] = new;
	return count + 1;
}

int pick_resting(const struct pick *pick, const struct shard *shard,
		 const struct view *view, struct candidate *ret, int count, int max)
{
	int last = shard_slot(&shard->span.last);

	for (int slot = shard_slot(&shard->span.first); slot <= last; slot++) {
		struct candidate new = { shard_ip(shard, slot), view->freed[slot] };

		if (is_candidate(pick, shard, view, slot) && !is_rested(pick, new.freed))
			count = insert(ret, count, max, new);
	}
	return count;
}
