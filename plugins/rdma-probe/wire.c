/* wire.c - lines over a stream, bounded in size and time, for untrusted peers. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/place.h"
#include "plugins/rdma-probe/wire.h"

int wire_wait(int fd, short events, const struct until *until, struct err *err)
{
	struct pollfd fds[] = { { .fd = fd, .events = events },
				{ .fd = until->stop, .events = POLLIN } };
	int n;

	do {
		int64_t left = until->deadline - clock_ns();
		struct timespec timeout = { left / NS_S, left % NS_S };

		if (left < 0)
			timeout = (struct timespec){ 0 };
		n = ppoll(fds, 2, &timeout, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, errno, "poll");
	if (fds[1].revents)
		return err_set(err, ECANCELED, "wait");
	return n ? 0 : err_set(err, ETIMEDOUT, "wait");
}

int wire_open(struct wire *ret, int fd, size_t max, struct err *err)
{
	int on = 1;

	*ret = (struct wire){ .fd = fd, .buf = malloc(max + 1), .room = max };
	if (!ret->buf)
		return err_set(err, ENOMEM, "buffer of %zu bytes", max);
	/* Lines are short and answered at once: do not collect them. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

void wire_close(struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	free(wire->buf);
	*wire = (struct wire)WIRE_NONE;
}

static int finish_connect(int fd, const struct until *until, struct err *err)
{
	int no = 0;
	socklen_t len = sizeof(no);

	if (wire_wait(fd, POLLOUT, until, err))
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &no, &len))
		no = errno;
	return no ? err_set(err, no, "connect") : 0;
}

static int connect_one(const struct addrinfo *ai, const struct until *until,
		       struct err *err)
{
	_autoclose_ int fd =
		socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_set(err, errno, "socket");
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return take_fd(fd);
	if (errno != EINPROGRESS)
		return err_set(err, errno, "connect");
	return finish_connect(fd, until, err) ? -1 : take_fd(fd);
}

int wire_connect(struct wire *ret, const struct endpoint *to, size_t max,
		 const struct until *until, struct err *err)
{
	struct addrinfo *list;
	int fd = -1, left = 0;

	if (place_find(to, 0, &list, err))
		return -1;
	for (struct addrinfo *ai = list; ai; ai = ai->ai_next)
		left++;
	/* Each gets its share of the time, or a dead first one would take it all. */
	for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next, left--) {
		int64_t now = clock_ns();
		struct until share = { now + (until->deadline - now) / left,
				       until->stop };

		fd = connect_one(ai, &share, err);
	}
	place_free(list);
	if (fd < 0)
		return place_wrap(to, err);
	return wire_open(ret, fd, max, err);
}

int wire_send(struct wire *wire, const char *line, const struct until *until,
	      struct err *err)
{
	size_t len = strlen(line), sent = 0;

	while (sent <= len) {
		struct iovec parts[] = { { (char *)line + sent, len - sent },
					 { "\n", 1 } };
		struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
		ssize_t n = sendmsg(wire->fd, &msg, MSG_NOSIGNAL);

		if (n >= 0)
			sent += n;
		else if (errno != EAGAIN && errno != EINTR)
			return err_set(err, errno, "send");
		else if (wire_wait(wire->fd, POLLOUT, until, err))
			return err_wrap(err, "send");
	}
	return 0;
}

/* A complete line that was received already, or NULL. */
static char *next_line(struct wire *wire, size_t *len)
{
	char *start = wire->buf + wire->used;
	char *end = memchr(start, '\n', wire->len - wire->used);

	if (!end)
		return NULL;
	*end = '\0';
	*len = end - start;
	wire->used += *len + 1;
	return start;
}

int wire_line(struct wire *wire, const struct until *until, const char **line,
	      size_t *len, struct err *err)
{
	for (;;) {
		ssize_t n;

		*line = next_line(wire, len);
		if (*line)
			return 1;
		memmove(wire->buf, wire->buf + wire->used, wire->len - wire->used);
		wire->len -= wire->used;
		wire->used = 0;
		if (wire->len == wire->room)
			return err_set(err, EMSGSIZE, "a line of more than %zu bytes",
				       wire->room);
		n = recv(wire->fd, wire->buf + wire->len, wire->room - wire->len,
			 MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return 0;
		if (n > 0)
			wire->len += n;
		else if (errno != EAGAIN && errno != EINTR)
			return err_set(err, errno, "receive");
		else if (wire_wait(wire->fd, POLLIN, until, err))
			return err_wrap(err, "receive");
	}
}

bool wire_is_closed(const struct wire *wire)
{
	struct pollfd fd = { .fd = wire->fd, .events = POLLRDHUP };

	return poll(&fd, 1, 0) > 0;
}

static int listen_at(const struct addrinfo *ai, struct err *err)
{
	_autoclose_ int fd =
		socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, off = 0;

	if (fd < 0)
		return err_set(err, errno, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	place_clear(ai);
	if (ai->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, 128))
		return err_set(err, errno, "listen");
	return take_fd(fd);
}

int wire_listen(const struct endpoint *at, struct err *err)
{
	struct addrinfo *list;
	int fd = -1;

	if (place_find(at, AI_PASSIVE, &list, err))
		return -1;
	/* An IPv6 socket serves both families; without IPv6, the other one does. */
	for (int pass = 0; pass < 2 && fd < 0; pass++)
		for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next)
			if ((ai->ai_family == AF_INET6) == (pass == 0))
				fd = listen_at(ai, err);
	place_free(list);
	if (fd < 0)
		return place_wrap(at, err);
	return fd;
}
