/* fuzz_probe_http.c - what somebody sends to the port of the metrics.
 *
 * links: plugins/rdma-probe/http.c plugins/rdma-probe/wire.c
 * plugins/rdma-probe/place.c */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <sys/socket.h>

#include "plugins/rdma-probe/http.h"

static int ours, theirs;

/* No listener: the connection is there. */
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	(void)fd, (void)addr, (void)len, (void)flags;
	return theirs;
}

static int answer(void *arg, const char *path, FILE *out)
{
	(void)arg;
	must(*path == '/' && !strpbrk(path, " ?\r\n"));
	fprintf(out, "%s\n", path);
	return 200;
}

static void must_be_an_answer(const char *text, size_t len)
{
	must(len > 17 && !strncmp(text, "HTTP/1.1 ", 9));
	must(memmem(text, len, "\r\n\r\n", 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char got[1024], path[128];
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	int fds[2];
	ssize_t n;

	if (!http_parse(fuzz.text, path, sizeof(path)))
		must(*path == '/' && strlen(path) < sizeof(path));
	if (size > 8192)
		return 0;
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	ours = fds[0];
	theirs = fds[1];
	must(send(ours, data, size, 0) == (ssize_t)size && !shutdown(ours, SHUT_WR));
	http_serve_one(-1, answer, NULL);
	n = recv(ours, got, sizeof(got), MSG_DONTWAIT);
	must(n >= 0 || errno == ECONNRESET); /* closed by the other side */
	if (n > 0)
		must_be_an_answer(got, (size_t)n);
	close(ours);
	return 0;
}
