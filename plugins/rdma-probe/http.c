/* http.c - as much of HTTP as a scraper needs: GET of a few paths, one at a time. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/http.h"
#include "plugins/rdma-probe/wire.h"

#define REQUEST_MAX 4096
#define TIME_NS	    (2 * NS_S)

int http_parse(const char *request, char *ret, size_t size)
{
	size_t len;

	if (strncmp(request, "GET /", 5))
		return -1;
	request += 4;
	len = strcspn(request, " ?\r\n");
	if (len >= size || request[len] == '\r' || request[len] == '\n' || !request[len])
		return -1;
	memcpy(ret, request, len);
	ret[len] = '\0';
	return 0;
}

/* Up to the empty line; false when that does not come. */
static bool read_request(int fd, char *ret, const struct until *until)
{
	size_t len = 0;
	struct err err;

	while (len < REQUEST_MAX - 1) {
		ssize_t n;

		if (wire_wait(fd, POLLIN, until, &err))
			return false;
		n = recv(fd, ret + len, REQUEST_MAX - 1 - len, MSG_DONTWAIT);
		if (n <= 0)
			return false;
		len += (size_t)n;
		ret[len] = '\0';
		if (strstr(ret, "\r\n\r\n") || strstr(ret, "\n\n"))
			return true;
	}
	return false;
}

static void send_all(int fd, const char *data, size_t len, const struct until *until)
{
	struct err err;

	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno != EAGAIN || wire_wait(fd, POLLOUT, until, &err)))
			return;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

static const char *status_text(int status)
{
	return status == 200 ? "OK" : status == 503 ? "Service Unavailable" : "Not Found";
}

static void respond(int fd, const char *request, http_answer answer, void *arg,
		    const struct until *until)
{
	_autofree_ char *body = NULL;
	char path[128] = "", head[160];
	size_t size = 0;
	FILE *out = open_memstream(&body, &size);
	int status = 404, n;

	if (!out)
		return;
	if (!http_parse(request, path, sizeof(path)))
		status = answer(arg, path, out);
	fclose(out);
	n = snprintf(head, sizeof(head),
		     "HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4\r\n"
		     "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		     status, status_text(status), size);
	send_all(fd, head, (size_t)n, until);
	send_all(fd, body, size, until);
}

void http_serve_one(int listener, http_answer answer, void *arg)
{
	_autoclose_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct until until = { clock_ns() + TIME_NS, -1 };
	char request[REQUEST_MAX];

	if (fd >= 0 && read_request(fd, request, &until))
		respond(fd, request, answer, arg, &until);
}

static void *serve(void *arg)
{
	const struct http *http = arg;
	const struct until forever = { INT64_MAX, http->stop };
	struct err ignored;

	while (!wire_wait(http->listener, POLLIN, &forever, &ignored))
		http_serve_one(http->listener, http->answer, http->arg);
	return NULL;
}

int http_listen(struct http *http, const struct endpoint *at, struct err *err)
{
	http->listener = wire_listen(at, err);
	return http->listener < 0 ? err_wrap(err, "metrics") : 0;
}

int http_start(struct http *http, int stop, struct err *err)
{
	pthread_t thread;
	int no;

	http->stop = stop;
	no = pthread_create(&thread, NULL, serve, http);
	return no ? err_set(err, no, "start a thread") : 0;
}
