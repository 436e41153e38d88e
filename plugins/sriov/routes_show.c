/* routes_show.c - rail-sriov routes show: every peer, its routes, which rails they take.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/json.h"
#include "pkg/table.h"
#include "plugins/sriov/admin.h"
#include "plugins/sriov/routes_health.h"
#include "plugins/sriov/routes_source.h"
#include "plugins/sriov/routes_sync.h"

#define RAILS_TEXT 1200

/* What has become of an address of a peer. */
enum fate {
	PROGRAMMED,
	MISSING,  /* sync would make a route, or change it */
	FALLBACK, /* no rail leads there now: the ordinary way */
	FOREIGN,  /* somebody else's route */
	REFUSED,
	LEFTOVER, /* ours, of a peer that is not there any more */
};

static const struct {
	const char *name;
	enum colour colour;
} fates[] = {
	[PROGRAMMED] = { "programmed", GREEN }, [MISSING] = { "missing", RED },
	[FALLBACK] = { "fallback", YELLOW },	[FOREIGN] = { "foreign", YELLOW },
	[REFUSED] = { "refused", RED },		[LEFTOVER] = { "leftover", YELLOW },
};

struct show {
	const struct round *round;
	struct table table;
	struct cJSON *list;
	bool bad;
};

static void put_rail(const char *rail, const struct ip *gw, const char *state,
		     struct cJSON *rails, char text[RAILS_TEXT])
{
	struct cJSON *obj = cJSON_CreateObject();
	size_t n = strlen(text);
	bool up = !strcmp(state, "up");
	char ip[IP_LEN];

	ip_format(gw, ip);
	snprintf(text + n, RAILS_TEXT - n, "%s%s %s%s%s", n ? ", " : "", rail, ip,
		 up ? "" : " ", up ? "" : state);
	cJSON_AddStringToObject(obj, "rail", rail);
	cJSON_AddStringToObject(obj, "nextHop", ip);
	cJSON_AddStringToObject(obj, "state", state);
	cJSON_AddItemToArray(rails, obj);
}

static struct cJSON *row(struct show *show, const char *peer, const struct ip *address,
			 enum fate fate)
{
	struct cJSON *obj = cJSON_CreateObject();
	char text[IP_LEN];

	ip_format(address, text);
	table_cell(&show->table, "%s", peer);
	table_cell(&show->table, "%s", text);
	table_cell(&show->table, "%s", fates[fate].name);
	table_paint(&show->table, fates[fate].colour);
	if (*peer)
		cJSON_AddStringToObject(obj, "peer", peer);
	cJSON_AddStringToObject(obj, "address", text);
	cJSON_AddStringToObject(obj, "state", fates[fate].name);
	cJSON_AddItemToArray(show->list, obj);
	show->bad |= fate != PROGRAMMED;
	return obj;
}

/* The plan says whether it is as it should be. */
static bool is_planned(const struct round *round, const struct wanted_route *route,
		       const struct hostroute *now)
{
	for (int i = 0; i < round->changes.count; i++) {
		const struct change *change = &round->changes.list[i];

		if ((change->kind == ADD_ROUTE &&
		     ip_equal(&change->route.dst.ip, &route->dst)) ||
		    (change->kind == SET_GROUP && now &&
		     change->nexthop.id == now->nexthop))
			return true;
	}
	return false;
}

static enum fate fate_of(const struct round *round, int i)
{
	const struct wanted_route *route = &round->wanted.routes[i];
	const struct hostroute *now = hostroutes_find(&round->now.routes, &route->dst);

	if (round->foreign[i])
		return FOREIGN;
	if (route->refused)
		return REFUSED;
	if (!wanted_now(&round->wanted, route))
		return FALLBACK;
	return is_planned(round, route, now) ? MISSING : PROGRAMMED;
}

