/* routes_plan.c - what is and what shall be, and the changes that lead from one to the
 * other. */
#include <errno.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "pkg/grow.h"
#include "plugins/sriov/routes_plan.h"

/* A group as it shall be, while its id is looked for. */
struct goal {
	const struct wanted_group *wanted;
	struct nexthop group;
	bool needed, found;
	const struct nexthop *was; /* what has its id now */
};

struct planner {
	const struct own *own;
	const struct wanted *wanted;
	const struct routes_now *now;
	const struct nexthop **by_way; /* hops of ours, sorted by gateway and rail */
	int n_ways;
	bool *used_nexthops, *used_routes; /* of now */
	uint8_t *taken;			   /* a bit for each id of our range */
	struct goal *goals;		   /* one a wanted group */
	struct changes changes;
	bool out_of_memory;
};

static struct change *put(struct planner *p, enum change_kind kind, const char *peer)
{
	static struct change lost;
	struct changes *changes = &p->changes;
	struct change *grown = grow(changes->list, changes->count, sizeof(*grown));

	p->out_of_memory |= !grown;
	if (!grown)
		return &lost;
	changes->list = grown;
	changes->list[changes->count] = (struct change){ .kind = kind, .peer = peer };
	return &changes->list[changes->count++];
}

static int cmp_way(const void *a, const void *b)
{
	const struct nexthop *x = *(const struct nexthop *const *)a;
	const struct nexthop *y = *(const struct nexthop *const *)b;
	int order = ip_cmp(&x->gw, &y->gw);

	return order ? order : x->ifindex - y->ifindex;
}

static bool is_ours(const struct nexthop *nexthop)
{
	return nexthop->protocol == ROUTES_PROTOCOL && !nexthop->odd;
}

static const struct nexthop *find_way(const struct planner *p, const struct ip *gw,
				      int ifindex)
{
	const struct nexthop key = { .gw = *gw, .ifindex = ifindex }, *at = &key;
	const struct nexthop *const *found =
		p->n_ways
			? bsearch(&at, p->by_way, p->n_ways, sizeof(*p->by_way), cmp_way)
			: NULL;

	return found ? *found : NULL;
}

static bool *used(const struct planner *p, const struct nexthop *nexthop)
{
	return &p->used_nexthops[nexthop - p->now->nexthops.list];
}

/* FNV-1a, folded into the range. */
static uint32_t hash(const char *name, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * 16777619u;
	return (h >> 24 ^ h) % ROUTES_ID_COUNT;
}

/* Mark an id; false when it was marked before. */
static bool take_id(struct planner *p, uint32_t id)
{
	uint32_t i = id - ROUTES_ID_FIRST;
	uint8_t bit = 1 << i % 8;

	if (i >= ROUTES_ID_COUNT || (p->taken[i / 8] & bit))
		return false;
	p->taken[i / 8] |= bit;
	return true;
}

/* The first id from there on that nobody has. There are more than we could use up. */
static uint32_t new_id(struct planner *p, uint32_t start)
{
	while (!take_id(p, ROUTES_ID_FIRST + start % ROUTES_ID_COUNT))
		start++;
	return ROUTES_ID_FIRST + start % ROUTES_ID_COUNT;
}

static uint32_t id_of_hop(struct planner *p, const struct wanted_hop *hop,
			  const char *peer)
{
	const struct own_rail *rail = &p->own->rails[hop->rail];
	const struct nexthop *now = find_way(p, &hop->gw, rail->ifindex);
	struct change *change;

	if (now) {
		*used(p, now) = true;
		return now->id;
	}
	change = put(p, ADD_HOP, peer);
	change->nexthop = (struct nexthop){
		.id = new_id(p, hash(rail->name, hop->gw.b, sizeof(hop->gw.b))),
		.protocol = ROUTES_PROTOCOL,
		.gw = hop->gw,
		.ifindex = rail->ifindex,
	};
	return change->nexthop.id;
}

static int cmp_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Next hops first: groups name them. */
static void plan_hops(struct planner *p, struct goal *goal)
{
	struct nexthop *group = &goal->group;

	*group = (struct nexthop){ .protocol = ROUTES_PROTOCOL };
	for (int i = 0; i < goal->wanted->n; i++)
		if (goal->wanted->hops[i].state <= HOP_SILENT)
			group->members[group->n++] = id_of_hop(p, &goal->wanted->hops[i],
							       goal->wanted->peer->name);
	qsort(group->members, group->n, sizeof(*group->members), cmp_number);
}

static void take_group(struct planner *p, struct goal *goal, const struct nexthop *now)
{
	if (goal->found || !now || !is_ours(now) || !now->n || *used(p, now))
		return;
	*used(p, now) = true;
	goal->found = true;
	goal->was = now;
	goal->group.id = now->id;
}

/* A group is known again by the routes that lead over it ... */
static void find_by_routes(struct planner *p)
{
	for (int i = 0; i < p->wanted->n_routes; i++) {
		const struct wanted_route *route = &p->wanted->routes[i];
		const struct hostroute *now;

		if (!wanted_now(p->wanted, route))
			continue;
		now = hostroutes_find(&p->now->routes, &route->dst);
		if (now)
			take_group(p, &p->goals[route->group],
				   nexthops_find(&p->now->nexthops, now->nexthop));
	}
}

