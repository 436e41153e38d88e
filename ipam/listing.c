/* listing.c - the names in a directory, with as few system calls as can be. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

#include "ipam/guard.h"
#include "ipam/listing.h"

/* A shard's 256 names fit as a rule: opendir()'s buffer would take two calls or more. */
#define BUFFER 65536

enum which { SHOWN = 1, HIDDEN = 2 };

static bool is_wanted(const char *name, enum which which)
{
	return (name[0] == '.' ? HIDDEN : SHOWN) & which && strcmp(name, ".") &&
	       strcmp(name, "..");
}

static int visit_all(const char *buf, ssize_t len, enum which which, list_visit visit,
		     void *ctx, struct err *err)
{
	for (ssize_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(buf + at);
		int r = is_wanted(entry->d_name, which) ? visit(ctx, entry->d_name, err)
							: 0;

		guard_answered();
		if (r)
			return r;
		at += entry->d_reclen;
	}
	return 0;
}

static int list(int dir, enum which which, list_visit visit, void *ctx, struct err *err)
{
	char buf[BUFFER] __attribute__((aligned(__alignof__(struct dirent64))));
	ssize_t n;

	while ((n = getdents64(dir, buf, sizeof(buf))) > 0) {
		int r = visit_all(buf, n, which, visit, ctx, err);

		if (r)
			return r;
	}
	return n ? err_set(err, errno, "list the directory") : 0;
}

int list_names(int dir, list_visit visit, void *ctx, struct err *err)
{
	return list(dir, SHOWN, visit, ctx, err);
}

int list_hidden(int dir, list_visit visit, void *ctx, struct err *err)
{
	return list(dir, HIDDEN, visit, ctx, err);
}

int list_all(int dir, list_visit visit, void *ctx, struct err *err)
{
	return list(dir, SHOWN | HIDDEN, visit, ctx, err);
}
