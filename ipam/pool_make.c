/* pool_make.c - make pools and shards, each whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pkg/file.h"
#include "ipam/block.h"
#include "ipam/draft.h"
#include "ipam/lease.h"
#include "ipam/pool.h"

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

/* Something that a pool gets as a directory of its own. */
struct content {
	const char *kind, *name;
	int (*fill)(const struct draft *draft, const struct conf *conf, const void *what,
		    struct err *err);
	const void *what;
};

static int fill_part(const struct draft *draft, const struct range *part,
		     const struct shard *shard, bool made[SHARD_SLOTS], struct err *err)
{
	struct ip ip = shard->span.first;
	char name[LEASE_LEN];

	while (range_next(part, &ip) && span_contains(&shard->span, &ip)) {
		if (draft_put(draft, free_name(&ip, -1, name), err))
			return -1;
		made[shard_slot(&ip)] = true;
		if (!ip_add(&ip, 1, &ip))
			break;
	}
	return 0;
}

/* Which slots got no file, so that fsck can tell a lost file from one that never was:
 * "0-9 255-255 ". */
static int put_holes(const struct draft *draft, const bool made[SHARD_SLOTS],
		     struct err *err)
{
	char text[SHARD_SLOTS * 4 + 1] = "";
	int n = 0;

	for (int first = 0, last; first < SHARD_SLOTS; first = last + 1) {
		last = first;
		if (made[first])
			continue;
		while (last < SHARD_SLOTS - 1 && !made[last + 1])
			last++;
		n += snprintf(text + n, sizeof(text) - n, "%d-%d ", first, last);
	}
	return file_replace(draft->dir, POOL_HOLES, text, n, err);
}

/* Several ranges may have their part of a shard. */
static int fill_shard(const struct draft *draft, const struct conf *conf,
		      const void *what, struct err *err)
{
	const struct shard *shard = what;
	bool made[SHARD_SLOTS] = { false };
	struct shard mine;

	for (int i = 0; i < conf->n_ranges; i++) {
		struct range part = range_part(&conf->ranges[i], &shard->base);

		if (shard_parse(&part, shard->name, &mine) &&
		    fill_part(draft, &part, &mine, made, err))
			return -1;
	}
	return put_holes(draft, made, err);
}

static int fill_blocks(const struct draft *draft, const struct conf *conf,
		       const void *what, struct err *err)
{
	const struct blockdir *dir = what;
	char name[LEASE_LEN];
	struct ip ip;

	for (int i = 0; i < conf->n_ranges; i++) {
		const struct range *range = &conf->ranges[i];
		bool more = blockdir_is_of(dir, range);

		for (ip = dir->span.first; more && block_next(range, dir, &ip);) {
			if (draft_put(draft, block_free_name(range, &ip, -1, name), err))
				return -1;
			more = block_behind(range, &ip);
		}
	}
	return 0;
}

/* 0 filled, 1 somebody else is at it, or -1. */
static int try_fill(struct draft *draft, const struct conf *conf,
		    const struct content *content, struct err *err)
{
	int r = draft_yields(draft, err);

	if (r)
		return r;
	if (content->fill(draft, conf, content->what, err))
		return -1;
	draft_tidy(draft);
	return 0;
}

static int make(const struct pool *pool, const struct conf *conf,
		const struct content *content, struct err *err)
{
	_autoclose_ int parent = openat(pool->store->root, pool->name,
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct draft draft;
	int r;

	if (parent < 0)
		return err_set(err, errno, "open");
	if (draft_start(parent, pool->node, &draft, err))
		return -1;
	r = try_fill(&draft, conf, content, err);
	if (r == 0)
		return draft_finish(&draft, content->name, err);
	draft_discard(&draft);
	return r;
}

static int make_content(const struct pool *pool, const struct conf *conf,
			const struct content *content, struct err *err)
{
	int r = make(pool, conf, content, err);

	if (r >= 0)
		return r;
	err_code(err, CNI_TRY_LATER);
	return err_wrap(err, "make %s %s of pool %s in store %s", content->kind,
			content->name, pool->name, pool->store->path);
}

int pool_make_shard(const struct pool *pool, const struct conf *conf,
		    const struct shard *shard, struct err *err)
{
	struct content content = { "shard", shard->name, fill_shard, shard };

	return make_content(pool, conf, &content, err);
}

int pool_make_blocks(const struct pool *pool, const struct conf *conf,
		     const struct blockdir *dir, struct err *err)
{
	struct content content = { "directory", dir->name, fill_blocks, dir };

	return make_content(pool, conf, &content, err);
}
