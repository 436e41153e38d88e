/* routes_want.c - which routes there shall be: of what the nodes claim, what is believed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "plugins/sriov/routes_want.h"

/* Who says to have which address. */
struct claim {
	struct ip ip;
	const struct peer *peer;
};

struct work {
	const struct own *own;
	const struct peers *peers;
	struct wanted *ret;
	struct claim *claims; /* sorted */
	int n_claims;
	bool out_of_memory;
};

void own_clear(struct own *own)
{
	addrs_clear(&own->all);
	silent_clear(&own->silent);
	*own = (struct own){ 0 };
}

const char *hop_state_name(enum hop_state state)
{
	static const char *const names[] = { "up",	   "no answer", "down",
					     "down there", "no rail",	"refused" };

	return names[state];
}

static int by_ip(const void *a, const void *b)
{
	return ip_cmp(&((const struct claim *)a)->ip, &((const struct claim *)b)->ip);
}

static void claim_all(struct work *work, const struct ip *ips, int n,
		      const struct peer *peer)
{
	for (int i = 0; i < n; i++)
		work->claims[work->n_claims++] = (struct claim){ ips[i], peer };
}

static int gather_claims(struct work *work, struct err *err)
{
	size_t most = PEER_ADDRESSES + PEER_RAILS * RAIL_ADDRESSES;

	work->claims = calloc(work->peers->count * most + 1, sizeof(*work->claims));
	if (!work->claims)
		return err_set(err, ENOMEM, "list of peers");
	for (int i = 0; i < work->peers->count; i++) {
		const struct peer *peer = &work->peers->list[i];

		if (!strcmp(peer->name, work->own->name))
			continue;
		claim_all(work, peer->addresses, peer->n_addresses, peer);
		for (int j = 0; j < peer->n_rails; j++)
			claim_all(work, peer->rails[j].addresses, peer->rails[j].n, peer);
	}
	qsort(work->claims, work->n_claims, sizeof(*work->claims), by_ip);
	return 0;
}

/* Another node that claims the address, or NULL. */
static const struct peer *rival_of(const struct work *work, const struct peer *peer,
				   const struct ip *ip)
{
	const struct claim key = { *ip, peer }, *end = work->claims + work->n_claims;
	const struct claim *at =
		bsearch(&key, work->claims, work->n_claims, sizeof(*work->claims), by_ip);

	while (at && at > work->claims && ip_equal(&at[-1].ip, ip))
		at--;
	for (; at && at < end && ip_equal(&at->ip, ip); at++)
		if (at->peer != peer)
			return at->peer;
	return NULL;
}

static bool is_own(const struct own *own, const struct ip *ip)
{
	for (int i = 0; i < own->all.count; i++)
		if (ip_equal(&own->all.list[i].cidr.ip, ip))
			return true;
	for (int i = 0; i < own->n_addresses; i++)
		if (ip_equal(&own->addresses[i], ip))
			return true;
	return false;
}

static const struct cidr *net_of(const struct own_rail *rail, const struct ip *ip)
{
	for (int i = 0; i < rail->n; i++)
		if (cidr_contains(&rail->nets[i], ip))
			return &rail->nets[i];
	return NULL;
}

static bool is_within(const struct own *own, const struct ip *ip)
{
	for (int i = 0; i < own->n_within; i++)
		if (cidr_contains(&own->within[i], ip))
			return true;
	return !own->n_within;
}

static void refuse(struct work *work, const struct peer *peer, const struct ip *ip,
		   const char *why, const char *who)
{
	struct wanted *wanted = work->ret;
	struct refusal *refusal,
		*grown = grow(wanted->refusals, wanted->n_refusals, sizeof(*grown));

	work->out_of_memory |= !grown;
	if (!grown)
		return;
	wanted->refusals = grown;
	refusal = &wanted->refusals[wanted->n_refusals++];
	*refusal = (struct refusal){ .peer = peer, .address = *ip };
	snprintf(refusal->why, sizeof(refusal->why), "%s%.80s", why, who);
}

/* What is wrong with any address that a peer claims; false: nothing. */
static bool refuse_claim(struct work *work, const struct peer *peer, const struct ip *ip)
{
	const struct peer *rival = rival_of(work, peer, ip);

	if (is_own(work->own, ip))
		refuse(work, peer, ip, "is this node's own", "");
	else if (rival)
		refuse(work, peer, ip, "is claimed by another node, too: ", rival->name);
	else
		return false;
	return true;
}

static bool refuse_address(struct work *work, const struct peer *peer,
			   const struct ip *ip)
{
	if (refuse_claim(work, peer, ip))
		return true;
	for (int i = 0; i < work->own->n_rails; i++) {
		if (!net_of(&work->own->rails[i], ip))
			continue;
		refuse(work, peer, ip,
		       "is in the network of a rail: ", work->own->rails[i].name);
		return true;
	}
	if (is_within(work->own, ip))
		return false;
	refuse(work, peer, ip, "is not within the networks of nodes", "");
	return true;
}

