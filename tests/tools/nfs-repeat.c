/*
 * nfs-repeat.c - between an NFS 3 client and its server: lose a reply, repeat a request.
 *
 *	nfs-repeat PORT SERVER-PORT
 *
 * Listens on PORT, passes all on to this machine's SERVER-PORT, and takes commands from
 * standard input, a word a line:
 *
 *	lose	let the next RENAME be executed, but drop its reply and the connection.
 *The client then connects anew and sends it again, from another port: what the server
 *remembers of earlier requests does not apply
 *It then tells what that was answered: "repeated STATUS" (0 done, 2 no such file)
 *	keep	what `again` sends is the RENAME that was last seen until now
 *	again	send that RENAME once more, on a connection of its own
 *
 * It answers with a line each: "lost", "kept", "again STATUS" (0 done, 2 no such file).
 * `lose` is answered when it has happened.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_RECORD (2u << 20)
#define MAX_PAIRS  8
#define MAX_KEPT   4096

enum { PROGRAM_NFS = 100003, VERSION_3 = 3, RENAME = 14 };

struct record { /* what came of one direction so far */
	unsigned char *data;
	size_t len;
};

struct pair {
	int client, server;
	struct record up, down;
	uint32_t lose; /* xid of the reply to drop */
	bool losing;
};

static struct pair pairs[MAX_PAIRS];
static int n_pairs;
static struct {
	unsigned char data[MAX_KEPT];
	size_t len;
} last, kept;
static bool lose_next;
static uint32_t lost_xid;
static bool lost_one;
static int server_port;

static void die(const char *what)
{
	fprintf(stderr, "nfs-repeat: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t word(const unsigned char *record, size_t i)
{
	uint32_t n;

	memcpy(&n, record + 4 * i, 4);
	return ntohl(n);
}

static int listen_on(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (void *)&at, sizeof(at)) || listen(fd, 8))
		die("listen");
	return fd;
}

/* From a port that only root has: an export may want that. */
static int connect_server(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(server_port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bindresvport(fd, NULL) || connect(fd, (void *)&to, sizeof(to)))
		die("connect to the server");
	return fd;
}

static void write_whole(int fd, const unsigned char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* who reads from it will find out */
		data += n;
		len -= n;
	}
}

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static void close_pair(int i)
{
	close(pairs[i].client);
	close(pairs[i].server);
	free(pairs[i].up.data);
	free(pairs[i].down.data);
	pairs[i] = pairs[--n_pairs];
}

/* A call on its way up: word 0 is the record's length, 1 the xid. */
static void note_call(struct pair *pair, const unsigned char *record, size_t len)
{
	if (len < 28 || word(record, 2) != 0 || word(record, 4) != PROGRAM_NFS ||
	    word(record, 5) != VERSION_3 || word(record, 6) != RENAME || len > MAX_KEPT)
		return;
	memcpy(last.data, record, len);
	last.len = len;
	if (lose_next) {
		lose_next = false;
		pair->losing = true;
		pair->lose = word(record, 1);
	}
}

/* Is it the reply to be lost? */
static bool is_lost(const struct pair *pair, const unsigned char *record, size_t len)
{
	return pair->losing && len >= 12 && word(record, 2) == 1 &&
	       word(record, 1) == pair->lose;
}

/* What the server says to the request whose reply was lost, when it comes once more. A
 * RENAME's reply: xid, 1, 0 (accepted), verifier (2 words), 0 (success), status. */
static void note_reply(const unsigned char *record, size_t len)
{
	if (!lost_one || len < 32 || word(record, 2) != 1 || word(record, 1) != lost_xid)
		return;
	printf("repeated %u\n", word(record, 7));
	fflush(stdout);
}

/* Read what there is; pass whole records on. False when the pair is done with. */
static bool pass(struct pair *pair, bool up)
{
	struct record *in = up ? &pair->up : &pair->down;
	ssize_t n;

	if (!in->data)
		in->data = malloc(MAX_RECORD);
	if (!in->data)
		die("memory");
	n = read(up ? pair->client : pair->server, in->data + in->len,
		 MAX_RECORD - in->len);
	if (n <= 0)
		return false;
	in->len += n;
	while (in->len >= 4) {
		size_t len = 4 + (word(in->data, 0) & 0x7fffffff);

		if (len > MAX_RECORD)
			return false;
		if (in->len < len)
			break;
		if (up)
			note_call(pair, in->data, len);
		else if (is_lost(pair, in->data, len)) {
			say("lost");
			lost_one = true;
			lost_xid = pair->lose;
			return false;
		}
		if (!up)
			note_reply(in->data, len);
		write_whole(up ? pair->server : pair->client, in->data, len);
		in->len -= len;
		memmove(in->data, in->data + len, in->len);
	}
	return true;
}

static void again(void)
{
	unsigned char reply[4096];
	int fd = connect_server();
	size_t got = 0;

	write_whole(fd, kept.data, kept.len);
	while (got < 32) {
		ssize_t n = read(fd, reply + got, sizeof(reply) - got);

		if (n <= 0)
			die("no reply to what was sent again");
		got += n;
	}
	printf("again %u\n", word(reply, 7));
	fflush(stdout);
	close(fd);
}

static void obey(char *text)
{
	for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
		if (!strcmp(at, "lose")) {
			lose_next = true;
		} else if (!strcmp(at, "keep")) {
			kept = last;
			say("kept");
		} else if (!strcmp(at, "again")) {
			again();
		}
	}
}

static void accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	if (n_pairs == MAX_PAIRS) {
		close(fd);
		return;
	}
	pairs[n_pairs++] = (struct pair){ .client = fd, .server = connect_server() };
}

int main(int argc, char **argv)
{
	struct pollfd fds[2 + 2 * MAX_PAIRS];
	char text[256];
	int listener;

	if (argc != 3)
		return 2;
	server_port = atoi(argv[2]);
	listener = listen_on(atoi(argv[1]));
	for (;;) {
		int n = 2 + 2 * n_pairs;

		fds[0] = (struct pollfd){ .fd = 0, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
		for (int i = 0; i < n_pairs; i++) {
			fds[2 + 2 * i] = (struct pollfd){ .fd = pairs[i].client,
							  .events = POLLIN };
			fds[3 + 2 * i] = (struct pollfd){ .fd = pairs[i].server,
							  .events = POLLIN };
		}
		if (poll(fds, n, -1) < 0)
			die("poll");
		if (fds[0].revents) {
			ssize_t len = read(0, text, sizeof(text) - 1);

			if (len <= 0)
				return 0;
			text[len] = '\0';
			obey(text);
		}
		for (int i = n_pairs - 1; i >= 0; i--)
			if ((fds[2 + 2 * i].revents && !pass(&pairs[i], true)) ||
			    (fds[3 + 2 * i].revents && !pass(&pairs[i], false)))
				close_pair(i);
		if (fds[1].revents)
			accept_one(listener);
	}
}
