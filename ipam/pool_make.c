/* pool_make.c - make pools and shards, each whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "pkg/clock.h"
#include "pkg/file.h"
#include "ipam/lease.h"
#include "ipam/listing.h"
#include "ipam/pool.h"
#include "ipam/state.h"

#define DRAFT	     ".new-"
#define MAKE_FOR     600  /* seconds, and a maker gives up */
#define LEFTOVER_AGE 7200 /* seconds; by far longer */
#define MAKER_ALIVE  5	  /* seconds without a new file, and its maker counts as dead */

/* A directory in the making: ".new-NODE-NONCE". */
struct draft {
	char name[NAME_MAX + 1];
	int parent, dir;
	long until; /* clock_ms() at which it is given up */
};

static int remove_file(void *ctx, const char *name, struct err *err)
{
	const int *dir = ctx;

	(void)err;
	(void)unlinkat(*dir, name, 0);
	return 0;
}

static void remove_all(int parent, const char *name)
{
	_autoclose_ int dir =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct err ignored;

	if (dir >= 0)
		(void)list_names(dir, remove_file, &dir, &ignored);
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

static int draft_start(int parent, const char *node, struct draft *ret, struct err *err)
{
	struct draft draft = { .parent = parent, .until = clock_ms() + MAKE_FOR * 1000 };
	char nonce[9];

	if (state_nonce(nonce, err))
		return -1;
	snprintf(draft.name, sizeof(draft.name), DRAFT "%s-%s", node, nonce);
	if (mkdirat(parent, draft.name, 0755))
		return err_set(err, errno, "make directory %s", draft.name);
	draft.dir = openat(parent, draft.name,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (draft.dir < 0) {
		err_set(err, errno, "open directory %s", draft.name);
		remove_all(parent, draft.name);
		return -1;
	}
	*ret = draft;
	return 0;
}

static void draft_discard(struct draft *draft)
{
	closep(&draft->dir);
	remove_all(draft->parent, draft->name);
}

/*
 * Give it its name. Renaming a directory onto one that holds something fails, so one
 * of several makers wins; which one does not matter, they hold the same.
 */
static int draft_finish(struct draft *draft, const char *name, struct err *err)
{
	int failed = fsync(draft->dir);

	if (!failed)
		failed = renameat(draft->parent, draft->name, draft->parent, name);
	if (failed && errno != ENOTEMPTY && errno != EEXIST &&
	    /* A lost reply: the rename was done, and is not to be found a second time. */
	    !(errno == ENOENT && !faccessat(draft->parent, name, F_OK, 0))) {
		err_set(err, errno, "make %s", name);
		draft_discard(draft);
		return -1;
	}
	if (failed)
		draft_discard(draft);
	else
		closep(&draft->dir);
	(void)fsync(draft->parent);
	return 0;
}

static char *pool_text(const struct conf *conf)
{
	char ranges[CONF_RANGES_LEN], now[32], *text;
	time_t t = time(NULL);
	struct tm tm;

	strftime(now, sizeof(now), "%FT%TZ", gmtime_r(&t, &tm));
	if (asprintf(&text, "{\"format\":1,\"ranges\":[\"%s\"],\"created\":\"%s\"}\n",
		     conf_ranges(conf, "\",\"", ranges), now) < 0)
		return NULL;
	return text;
}

static int make_pool(const struct pool *pool, const struct conf *conf, struct err *err)
{
	_autofree_ char *text = pool_text(conf);
	_autoclose_ int root =
		openat(pool->store->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct draft draft;

	if (!text || root < 0)
		return err_set(err, text ? errno : ENOMEM, "open");
	if (draft_start(root, pool->node, &draft, err))
		return -1;
	if (file_replace(draft.dir, POOL_FILE, text, strlen(text), err)) {
		draft_discard(&draft);
		return -1;
	}
	return draft_finish(&draft, pool->name, err);
}

int pool_make(const struct pool *pool, const struct conf *conf, struct err *err)
{
	if (!make_pool(pool, conf, err))
		return 0;
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "make pool %s in store %s", pool->name, pool->store->path);
}

static int64_t mtime_of(int dir, const char *name)
{
	struct statx st;

	/* What the client remembers of another node's directory may be half a minute old.
	 */
	if (statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC | AT_EMPTY_PATH,
		  STATX_MTIME, &st))
		return -1;
	return st.stx_mtime.tv_sec;
}

/* How long ago somebody last put something into a draft, by the file server's clock; -1:
 * it is gone. */
static int64_t draft_age(const struct draft *mine, const char *name)
{
	int64_t then = mtime_of(mine->parent, name), now = mtime_of(mine->dir, "");

	return then < 0 || now < 0 ? -1 : now - then;
}

/* By the same node: all but the nonce is the same. */
static bool is_own(const struct draft *mine, const char *name)
{
	size_t len = strlen(mine->name);

	return strlen(name) == len && !strncmp(name, mine->name, len - 8);
}

/*
 * Of all nodes that begin at the same time one goes on, by the order of names: everybody
 * made a draft before looking, so the first in order sees none before it. With two
 * shards in the making, one waits for the other in vain, and then looks again. Drafts
 * of our own node are of killed processes: the living wait for the node's lock.
 */
static int is_before(void *ctx, const char *name, struct err *err)
{
	const struct draft *mine = ctx;

	(void)err;
	return !strncmp(name, DRAFT, strlen(DRAFT)) && strcmp(name, mine->name) < 0 &&
	       !is_own(mine, name) && draft_age(mine, name) < MAKER_ALIVE;
}

/*
 * What an earlier process of this node left that was killed in the middle. It is told
 * from what another one is making just now by its age: nobody goes on that long.
 */
static int remove_leftover(void *ctx, const char *name, struct err *err)
{
	const struct draft *mine = ctx;

	(void)err;
	if (is_own(mine, name) && draft_age(mine, name) > LEFTOVER_AGE)
		remove_all(mine->parent, name);
	return 0;
}

/* Look through the drafts of all nodes: visit() as in listing.h. */
static int each_draft(struct draft *mine, list_visit visit, struct err *err)
{
	_autoclose_ int dir =
		openat(mine->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? err_set(err, errno, "open") : list_hidden(dir, visit, mine, err);
}

/*
 * The draft is ours alone, so nothing depends on how a file in it comes into being. This
 * way takes an NFS server one request (v3) or two (v4.2), where O_EXCL takes two and
 * mknod() five. O_DIRECT makes the client want no delegation: one left behind would
 * have to be called back before another node can claim the address, and waited for when
 * this node is gone by then. Seen on Linux 7.3.
 */
static int create_empty(int dir, const char *name)
{
	int flags = O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags | O_DIRECT, 0644);

	if (fd < 0 && errno == EINVAL) /* a file system that has no O_DIRECT */
		fd = openat(dir, name, flags, 0644);
	return fd < 0 ? -1 : close(fd);
}

/* Even when nobody waits any more: on slow storage no shard would ever be made. */
static int fill_range(const struct draft *draft, const struct range *range,
		      const struct shard *shard, struct err *err)
{
	struct ip ip = shard->span.first;
	char name[LEASE_LEN];

	while (range_next(range, &ip) && span_contains(&shard->span, &ip)) {
		if (clock_ms() > draft->until)
			return err_set(err, ETIMEDOUT, "gave up after %d s", MAKE_FOR);
		if (create_empty(draft->dir, free_name(&ip, -1, name)))
			return err_set(err, errno, "create %s", name);
		if (!ip_add(&ip, 1, &ip))
			break;
	}
	return 0;
}

/* Several ranges may have their part of a block. */
static int fill(const struct draft *draft, const struct conf *conf,
		const struct shard *shard, struct err *err)
{
	struct shard part;

	for (int i = 0; i < conf->n_ranges; i++)
		if (shard_parse(&conf->ranges[i], shard->name, &part) &&
		    fill_range(draft, &conf->ranges[i], &part, err))
			return -1;
	return 0;
}

/* 0 filled, 1 somebody else is at it, or -1. */
static int try_fill(struct draft *draft, const struct conf *conf,
		    const struct shard *shard, struct err *err)
{
	struct err ignored;
	int r = each_draft(draft, is_before, err);

	if (r)
		return r;
	if (fill(draft, conf, shard, err))
		return -1;
	(void)each_draft(draft, remove_leftover, &ignored);
	return 0;
}

static int make_shard(const struct pool *pool, const struct conf *conf,
		      const struct shard *shard, struct err *err)
{
	_autoclose_ int parent = openat(pool->store->root, pool->name,
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct draft draft;
	int r;

	if (parent < 0)
		return err_set(err, errno, "open");
	if (draft_start(parent, pool->node, &draft, err))
		return -1;
	r = try_fill(&draft, conf, shard, err);
	if (r == 0)
		return draft_finish(&draft, shard->name, err);
	draft_discard(&draft);
	return r;
}

int pool_make_shard(const struct pool *pool, const struct conf *conf,
		    const struct shard *shard, struct err *err)
{
	int r = make_shard(pool, conf, shard, err);

	if (r >= 0)
		return r;
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "make shard %s of pool %s in store %s", shard->name,
			pool->name, pool->store->path);
}