/* ... or, when somebody was killed before there were any, by its id. */
static void plan_group(struct planner *p, struct goal *goal)
{
	const char *peer = goal->wanted->peer->name;
	uint32_t start = hash(peer, &goal->wanted->family, sizeof(goal->wanted->family));
	size_t size = goal->group.n * sizeof(*goal->group.members);

	take_group(p, goal, nexthops_find(&p->now->nexthops, ROUTES_ID_FIRST + start));
	if (!goal->found) {
		goal->group.id = new_id(p, start);
		put(p, ADD_GROUP, peer)->nexthop = goal->group;
	} else if (goal->was->n != goal->group.n ||
		   memcmp(goal->was->members, goal->group.members, size)) {
		put(p, SET_GROUP, peer)->nexthop = goal->group;
	}
}

static void plan_route(struct planner *p, const struct wanted_route *route)
{
	const struct goal *goal = &p->goals[route->group];
	const struct hostroute *now = hostroutes_find(&p->now->routes, &route->dst);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): every goal is wanted */
	const char *peer = goal->wanted->peer->name;

	if (now) {
		p->used_routes[now - p->now->routes.list] = true;
		if (now->nexthop == goal->group.id && ip_equal(&now->src, &route->src))
			return;
		put(p, DEL_ROUTE, peer)->route = *now;
	}
	put(p, ADD_ROUTE, peer)->route = (struct hostroute){
		.dst = { route->dst, ip_bits(route->dst.family) },
		.src = route->src,
		.nexthop = goal->group.id,
		.table = RT_TABLE_MAIN,
	};
}

static void plan_rest(struct planner *p)
{
	const struct nexthops *all = &p->now->nexthops;

	for (int i = 0; i < p->now->routes.count; i++)
		if (!p->used_routes[i])
			put(p, DEL_ROUTE, "")->route = p->now->routes.list[i];
	for (int groups = 1; groups >= 0; groups--)
		for (int i = 0; i < all->count; i++)
			if (all->list[i].protocol == ROUTES_PROTOCOL &&
			    !p->used_nexthops[i] && (all->list[i].n > 0) == groups)
				put(p, groups ? DEL_GROUP : DEL_HOP, "")->nexthop =
					all->list[i];
}

static int planner_begin(struct planner *p, struct err *err)
{
	const struct nexthops *all = &p->now->nexthops;

	p->by_way = calloc(all->count + 1, sizeof(*p->by_way));
	p->used_nexthops = calloc(all->count + 1, sizeof(*p->used_nexthops));
	p->used_routes = calloc(p->now->routes.count + 1, sizeof(*p->used_routes));
	p->taken = calloc(ROUTES_ID_COUNT / 8, 1);
	p->goals = calloc(p->wanted->n_groups + 1, sizeof(*p->goals));
	if (!p->by_way || !p->used_nexthops || !p->used_routes || !p->taken || !p->goals)
		return err_set(err, ENOMEM, "plan of routes");
	for (int i = 0; i < all->count; i++) {
		take_id(p, all->list[i].id);
		if (is_ours(&all->list[i]) && !all->list[i].n)
			p->by_way[p->n_ways++] = &all->list[i];
	}
	qsort(p->by_way, p->n_ways, sizeof(*p->by_way), cmp_way);
	for (int i = 0; i < p->wanted->n_groups; i++)
		p->goals[i].wanted = &p->wanted->groups[i];
	return 0;
}

static void planner_end(struct planner *p)
{
	free(p->by_way);
	free(p->used_nexthops);
	free(p->used_routes);
	free(p->taken);
	free(p->goals);
	changes_clear(&p->changes);
}

int routes_plan(const struct own *own, const struct wanted *wanted,
		const struct routes_now *now, struct changes *ret, struct err *err)
{
	_cleanup_(planner_end) struct planner p = { .own = own,
						    .wanted = wanted,
						    .now = now };

	if (planner_begin(&p, err))
		return -1;
	for (int i = 0; i < wanted->n_routes; i++)
		if (wanted_now(wanted, &wanted->routes[i]))
			p.goals[wanted->routes[i].group].needed = true;
	for (int i = 0; i < wanted->n_groups; i++)
		if (p.goals[i].needed)
			plan_hops(&p, &p.goals[i]);
	find_by_routes(&p);
	for (int i = 0; i < wanted->n_groups; i++)
		if (p.goals[i].needed)
			plan_group(&p, &p.goals[i]);
	for (int i = 0; i < wanted->n_routes; i++)
		if (wanted_now(wanted, &wanted->routes[i]))
			plan_route(&p, &wanted->routes[i]);
	plan_rest(&p);
	if (p.out_of_memory)
		return err_set(err, ENOMEM, "plan of routes");
	*ret = p.changes;
	p.changes = (struct changes){ 0 };
	return 0;
}

void changes_clear(struct changes *changes)
{
	free(changes->list);
	*changes = (struct changes){ 0 };
}
