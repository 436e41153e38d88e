/* sweep.c - what this node takes back without being asked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "pkg/clock.h"
#include "ipam/listing.h"
#include "ipam/release.h"
#include "ipam/sweep.h"

/* The pool of a record, in the store that the session has open. */
static struct pool pool_of(const struct session *s, const struct record *record)
{
	struct pool pool = s->pool;

	pool.store = &s->store;
	pool.name = record->head.pool;
	return pool;
}

/* The session's own key stays locked. */
static void unlock(const struct session *s, const char *key)
{
	if (strcmp(key, s->key))
		state_unlock(&s->state, key);
}

struct drain {
	struct session *s;
	int dir;
	struct err *err;
	bool own_left;
};

/* 1 when it is released, 0 when it is none of ours, -1 when it cannot be now. */
static int drain_locked(struct drain *d, const char *name)
{
	_autorecord_ struct record record = RECORD_NONE;
	struct pool pool;
	int r = record_load(d->dir, name, &record, d->err);

	if (r <= 0)
		return r;
	if (!record_is_empty(&record) && strcmp(record.head.store, d->s->store.path))
		return 0; /* of another store, which is not ours to wait for */
	pool = pool_of(d->s, &record);
	if (release_record(&pool, &record, 0, d->err))
		return -1;
	return unlinkat(d->dir, name, 0) && errno != ENOENT ? -1 : 1;
}

static int drain_one(void *ctx, const char *name, struct err *err)
{
	struct drain *d = ctx;
	char key[STATE_KEY_LEN];
	bool own;
	int r;

	if (!state_pending_key(name, key) || state_trylock(&d->s->state, key, err))
		return 0; /* whoever has the lock still works on that attachment */
	own = !strcmp(key, d->s->key);
	r = drain_locked(d, name);
	unlock(d->s, key);
	if (r < 0 && own)
		d->own_left = true;
	return !worker_awaited(d->s->worker, 0);
}

int drain_pending(struct session *s, struct err *err)
{
	struct err why = { 0 };
	struct drain d = { .s = s, .err = &why };
	_autoclose_ int dir = state_pending(s->state.dir, false, err);

	if (dir < 0)
		return err->no == ENOENT ? 0 : -1;
	d.dir = dir;
	if (list_names(dir, drain_one, &d, err) < 0)
		return -1;
	(void)unlinkat(s->state.dir, STATE_PENDING, AT_REMOVEDIR);
	if (!d.own_left)
		return 0;
	*err = why;
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "earlier leases of this attachment are not released yet");
}

static int count_one(void *ctx, const char *name, struct err *err)
{
	int *count = ctx;

	(void)name;
	(void)err;
	++*count;
	return 0;
}

int count_pending(const struct session *s)
{
	struct err ignored;
	_autoclose_ int dir = state_pending(s->state.dir, false, &ignored);
	int count = 0;

	if (dir >= 0)
		(void)list_names(dir, count_one, &count, &ignored);
	return count;
}

struct records {
	struct session *s;
	record_visit visit;
	void *ctx;
	int released, failed;
};

static int visit_locked(struct records *walk, const char *key, struct err *err)
{
	_autorecord_ struct record record = RECORD_NONE;
	struct pool pool;

	if (record_load(walk->s->state.dir, key, &record, err) <= 0 ||
	    strcmp(record.head.store, walk->s->store.path) ||
	    !walk->visit(walk->ctx, &record))
		return 0;
	pool = pool_of(walk->s, &record);
	if (release_record(&pool, &record, 0, err)) {
		walk->failed++;
		return 0;
	}
	(void)unlinkat(walk->s->state.dir, key, 0);
	walk->released++;
	return 0;
}

static int visit_record(void *ctx, const char *key, struct err *err)
{
	struct records *walk = ctx;

	if (!strchr(key, ',') || !strcmp(key, walk->s->key) ||
	    state_trylock(&walk->s->state, key, err))
		return 0;
	(void)visit_locked(walk, key, err);
	state_unlock(&walk->s->state, key);
	return !worker_awaited(walk->s->worker, 0);
}

int sweep_records(struct session *s, record_visit visit, void *ctx, int *failed,
		  struct err *err)
{
	struct records walk = { .s = s, .visit = visit, .ctx = ctx };
	_autoclose_ int dir =
		openat(s->state.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || list_names(dir, visit_record, &walk, err) < 0)
		walk.failed++;
	if (failed)
		*failed = walk.failed;
	return walk.released;
}

char *netns_directory(const char *netns, char buf[NETNSDIR_LEN])
{
	const char *slash = strrchr(netns, '/');
	char path[PATH_MAX];
	struct stat st;

	*buf = '\0';
	if (!slash || slash - netns >= PATH_MAX)
		return buf;
	snprintf(path, sizeof(path), "%.*s/", (int)(slash - netns), netns);
	if (!stat(path, &st))
		snprintf(buf, NETNSDIR_LEN, "%u:%u:%llu", major(st.st_dev),
			 minor(st.st_dev), (unsigned long long)st.st_ino);
	return buf;
}

/*
 * Gone from the very directory in which it was at ADD. A path that is not to be seen
 * proves nothing: we may run in another mount namespace than the ADD did.
 */
static int has_vanished(void *ctx, const struct record *record)
{
	const struct record_head *head = &record->head;
	char now[NETNSDIR_LEN];

	(void)ctx;
	return *head->netnsdir &&
	       !strcmp(netns_directory(head->netns, now), head->netnsdir) &&
	       faccessat(AT_FDCWD, head->netns, F_OK, AT_SYMLINK_NOFOLLOW) &&
	       errno == ENOENT;
}

int sweep_vanished(struct session *s)
{
	struct err ignored;

	return sweep_records(s, has_vanished, NULL, NULL, &ignored);
}

struct boot_sweep {
	struct session *s;
	long until;
	char shard[SHARD_LEN]; /* the last one with something free */
};

/* As everything is listed, this spares listing it again where nothing is free. Not with
 * blocks: there, what is hinted is this node's own. */
static void note_free(struct boot_sweep *sweep, const char *shard,
		      const struct lease *lease)
{
	const struct conf *conf = sweep->s->conf;

	if (conf_has_blocks(conf) || !strcmp(sweep->shard, shard) ||
	    lease->freed > time(NULL) - conf->reuse_delay)
		return;
	snprintf(sweep->shard, sizeof(sweep->shard), "%s", shard);
	known_hint(&sweep->s->known, shard, false);
}

static int release_if_older(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct boot_sweep *sweep = ctx;
	const struct node *node = &sweep->s->node;
	struct lease lease;

	if (!lease_parse(entry->name, &lease))
		return 0;
	if (lease.state == LEASE_FREE)
		note_free(sweep, entry->shard, &lease);
	if (!lease_is_of_node(&lease, node->name) ||
	    !strncmp(lease.rest + strlen(node->name) + 1, node->boot, BOOT_LEN - 1))
		return 0;
	if (release_entry(entry, &lease.ip, err) < 0)
		return -1;
	return clock_ms() > sweep->until;
}

/* Containers do not outlive a boot; so this asks nobody. */
static bool sweep_boot(struct session *s)
{
	long now = clock_ms();
	struct boot_sweep sweep = { .s = s, .until = now + (s->worker->until - now) / 2 };
	struct err ignored;

	return !pool_each(&s->pool, release_if_older, &sweep, &ignored);
}

bool sweep_pool(struct session *s)
{
	bool whole = known_exists(&s->state, &s->node, s->store.path, s->pool.name) ||
		     sweep_boot(s);

	(void)sweep_vanished(s);
	return whole;
}
