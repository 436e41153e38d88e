/* routes_sync.c - one round: what is, what shall be, and the changes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/sriov/routes_sync.h"

#define ROUNDS	4 /* while things change */
#define LOCK_MS 10000

int round_open(struct nl **ret, struct err *err)
{
	if (nl_open(ret, NETLINK_ROUTE, err))
		return -1;
	nl_strict(*ret);
	return 0;
}

int routes_now_get(struct nl *nl, struct routes_now *ret, struct err *err)
{
	if (hostroutes_get(nl, ROUTES_PROTOCOL, &ret->routes, err))
		return -1;
	return nexthops_get(nl, &ret->nexthops, err);
}

/* Somebody else's route to an address that we have none to stays, and ours is none. */
static int find_foreign(struct round *round, struct nl *nl, struct err *err)
{
	round->foreign = calloc(round->wanted.n_routes + 1, sizeof(*round->foreign));
	if (!round->foreign)
		return err_set(err, ENOMEM, "list of routes");
	for (int i = 0; i < round->wanted.n_routes; i++) {
		struct wanted_route *route = &round->wanted.routes[i];
		char text[IP_LEN];

		if (!wanted_now(&round->wanted, route) ||
		    hostroutes_find(&round->now.routes, &route->dst))
			continue;
		if (hostroute_foreign(nl, &route->dst, ROUTES_PROTOCOL,
				      &round->foreign[i], err) < 0)
			return -1;
		if (!round->foreign[i])
			continue;
		route->refused = true;
		note(&round->notes,
		     "%s: there is another route to %s, of protocol %u: it stays",
		     round->wanted.groups[route->group].peer->name,
		     ip_format(&route->dst, text), round->foreign[i]);
	}
	return 0;
}

static void note_refusals(struct round *round)
{
	for (int i = 0; i < round->wanted.n_refusals; i++) {
		const struct refusal *refusal = &round->wanted.refusals[i];
		char text[IP_LEN];

		note(&round->notes, "%s: %s %s", refusal->peer->name,
		     ip_format(&refusal->address, text), refusal->why);
	}
}

/* Of a rail that is down nothing is remembered: it shall be tried when it is back. */
static void forget_down(const struct own *own, struct silent *silent)
{
	int n = 0;

	for (int i = 0; i < silent->count; i++)
		for (int j = 0; j < own->n_rails; j++)
			if (own->rails[j].ifindex == silent->list[i].ifindex &&
			    own->rails[j].up)
				silent->list[n++] = silent->list[i];
	silent->count = n;
}

int round_look(struct round *round, struct nl *nl, const struct routes_options *options,
	       const struct peers *peers, struct err *err)
{
	const struct peer *line = peers_find(peers, options->name);
	_autosilent_ struct silent before = round->own.silent;

	round->own.silent = (struct silent){ 0 };
	round_clear(round);
	if (own_read(nl, options, line, &round->own, err) ||
	    routes_now_get(nl, &round->now, err) ||
	    silent_get(nl, &before, &round->now.nexthops, &round->own.silent, err))
		return -1;
	forget_down(&round->own, &round->own.silent);
	if (want(&round->own, peers, &round->wanted, err))
		return -1;
	note_refusals(round);
	if (find_foreign(round, nl, err))
		return -1;
	return routes_plan(&round->own, &round->wanted, &round->now, &round->changes,
			   err);
}

int round_allowed(const struct round *round, const struct routes_options *options,
		  const struct peers *peers, struct err *err)
{
	int others = peers->count - (peers_find(peers, options->name) != NULL);

	if (others || options->allow_empty)
		return 0;
	err_set(err, 0, "%s names no node but this one; %d routes stay",
		options->peers ? options->peers : options->store,
		round->now.routes.count);
	return err_hint(err, "if that is meant: --allow-empty; is a share not mounted?");
}

/* The first change of those that only take away what nobody needs any more. */
static int first_of_rest(const struct changes *changes)
{
	int i = changes->count;

	while (i > 0 && !*changes->list[i - 1].peer)
		i--;
	return i;
}

static void begin(struct nl *nl, const struct change *change)
{
	switch (change->kind) {
	case ADD_HOP:
	case ADD_GROUP:
		nexthop_begin_add(nl, &change->nexthop);
		break;
	case SET_GROUP:
		nexthop_begin_replace(nl, &change->nexthop);
		break;
	case ADD_ROUTE:
		hostroute_begin_add(nl, ROUTES_PROTOCOL, &change->route);
		break;
	case DEL_ROUTE:
		hostroute_begin_del(nl, ROUTES_PROTOCOL, &change->route);
		break;
	case DEL_GROUP:
	case DEL_HOP:
		nexthop_begin_del(nl, change->nexthop.id);
		break;
	}
}

struct sending {
	struct round *round;
	int first; /* change that is first in the queue */
	struct err *refused;
	bool failed;
};

static void on_refused(void *data, int i, const struct err *err)
{
	struct sending *sending = data;
	struct round *round = sending->round;
	const struct change *change = &round->changes.list[sending->first + i];
	char text[CHANGE_TEXT];

	/* What shall go has gone: with its interface, or with its group. */
	if ((change->kind == DEL_ROUTE && err->no == ESRCH) ||
	    ((change->kind == DEL_GROUP || change->kind == DEL_HOP) && err->no == ENOENT))
		return;
	if (change->kind == ADD_ROUTE && err->no == EEXIST) {
		note(&round->notes, "%s: there is another route to %s: it stays",
		     change->peer, change_text(round, change, text));
		return;
	}
	if (!sending->failed) {
		*sending->refused = *err;
		err_wrap(sending->refused, "%s %s", change_name(change->kind),
			 change_text(round, change, text));
	}
	sending->failed = true;
}

