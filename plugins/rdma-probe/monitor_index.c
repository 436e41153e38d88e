/* monitor_index.c - which targets are probed, and whose a token is, without a search. */
#include <string.h>

#include "plugins/rdma-probe/monitor.h"

static int by_token(const void *a, const void *b)
{
	const struct token *x = a, *y = b;

	return x->token < y->token ? -1 : x->token > y->token;
}

static bool make_room(struct monitor *monitor)
{
	size_t n = (size_t)monitor->ntargets + 1;
	struct token *tokens = realloc(monitor->tokens, n * sizeof(*tokens));
	int *rings = tokens ? realloc(monitor->rings, n * sizeof(*rings)) : NULL;
	struct ranked *order = rings ? realloc(monitor->order, n * sizeof(*order)) : NULL;

	if (tokens)
		monitor->tokens = tokens;
	if (rings)
		monitor->rings = rings;
	if (order)
		monitor->order = order;
	return order;
}

static bool belongs(const struct target *target, const struct rail_state *rail,
		    enum scope_id scope)
{
	return target->hub && target->routed == (scope == SCOPE_ROUTED) &&
	       !strcmp(target->rail, rail->name);
}

/* Those of its targets behind routers that are in the sample. */
static void choose(struct monitor *monitor, struct rail_state *rail)
{
	int most = (int)monitor->opts->far_peers, n = 0, first;
	struct ranked *order = monitor->order;

	for (int i = 0; i < monitor->ntargets; i++) {
		struct target *target = &monitor->targets[i];

		if (!belongs(target, rail, SCOPE_ROUTED))
			continue;
		target->sampled = false;
		order[n++] =
			(struct ranked){ sample_rank(&rail->sample, target->peer), i };
	}
	rail->sampled = most && n > most;
	if (!n)
		return;
	sample_sort(order, n);
	first = sample_first(&rail->sample, order, n);
	rail->head = order[first];
	for (int i = 0; i < (rail->sampled ? most : n); i++)
		monitor->targets[order[(first + i) % n].who].sampled = true;
}

static int add_ring(struct monitor *monitor, struct rail_state *rail, enum scope_id scope,
		    int n)
{
	struct ring *ring = &rail->rings[scope];

	ring->first = n;
	for (int i = 0; i < monitor->ntargets; i++) {
		struct target *target = &monitor->targets[i];
		bool before = target->probed;

		if (!belongs(target, rail, scope))
			continue;
		target->probed =
			scope == SCOPE_LINK || target->sampled || target->doubted;
		if (!target->probed)
			continue;
		if (!before)
			window_renew(&target->window);
		monitor->rings[n++] = i;
	}
	ring->n = n - ring->first;
	if (ring->next >= ring->n)
		ring->next = 0;
	return n;
}

static void add_tokens(struct monitor *monitor)
{
	int n = 0;

	for (int i = 0; i < monitor->ntargets; i++)
		if (monitor->targets[i].hub)
			monitor->tokens[n++] =
				(struct token){ monitor->targets[i].token, i };
	if (n)
		qsort(monitor->tokens, (size_t)n, sizeof(*monitor->tokens), by_token);
	monitor->ntokens = n;
}

static void forget(struct monitor *monitor)
{
	monitor->ntokens = 0;
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++)
			monitor->rails[i].rings[k].n = 0;
}

/* Without memory it stays stale, and is tried again at the next beat. */
void monitor_index(struct monitor *monitor, int64_t now)
{
	int n = 0;

	for (int i = 0; i < monitor->nrails; i++) {
		struct rail_state *rail = &monitor->rails[i];

		if (rail->sampled && sample_turn(&rail->sample, &rail->head,
						 (int)monitor->opts->far_peers, now))
			monitor->stale = true;
	}
	if (!monitor->stale)
		return;
	forget(monitor);
	if (!make_room(monitor))
		return;
	for (int i = 0; i < monitor->nrails; i++) {
		choose(monitor, &monitor->rails[i]);
		for (int k = 0; k < SCOPES; k++)
			n = add_ring(monitor, &monitor->rails[i], k, n);
	}
	add_tokens(monitor);
	monitor->stale = false;
}

struct target *monitor_find(struct monitor *monitor, uint32_t token)
{
	struct token key = { .token = token }, *found;
	struct target *target;

	if (!monitor->ntokens)
		return NULL;
	found = bsearch(&key, monitor->tokens, (size_t)monitor->ntokens, sizeof(key),
			by_token);
	target = found ? &monitor->targets[found->target] : NULL;
	return target && target->hub && target->token == token ? target : NULL;
}
