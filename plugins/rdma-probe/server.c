/* server.c - what all clients of rdma-probe serve share: the rails, and the counts. */
#include "pkg/clock.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/server.h"

#define FRESH_NS (200 * NS_MS)

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
	int r = 0;

	pthread_mutex_lock(&server->lock);
	if (!view->looked || clock_ns() - view->looked > FRESH_NS)
		r = look(view, server->opts, family, err);
	if (!r)
		*ret = view->rails;
	pthread_mutex_unlock(&server->lock);
	return r;
}
