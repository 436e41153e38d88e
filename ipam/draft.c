/* draft.c - a directory in the making: it appears whole, or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "ipam/draft.h"
#include "ipam/guard.h"
#include "ipam/listing.h"
#include "ipam/state.h"

#define DRAFT	     ".new-"
#define MAKE_FOR     600  /* seconds, and a maker gives up */
#define LEFTOVER_AGE 7200 /* seconds; by far longer */
#define MAKER_ALIVE  5	  /* seconds without a new file, and its maker counts as dead */

static int remove_file(void *ctx, const char *name, struct err *err)
{
	const int *dir = ctx;

	(void)err;
	(void)unlinkat(*dir, name, 0);
	return 0;
}

void draft_remove(int parent, const char *name)
{
	_autoclose_ int dir =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct err ignored;

	if (dir >= 0 && !list_names(dir, remove_file, &dir, &ignored) &&
	    lseek(dir, 0, SEEK_SET) == 0)
		(void)list_hidden(dir, remove_file, &dir, &ignored);
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

int draft_start(int parent, const char *node, struct draft *ret, struct err *err)
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
		draft_remove(parent, draft.name);
		return -1;
	}
	*ret = draft;
	return 0;
}

void draft_discard(struct draft *draft)
{
	closep(&draft->dir);
	draft_remove(draft->parent, draft->name);
}

/*
 * Give it its name. Renaming a directory onto one that holds something fails, so one
 * of several makers wins; which one does not matter, they hold the same.
 */
int draft_finish(struct draft *draft, const char *name, struct err *err)
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
		draft_remove(mine->parent, name);
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
int draft_put(const struct draft *draft, const char *name, struct err *err)
{
	guard_answered();
	if (clock_ms() > draft->until)
		return err_set(err, ETIMEDOUT, "gave up after %d s", MAKE_FOR);
	return create_empty(draft->dir, name) ? err_set(err, errno, "create %s", name)
					      : 0;
}

int draft_yields(struct draft *draft, struct err *err)
{
	return each_draft(draft, is_before, err);
}

void draft_tidy(struct draft *draft)
{
	struct err ignored;

	(void)each_draft(draft, remove_leftover, &ignored);
}
