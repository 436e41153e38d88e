/* monitor_index.c - find targets by their token, and those of a rail, without a search.
 */
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
	int *by_rail = tokens ? realloc(monitor->by_rail, n * sizeof(*by_rail)) : NULL;

	if (tokens)
		monitor->tokens = tokens;
	if (by_rail)
		monitor->by_rail = by_rail;
	return by_rail;
}

static int add_rail(struct monitor *monitor, struct rail_state *rail, int n)
{
	rail->first = n;
	for (int i = 0; i < monitor->ntargets; i++)
		if (monitor->targets[i].hub &&
		    !strcmp(monitor->targets[i].rail, rail->name))
			monitor->by_rail[n++] = i;
	rail->ntargets = n - rail->first;
	if (rail->next >= rail->ntargets)
		rail->next = 0;
	return n;
}

/* Without memory it stays stale, and is tried again at the next beat. */
void monitor_index(struct monitor *monitor)
{
	int n = 0;

	if (!monitor->stale)
		return;
	monitor->ntokens = 0;
	for (int i = 0; i < monitor->nrails; i++)
		monitor->rails[i].ntargets = 0;
	if (!make_room(monitor))
		return;
	for (int i = 0; i < monitor->nrails; i++)
		n = add_rail(monitor, &monitor->rails[i], n);
	for (int i = 0; i < n; i++) {
		int target = monitor->by_rail[i];

		monitor->tokens[i] =
			(struct token){ monitor->targets[target].token, target };
	}
	monitor->ntokens = n;
	if (n)
		qsort(monitor->tokens, (size_t)n, sizeof(*monitor->tokens), by_token);
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
