/* hold.c - take away one of several files of an address, or of a block. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pkg/clock.h"
#include "ipam/hold.h"
#include "ipam/listing.h"
#include "ipam/state.h"

#define MARK "=reserved,fsck-"

char *key_of(const char *name, char buf[LEASE_LEN])
{
	snprintf(buf, LEASE_LEN, "%.*s", (int)strcspn(name, "=@"), name);
	return buf;
}

/* When it was made; -1 when it is none. */
static int64_t time_of(const char *name)
{
	const char *text = strstr(name, MARK);
	char *end;
	int64_t then;

	if (!text)
		return -1;
	text += strlen(MARK);
	then = strtoll(text, &end, 10);
	return end > text && *end == '-' && strlen(end + 1) == NONCE_LEN - 1 ? then : -1;
}

bool hold_is(const char *name)
{
	return time_of(name) >= 0;
}

bool hold_is_stale(const char *name)
{
	return hold_is(name) && time_of(name) < time(NULL) - HOLD_STALE;
}

static int hold_name(const char *name, char ret[LEASE_LEN], struct err *err)
{
	char nonce[NONCE_LEN], key[LEASE_LEN];

	if (state_nonce(nonce, err))
		return -1;
	snprintf(ret, LEASE_LEN, "%s" MARK "%lld-%s", key_of(name, key),
		 (long long)time(NULL), nonce);
	return 0;
}

struct search {
	const char *key;
	struct twins *found;
};

static int note_twin(void *ctx, const char *name, struct err *err)
{
	struct search *search = ctx;
	struct twins *found = search->found;
	char key[LEASE_LEN];

	(void)err;
	if (found->n < TWINS_MAX && !strcmp(key_of(name, key), search->key))
		snprintf(found->names[found->n++], LEASE_LEN, "%s", name);
	return 0;
}

int twins_list(const struct pool *pool, const char *dir, const char *key,
	       struct twins *ret, struct err *err)
{
	_autoclose_ int fd = pool_open_shard(pool, dir, err);
	struct twins found = { .n = 0 };
	struct search search = { key, &found };

	if (fd < 0 || list_names(fd, note_twin, &search, err))
		return -1;
	*ret = found;
	return 0;
}

/* What there is beside ours. Of several that are set aside the first by name goes back,
 * and is what the others see; without an order all would go back, each because of the
 * others. */
enum others { NONE, ON_HOLD, YIELDING, STAYING };

static enum others others_of(const struct twins *twins, const char *ours)
{
	enum others most = NONE;

	for (int i = 0; i < twins->n; i++) {
		const char *name = twins->names[i];
		enum others other = STAYING;

		if (!strcmp(name, ours))
			continue;
		if (hold_is_stale(name))
			other = ON_HOLD;
		else if (hold_is(name))
			other = strcmp(name, ours) < 0 ? YIELDING : ON_HOLD;
		most = other > most ? other : most;
	}
	return most;
}

/* The most that any of several looks shows: enum others, or -1. */
static int look_for_others(const struct pool *pool, const char *dir, const char *ours,
			   struct err *err)
{
	enum others most = NONE, seen = NONE;
	struct twins twins;
	char key[LEASE_LEN];

	key_of(ours, key);
	for (int look = 0; most != STAYING && look < HOLD_WAIT &&
			   (look < HOLD_LOOKS || seen == YIELDING);
	     look++) {
		sleep_ms(HOLD_PAUSE);
		if (twins_list(pool, dir, key, &twins, err))
			return -1;
		seen = others_of(&twins, ours);
		most = seen > most ? seen : most;
	}
	return most;
}

/* 0, 1 when it was not there, or -1. */
static int rename_file(int dir, const char *from, const char *to, struct err *err)
{
	if (!renameat(dir, from, dir, to))
		return 0;
	return errno == ENOENT ? 1 : err_set(err, errno, "rename %s", from);
}

int hold_drop(const struct pool *pool, const char *dir, const char *name, struct err *err)
{
	_autoclose_ int fd = pool_open_shard(pool, dir, err);
	char held[LEASE_LEN];
	int r;

	if (fd < 0 || hold_name(name, held, err))
		return -1;
	r = rename_file(fd, name, held, err);
	if (r)
		return r < 0 ? -1 : 0;
	r = look_for_others(pool, dir, held, err);
	if (r != STAYING) {
		(void)renameat(fd, held, fd, name);
		return r < 0 ? -1 : 2;
	}
	if (unlinkat(fd, held, 0))
		return err_set(err, errno, "remove %s", held);
	(void)fsync(fd);
	return 1;
}

int hold_make(const struct pool *pool, const char *dir, const char *name, struct err *err)
{
	_autoclose_ int fd = pool_open_shard(pool, dir, err);
	char held[LEASE_LEN];
	int file, r;

	if (fd < 0 || hold_name(name, held, err))
		return -1;
	file = openat(fd, held, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0)
		return err_set(err, errno, "make %s", held);
	close(file);
	r = look_for_others(pool, dir, held, err);
	if (r != NONE) {
		(void)unlinkat(fd, held, 0);
		return r < 0 ? -1 : 0;
	}
	r = rename_file(fd, held, name, err);
	(void)fsync(fd);
	return r < 0 ? -1 : r == 0;
}
