/* server.c - what all clients of rdma-probe serve share: the rails, and the counts. */
#include <string.h>

#include "pkg/clock.h"
#include "pkg/grow.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/server.h"

#define DONE_MAX 4096

static int look(struct view *view, const struct opts *opts, int family, struct err *err)
{
	_autolocal_ struct local local = { 0 };
	struct opts asked = *opts;

	if (family)
		asked.family = family;
	if (command_scan(&asked, &local, &view->rails, err))
		return -1;
	view->looked = clock_ns();
	return 0;
}

int server_rails(struct server *server, int family, struct rails *ret, struct err *err)
{
	struct view *view = &server->views[family == AF_INET6 ? 2 : family == AF_INET];
	int r = 0, changes = server->changes;

	pthread_mutex_lock(&server->lock);
	if (!view->looked || view->changes != changes ||
	    clock_ns() - view->looked > server->fresh)
		r = look(view, server->opts, family, err);
	if (!r)
		view->changes = changes;
	if (!r)
		*ret = view->rails;
	pthread_mutex_unlock(&server->lock);
	return r;
}

/* Called with the lock held: the place of this rail, or a free one. */
static struct hub **place(struct server *server, const struct rail *rail)
{
	struct hub **unused = NULL;

	for (int i = 0; i < RAIL_MAX; i++) {
		struct hub **hub = &server->hubs[i];

		if (*hub && !strcmp((*hub)->rail.name, rail->name))
			return hub;
		if (!*hub && !unused)
			unused = hub;
	}
	return unused;
}

struct hub *server_hub(struct server *server, const struct rail *rail,
		       struct fault *fault)
{
	struct hub **slot, *hub = NULL;

	pthread_mutex_lock(&server->hubs_lock);
	slot = place(server, rail);
	if (slot && *slot && !hub_fits(*slot, rail)) {
		hub_put(*slot);
		*slot = NULL;
	}
	if (!slot)
		fault_set(fault, REASON_NONE, 0, "more than %d rails", RAIL_MAX);
	else if (!*slot)
		*slot = hub_new(rail, UD_DEPTH, &server->owner, fault);
	if (slot && *slot)
		hub = hub_get(*slot);
	pthread_mutex_unlock(&server->hubs_lock);
	return hub;
}

void server_drop_hub(struct server *server, const char *rail)
{
	pthread_mutex_lock(&server->hubs_lock);
	for (int i = 0; i < RAIL_MAX; i++)
		if (server->hubs[i] && !strcmp(server->hubs[i]->rail.name, rail)) {
			hub_put(server->hubs[i]);
			server->hubs[i] = NULL;
		}
	pthread_mutex_unlock(&server->hubs_lock);
}

void server_event(void *arg)
{
	struct server *server = arg;

	server->changes++;
	pthread_mutex_lock(&server->hubs_lock);
	for (int i = 0; i < RAIL_MAX; i++)
		if (server->hubs[i] && server->hubs[i]->dead) {
			hub_put(server->hubs[i]);
			server->hubs[i] = NULL;
		}
	pthread_mutex_unlock(&server->hubs_lock);
}

bool server_count(struct server *server, const char *rail, uint32_t token, uint32_t *ret)
{
	bool known = false;

	pthread_mutex_lock(&server->hubs_lock);
	for (int i = 0; i < RAIL_MAX && !known; i++)
		if (server->hubs[i] && !strcmp(server->hubs[i]->rail.name, rail))
			known = hub_arrived(server->hubs[i], token, ret);
	pthread_mutex_unlock(&server->hubs_lock);
	return known;
}

/* Called with the lock held. */
static void add_done(struct server *server, const char *host)
{
	char(*grown)[PROTO_HOST_LEN];

	for (int i = 0; i < server->ndone; i++)
		if (!strcmp(server->done[i], host))
			return;
	if (server->ndone == DONE_MAX)
		return;
	grown = grow(server->done, server->ndone, sizeof(*grown));
	if (!grown)
		return;
	server->done = grown;
	memcpy(grown[server->ndone++], host, PROTO_HOST_LEN);
}

void server_note_done(struct server *server, const char *host)
{
	pthread_mutex_lock(&server->lock);
	add_done(server, host);
	pthread_mutex_unlock(&server->lock);
}

void server_close_hubs(struct server *server)
{
	for (int i = 0; i < RAIL_MAX; i++) {
		hub_put(server->hubs[i]);
		server->hubs[i] = NULL;
	}
}