/* Which of our rails has the address in its network: the one at the same place if it can
 * be, since all may be in one network. -1: none. */
static int rail_to(const struct own *own, int place, const struct ip *ip)
{
	if (place < own->n_rails && net_of(&own->rails[place], ip))
		return place;
	for (int i = 0; i < own->n_rails; i++)
		if (net_of(&own->rails[i], ip))
			return i;
	return -1;
}

/* The first and the last address of an IPv4 network are no host's. */
static bool is_edge(const struct own_rail *rail, const struct ip *ip)
{
	const struct cidr *net = net_of(rail, ip);
	struct ip first = cidr_first(net), last = cidr_last(net);

	return ip->family == AF_INET && net->prefix < 31 &&
	       (ip_equal(ip, &first) || ip_equal(ip, &last));
}

static struct wanted_hop make_hop(struct work *work, const struct peer *peer, int place,
				  const struct ip *gw)
{
	const struct own *own = work->own;
	struct wanted_hop hop = { .gw = *gw, .rail = rail_to(own, place, gw) };

	if (refuse_claim(work, peer, gw)) {
		hop.state = HOP_REFUSED;
	} else if (hop.rail < 0) {
		hop.state = HOP_NO_RAIL;
	} else if (is_edge(&own->rails[hop.rail], gw)) {
		refuse(work, peer, gw, "is no host's address in the network of ",
		       own->rails[hop.rail].name);
		hop.state = HOP_REFUSED;
	} else if (!own->rails[hop.rail].up) {
		hop.state = HOP_DOWN_HERE;
	} else if (peer->rails[place].down) {
		hop.state = HOP_DOWN_THERE;
	} else {
		bool silent = silent_has(&own->silent, own->rails[hop.rail].ifindex, gw);

		hop.state = silent ? HOP_SILENT : HOP_UP;
	}
	return hop;
}

/* Of a rail with several addresses the best will do: states are sorted by that. */
static void add_hop(struct work *work, struct wanted_group *group, int place)
{
	const struct peer_rail *rail = &group->peer->rails[place];
	struct wanted_hop *best = &group->hops[group->n];
	bool any = false;

	for (int i = 0; i < rail->n; i++) {
		struct wanted_hop hop;

		if (rail->addresses[i].family != group->family)
			continue;
		hop = make_hop(work, group->peer, place, &rail->addresses[i]);
		if (!any || hop.state < best->state)
			*best = hop;
		any = true;
	}
	group->n += any;
	group->n_up += any && best->state == HOP_UP;
}

static struct ip source_for(const struct own *own, int family)
{
	for (int i = 0; i < own->n_addresses; i++)
		if (own->addresses[i].family == family)
			return own->addresses[i];
	return (struct ip){ .family = AF_UNSPEC };
}

static void want_family(struct work *work, const struct peer *peer, int family)
{
	struct wanted_group *group = &work->ret->groups[work->ret->n_groups];
	int before = work->ret->n_routes;

	for (int i = 0; i < peer->n_addresses; i++) {
		if (peer->addresses[i].family != family)
			continue;
		work->ret->routes[work->ret->n_routes++] = (struct wanted_route){
			.dst = peer->addresses[i],
			.src = source_for(work->own, family),
			.group = work->ret->n_groups,
			.refused = refuse_address(work, peer, &peer->addresses[i]),
		};
	}
	if (work->ret->n_routes == before)
		return;
	*group = (struct wanted_group){ .peer = peer, .family = family };
	for (int i = 0; i < peer->n_rails; i++)
		add_hop(work, group, i);
	work->ret->n_groups++;
}

static void work_end(struct work *work)
{
	free(work->claims);
}

int want(const struct own *own, const struct peers *peers, struct wanted *ret,
	 struct err *err)
{
	_autowanted_ struct wanted wanted = { 0 };
	_cleanup_(work_end) struct work work = { .own = own,
						 .peers = peers,
						 .ret = &wanted };
	size_t n = peers->count + 1;

	wanted.groups = calloc(2 * n, sizeof(*wanted.groups));
	wanted.routes = calloc(n * PEER_ADDRESSES, sizeof(*wanted.routes));
	if (!wanted.groups || !wanted.routes)
		return err_set(err, ENOMEM, "routes to %d peers", peers->count);
	if (gather_claims(&work, err))
		return -1;
	for (int i = 0; i < peers->count; i++) {
		if (!strcmp(peers->list[i].name, own->name))
			continue;
		want_family(&work, &peers->list[i], AF_INET);
		want_family(&work, &peers->list[i], AF_INET6);
	}
	if (work.out_of_memory)
		return err_set(err, ENOMEM, "list of refusals");
	*ret = wanted;
	wanted = (struct wanted){ 0 };
	return 0;
}

bool wanted_now(const struct wanted *wanted, const struct wanted_route *route)
{
	return !route->refused && route->src.family &&
	       wanted->groups[route->group].n_up > 0;
}

void wanted_clear(struct wanted *wanted)
{
	free(wanted->groups);
	free(wanted->routes);
	free(wanted->refusals);
	*wanted = (struct wanted){ 0 };
}
