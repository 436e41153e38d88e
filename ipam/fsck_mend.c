/* fsck_mend.c - give an address its one file again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pkg/clock.h"
#include "ipam/draft.h"
#include "ipam/fsck.h"
#include "ipam/fsck_shard.h"
#include "ipam/state.h"

#define WHY ",fsck-"

/* A name that nobody else ever has, and nobody takes for free. */
static int hold_name(const struct ip *ip, char ret[LEASE_LEN], struct err *err)
{
	char nonce[NONCE_LEN], text[IP_LEN];

	if (state_nonce(nonce, err))
		return -1;
	snprintf(ret, LEASE_LEN, "%s=reserved" WHY "%s", ip_format(ip, text), nonce);
	return 0;
}

/* Are there other files of the address, in any of several looks? 1, 0 or -1. */
static int has_others(const struct pool *pool, const struct fault *fault,
		      const char *ours, struct err *err)
{
	_autofree_ struct shard_look *look = calloc(1, sizeof(*look));
	const struct slot *slot;

	if (!look)
		return err_set(err, ENOMEM, "look at %s", fault->shard);
	for (int i = 0; i < FSCK_LOOKS; i++) {
		sleep_ms(FSCK_PAUSE);
		if (shard_look(pool, fault->shard, look, err) < 0)
			return -1;
		slot = &look->slots[shard_slot(&fault->ip)];
		for (int k = 0; k < slot->n && k < SLOT_FILES; k++)
			if (strcmp(slot->names[k], ours))
				return 1;
	}
	return 0;
}

/*
 * Made as one that is set aside, so that nobody takes it; only when no other turns up
 * meanwhile does it become free.
 */
static int mend_lost(const struct pool *pool, const struct fault *fault, int dir,
		     char what[600], struct err *err)
{
	char held[LEASE_LEN], name[LEASE_LEN];
	int fd, r;

	if (hold_name(&fault->ip, held, err))
		return -1;
	fd = openat(dir, held, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, errno, "make %s", held);
	close(fd);
	r = has_others(pool, fault, held, err);
	if (r) {
		(void)unlinkat(dir, held, 0);
		snprintf(what, 600, "its file has turned up");
		return r < 0 ? -1 : 1;
	}
	free_name(&fault->ip, time(NULL), name);
	if (renameat(dir, held, dir, name))
		return err_set(err, errno, "rename %s", held);
	snprintf(what, 600, "made %s", name);
	return 1;
}

/* A free file beside another: taken first, so that nobody else does, then removed if the
 * other is still there. */
static int drop_free(const struct pool *pool, const struct fault *fault, int dir,
		     const char *name, char what[600], struct err *err)
{
	char held[LEASE_LEN];
	int r;

	if (hold_name(&fault->ip, held, err))
		return -1;
	if (renameat(dir, name, dir, held))
		return errno == ENOENT ? 0 : err_set(err, errno, "rename %s", name);
	r = has_others(pool, fault, held, err);
	if (r <= 0) {
		(void)renameat(dir, held, dir, name);
		return r;
	}
	if (unlinkat(dir, held, 0))
		return err_set(err, errno, "remove %s", held);
	snprintf(what, 600, "removed %s", name);
	return 1;
}

static int mend_double(const struct pool *pool, const struct fault *fault, int dir,
		       char what[600], struct err *err)
{
	char names[sizeof(fault->text)], *next = names, *name;

	strcpy(names, fault->text);
	while ((name = strsep(&next, " "))) {
		struct lease lease;

		if (lease_parse(name, &lease) && lease.state == LEASE_FREE)
			return drop_free(pool, fault, dir, name, what, err);
	}
	return 0;
}

static int mend_leftover(const struct pool *pool, const struct fault *fault,
			 char what[600], struct err *err)
{
	_autoclose_ int dir = pool_open_shard(pool, ".", err);

	if (dir < 0)
		return -1;
	draft_remove(dir, fault->text);
	snprintf(what, 600, "removed %s", fault->text);
	return 1;
}

int fsck_mend(const struct pool *pool, const struct fault *fault, char what[600],
	      struct err *err)
{
	_autoclose_ int dir = -1;

	if (fault->kind == FAULT_LEFTOVER)
		return mend_leftover(pool, fault, what, err);
	if (!fault->ip.family)
		return 0; /* of a block, or a stranger: left to a person */
	dir = pool_open_shard(pool, *fault->shard ? fault->shard : ".", err);
	if (dir < 0)
		return -1;
	switch (fault->kind) {
	case FAULT_LOST:
		return mend_lost(pool, fault, dir, what, err);
	case FAULT_DOUBLE:
		return mend_double(pool, fault, dir, what, err);
	default:
		return 0;
	}
}