/* Send changes from..to; 1 when none failed, 0 or -1. */
static int send_some(struct sending *sending, struct nl *nl, int from, int to,
		     struct err *err)
{
	sending->first = from;
	for (int i = from; i < to; i++) {
		begin(nl, &sending->round->changes.list[i]);
		if (!nl_queue(nl))
			continue;
		if (nl_flush(nl, on_refused, sending, err))
			return -1;
		sending->first = i + 1;
	}
	if (nl_flush(nl, on_refused, sending, err))
		return -1;
	return !sending->failed;
}

int round_apply(struct round *round, struct nl *nl, struct err *refused, struct err *err)
{
	struct sending sending = { .round = round, .refused = refused };
	int rest = first_of_rest(&round->changes);
	int r = send_some(&sending, nl, 0, rest, err);

	/* What could not be replaced is still needed. */
	return r > 0 ? send_some(&sending, nl, rest, round->changes.count, err) : r;
}

static void on_unasked(void *data, int i, const struct err *err)
{
	(void)data;
	(void)i;
	(void)err; /* the next round asks again */
}

/* Nothing is sent to who is silent: have the kernel ask whether they are back. */
static int ask_silent(const struct round *round, struct nl *nl, struct err *err)
{
	for (int i = 0; i < round->wanted.n_groups; i++) {
		const struct wanted_group *group = &round->wanted.groups[i];

		for (int j = 0; j < group->n; j++) {
			const struct wanted_hop *hop = &group->hops[j];

			if (hop->state != HOP_SILENT)
				continue;
			silent_begin_ask(nl, round->own.rails[hop->rail].ifindex,
					 &hop->gw);
			if (nl_queue(nl) && nl_flush(nl, on_unasked, NULL, err))
				return -1;
		}
	}
	return nl_flush(nl, on_unasked, NULL, err);
}

int round_run(struct round *round, struct nl *nl, const struct routes_options *options,
	      const struct peers *peers, struct err *err)
{
	_autoclose_ int lock = routes_lock("kernel", LOCK_MS, err);
	int r = 0;

	if (lock < 0)
		return -1;
	/* A rail may lose its carrier between the look and the change: look again. */
	for (int i = 0; i < ROUNDS && !r; i++) {
		struct err refused;

		if (round_look(round, nl, options, peers, err) ||
		    round_allowed(round, options, peers, err))
			return -1;
		r = round_apply(round, nl, &refused, err);
		if (!r)
			*err = refused;
	}
	return r > 0 ? ask_silent(round, nl, err) : -1;
}

int round_take_all(struct round *round, struct nl *nl, bool dry_run, struct err *err)
{
	_autoclose_ int lock = dry_run ? -1 : routes_lock("kernel", LOCK_MS, err);
	struct err refused;
	int r;

	if ((lock < 0 && !dry_run) || routes_now_get(nl, &round->now, err) ||
	    routes_plan(&round->own, &round->wanted, &round->now, &round->changes, err))
		return -1;
	r = dry_run ? 1 : round_apply(round, nl, &refused, err);
	if (!r)
		*err = refused;
	return r > 0 ? 0 : -1;
}

void round_clear(struct round *round)
{
	own_clear(&round->own);
	wanted_clear(&round->wanted);
	nexthops_clear(&round->now.nexthops);
	hostroutes_clear(&round->now.routes);
	changes_clear(&round->changes);
	free(round->foreign);
	notes_clear(&round->notes);
	*round = (struct round){ 0 };
}

const char *change_name(enum change_kind kind)
{
	static const char *const names[] = {
		[ADD_HOP] = "add next hop",    [ADD_GROUP] = "add group",
		[SET_GROUP] = "change group",  [DEL_ROUTE] = "remove route",
		[ADD_ROUTE] = "add route",     [DEL_GROUP] = "remove group",
		[DEL_HOP] = "remove next hop",
	};

	return names[kind];
}

static char *rail_name(int ifindex, char buf[IFNAMSIZ])
{
	return if_indextoname(ifindex, buf) ? buf : strcpy(buf, "?");
}

/* A member of a group: its next hop is one that is, or one of these changes. */
static const struct nexthop *member(const struct round *round, uint32_t id)
{
	const struct nexthop *now = nexthops_find(&round->now.nexthops, id);

	for (int i = 0; !now && i < round->changes.count; i++)
		if (round->changes.list[i].kind == ADD_HOP &&
		    round->changes.list[i].nexthop.id == id)
			now = &round->changes.list[i].nexthop;
	return now;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void group_text(const struct round *round, const struct nexthop *group,
		       char buf[CHANGE_TEXT])
{
	char names[NEXTHOP_MEMBERS][IFNAMSIZ];
	int n = 0;

	for (int i = 0; i < group->n; i++) {
		const struct nexthop *hop = member(round, group->members[i]);

		rail_name(hop ? hop->ifindex : 0, names[i]);
	}
	qsort(names, group->n, sizeof(*names), by_text);
	for (int i = 0; i < group->n; i++)
		n += snprintf(buf + n, CHANGE_TEXT - n, "%s%s", i ? " " : "", names[i]);
}

char *change_text(const struct round *round, const struct change *change,
		  char buf[CHANGE_TEXT])
{
	const struct nexthop *nexthop = &change->nexthop;
	char ip[IP_LEN], name[IFNAMSIZ];

	if (change->kind == ADD_ROUTE || change->kind == DEL_ROUTE)
		ip_format(&change->route.dst.ip, buf);
	else if (nexthop->n)
		group_text(round, nexthop, buf);
	else
		snprintf(buf, CHANGE_TEXT, "%s on %s", ip_format(&nexthop->gw, ip),
			 rail_name(nexthop->ifindex, name));
	return buf;
}
