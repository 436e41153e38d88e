/* comment.c - what a lease's file says to people. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pkg/file.h"
#include "ipam/comment.h"

#define MAX_COMMENT 4096

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

char *comment_call_pod(const struct cni_call *call, char buf[COMMENT_POD_LEN])
{
	char ns[64] = "", name[254] = "";

	*buf = '\0';
	if (cni_arg(call, "K8S_POD_NAMESPACE", ns, sizeof(ns)) &&
	    cni_arg(call, "K8S_POD_NAME", name, sizeof(name)) && *name)
		snprintf(buf, COMMENT_POD_LEN, "%s/%s", ns, name);
	if (!is_printable(buf))
		*buf = '\0';
	return buf;
}

/* A hash stands for the container's id. */
static bool lacks_container(const struct session *s)
{
	char hashed[NODE_LEN + BOOT_LEN + 8];

	snprintf(hashed, sizeof(hashed), "%s,%s,h.", s->node.name, s->node.boot);
	return !strncmp(s->owner, hashed, strlen(hashed));
}

void comment_write(const struct session *s, int dir, const char *lease)
{
	char pod[COMMENT_POD_LEN], now[32], text[1024];
	time_t t = time(NULL);
	_autoclose_ int fd = -1;
	struct tm tm;
	int n;

	if (!s->known.local && !lacks_container(s))
		return;
	strftime(now, sizeof(now), "%FT%TZ", gmtime_r(&t, &tm));
	n = snprintf(text, sizeof(text),
		     "pod %s\ncontainer %s\ninterface %s\nleased %s\nnonce %s\n",
		     comment_call_pod(s->call, pod), s->call->container, s->call->ifname,
		     now, lease + strlen(lease) - (NONCE_LEN - 1));
	fd = openat(dir, lease, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && n < (int)sizeof(text))
		(void)write_all(fd, text, n);
}

/* The value of a line "KEY VALUE", cut out of the text; NULL when there is none. */
static char *line(char *text, const char *key)
{
	size_t len = strlen(key);

	for (char *at = text; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, key, len) && at[len] == ' ')
			return at + len + 1;
	}
	return NULL;
}

char *comment_pod(int dir, const char *lease, const char *nonce,
		  char buf[COMMENT_POD_LEN])
{
	struct err ignored;
	size_t len;
	_autofree_ char *text = file_read(dir, lease, MAX_COMMENT, &len, &ignored);
	char *pod = text ? line(text, "pod") : NULL;
	const char *of = text ? line(text, "nonce") : NULL;

	*buf = '\0';
	if (pod && of && !strncmp(of, nonce, NONCE_LEN - 1)) {
		pod[strcspn(pod, "\n")] = '\0';
		if (is_printable(pod))
			snprintf(buf, COMMENT_POD_LEN, "%s", pod);
	}
	return buf;
}
