/* place.c - where an endpoint is: addresses of TCP, or a UNIX socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "pkg/cleanup.h"
#include "plugins/rdma-probe/place.h"

struct unix_place {
	struct addrinfo ai; /* first: it is what callers have */
	struct sockaddr_un addr;
};

static int find_unix(const char *path, struct addrinfo **ret, struct err *err)
{
	struct unix_place *place = calloc(1, sizeof(*place));

	if (!place)
		return err_set(err, ENOMEM, "%s", path);
	if (strlen(path) >= sizeof(place->addr.sun_path)) {
		free(place);
		return err_set(err, ENAMETOOLONG, "the path of a socket");
	}
	place->addr.sun_family = AF_UNIX;
	strcpy(place->addr.sun_path, path);
	place->ai = (struct addrinfo){ .ai_family = AF_UNIX,
				       .ai_socktype = SOCK_STREAM,
				       .ai_addr = (struct sockaddr *)&place->addr,
				       .ai_addrlen = sizeof(place->addr) };
	*ret = &place->ai;
	return 0;
}

int place_find(const struct endpoint *at, int flags, struct addrinfo **ret,
	       struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = flags | AI_NUMERICSERV };
	int r;

	if (endpoint_is_path(at))
		return find_unix(at->host, ret, err);
	r = getaddrinfo(*at->host ? at->host : NULL, at->port, &hints, ret);
	if (r == EAI_SYSTEM)
		return err_set(err, errno, "resolve %s", at->host);
	return r ? err_set(err, 0, "resolve %s: %s", at->host, gai_strerror(r)) : 0;
}

void place_free(struct addrinfo *place)
{
	if (place->ai_family == AF_UNIX)
		free(place);
	else
		freeaddrinfo(place);
}

void place_clear(const struct addrinfo *place)
{
	_autoclose_ int fd = -1;
	const char *path;
	struct stat st;

	if (place->ai_family != AF_UNIX)
		return;
	path = ((const struct unix_place *)place)->addr.sun_path;
	if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, place->ai_addr, place->ai_addrlen) &&
	    errno == ECONNREFUSED)
		(void)unlink(path);
}

int place_wrap(const struct endpoint *at, struct err *err)
{
	if (endpoint_is_path(at))
		return err_wrap(err, "%s", at->host);
	return err_wrap(err, "%s port %s", *at->host ? at->host : "*", at->port);
}
