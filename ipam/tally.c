/* tally.c - count what failed on this node. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "ipam/state.h"
#include "ipam/tally.h"

static const char *const verbs[] = { "ADD", "DEL", "CHECK", "GC", "STATUS" };

static char *path_of(const char *verb, char buf[64])
{
	snprintf(buf, 64, STATE_DIR "/failed=%s", verb);
	return buf;
}

static bool is_verb(const char *verb)
{
	for (size_t i = 0; verb && i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verb, verbs[i]))
			return true;
	return false;
}

void tally_failure(const char *verb)
{
	char path[64];
	_autoclose_ int fd = -1;

	if (!is_verb(verb))
		return;
	fd = open(path_of(verb, path),
		  O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, "x", 1) != 1)
		return; /* then it is one less */
}

void tally_each(void (*visit)(void *ctx, const char *verb, long count), void *ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		char path[64];
		struct stat st;

		visit(ctx, verbs[i],
		      stat(path_of(verbs[i], path), &st) ? 0 : (long)st.st_size);
	}
}