static void show_route(struct show *show, int i)
{
	const struct round *round = show->round;
	const struct wanted_route *route = &round->wanted.routes[i];
	const struct wanted_group *group = &round->wanted.groups[route->group];
	struct cJSON *obj = row(show, group->peer->name, &route->dst, fate_of(round, i));
	struct cJSON *rails = cJSON_AddArrayToObject(obj, "rails");
	char text[RAILS_TEXT] = "";

	for (int j = 0; j < group->n; j++) {
		const struct wanted_hop *hop = &group->hops[j];

		put_rail(hop->rail < 0 ? "-" : round->own.rails[hop->rail].name, &hop->gw,
			 hop_state_name(hop->state), rails, text);
	}
	table_cell(&show->table, "%s", text);
}

static bool is_wanted(const struct round *round, const struct hostroute *now)
{
	for (int i = 0; i < round->wanted.n_routes; i++)
		if (ip_equal(&round->wanted.routes[i].dst, &now->dst.ip))
			return true;
	return false;
}

/* Of a route in the kernel, without a word about what it should be. */
static void show_kernel(struct show *show, struct nl *nl, const struct hostroute *now,
			enum fate fate)
{
	const struct nexthops *all = &show->round->now.nexthops;
	const struct nexthop *group = nexthops_find(all, now->nexthop);
	struct cJSON *obj = row(show, "", &now->dst.ip, fate);
	struct cJSON *rails = cJSON_AddArrayToObject(obj, "rails");
	char text[RAILS_TEXT] = "";

	for (int i = 0; group && i < group->n; i++) {
		const struct nexthop *hop = nexthops_find(all, group->members[i]);
		struct link link = { 0 };
		struct err ignored;

		if (!hop || link_get(nl, hop->ifindex, &link, &ignored))
			continue;
		put_rail(link.name, &hop->gw, link.carrier ? "up" : "down", rails, text);
	}
	table_cell(&show->table, "%s", text);
}

/* For people: what keeps routes that are right from doing what they are for. */
static void hints(const struct show *show)
{
	_autonotes_ struct notes notes = { 0 };

	routes_health(&show->round->now, &notes);
	for (int i = 0; i < notes.count; i++)
		printf("note: %s\n", notes.list[i]);
}

static void show_end(struct show *show)
{
	table_clear(&show->table);
	cJSON_Delete(show->list);
}

static int print(const struct routes_options *options, const struct show *show)
{
	const struct options how = { .json = options->json };

	admin_show(&how, &show->table, show->list, "no routes");
	if (!options->json)
		hints(show);
	return show->bad;
}

static void heading(struct table *table)
{
	table->columns = 4;
	table_cell(table, "PEER");
	table_cell(table, "ADDRESS");
	table_cell(table, "STATE");
	table_cell(table, "RAILS");
}

/* Without peers: what there is. */
static int show_all(const struct routes_options *options, struct nl *nl, struct err *err)
{
	_autoround_ struct round round = { 0 };
	_cleanup_(show_end) struct show show = { .round = &round,
						 .list = cJSON_CreateArray() };

	if (routes_now_get(nl, &round.now, err))
		return -1;
	heading(&show.table);
	for (int i = 0; i < round.now.routes.count; i++)
		show_kernel(&show, nl, &round.now.routes.list[i], PROGRAMMED);
	return print(options, &show);
}

int routes_show(const struct routes_options *options, struct err *err)
{
	_autonl_ struct nl *nl = NULL;
	_autosource_ struct source source = SOURCE_OF(options);
	_autoround_ struct round round = { 0 };
	_cleanup_(show_end) struct show show = { .round = &round,
						 .list = cJSON_CreateArray() };
	int told = 0;

	if (round_open(&nl, err))
		return -1;
	if (!options->peers && !options->store)
		return show_all(options, nl, err);
	if (source_read(&source, NULL, err) < 0 ||
	    round_look(&round, nl, options, &source.peers, err))
		return -1;
	heading(&show.table);
	for (int i = 0; i < round.wanted.n_routes; i++)
		show_route(&show, i);
	for (int i = 0; i < round.now.routes.count; i++)
		if (!is_wanted(&round, &round.now.routes.list[i]))
			show_kernel(&show, nl, &round.now.routes.list[i], LEFTOVER);
	print(options, &show);
	told = notes_tell(&source.notes) + notes_tell(&round.notes);
	return show.bad || told;
}
