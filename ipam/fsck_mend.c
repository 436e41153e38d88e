/* fsck_mend.c - give an address, or a block, its one file again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pkg/file.h"
#include "ipam/draft.h"
#include "ipam/fsck.h"
#include "ipam/fsck_blocks.h"
#include "ipam/hold.h"
#include "ipam/node.h"

static int mend_lost(const struct pool *pool, const struct fault *fault,
		     char what[FSCK_WHAT_LEN], struct err *err)
{
	char name[LEASE_LEN];
	struct ip ip;
	int r;

	if (!ip_parse(fault->key, &ip))
		return fsck_mend_block(pool, fault, what, err);
	r = hold_make(pool, fault->shard, free_name(&ip, time(NULL), name), err);
	if (r > 0)
		snprintf(what, FSCK_WHAT_LEN, "made %s", name);
	return r;
}

/* Is this machine the one that the store knows by our name? */
static bool is_self(const struct store *store, const struct node *node)
{
	char machine[MACHINE_LEN], path[NODE_LEN + 8];
	_autofree_ char *found = NULL;
	struct err ignored;
	size_t len;

	if (node_machine(machine, &ignored))
		return false;
	snprintf(path, sizeof(path), "nodes/%s", node->name);
	found = file_read(store->root, path, 4096, &len, &ignored);
	return found && !strncmp(found, machine, strlen(machine)) &&
	       found[strlen(machine)] == '\n';
}

/* Of a boot of this node that is over: its containers are, too. */
static bool is_dead(const struct pool *pool, const char *name)
{
	struct holder holder;
	struct lease lease;
	struct node node;
	struct err ignored;

	return lease_parse(name, &lease) && lease.state == LEASE_HELD &&
	       !node_identify("", &node, &ignored) &&
	       lease_is_of_node(&lease, node.name) && holder_parse(lease.rest, &holder) &&
	       strcmp(holder.boot, node.boot) && is_self(pool->store, &node);
}

static bool is_free(const char *name)
{
	struct block block;
	struct lease lease;

	return (lease_parse(name, &lease) && lease.state == LEASE_FREE) ||
	       (block_parse(name, &block) && block.state == LEASE_FREE);
}

/* A node that has a block by two names has it, whichever of them goes. */
static bool has_block_twice(const struct twins *twins, int i)
{
	struct block one, two;

	if (!block_parse(twins->names[i], &one) || one.state != LEASE_HELD)
		return false;
	for (int k = 0; k < i; k++)
		if (block_parse(twins->names[k], &two) && two.state == LEASE_HELD &&
		    !strcmp(one.node, two.node))
			return true;
	return false;
}

/* One of several files that certainly may go; NULL when there is none. */
static const char *surplus(const struct pool *pool, const struct twins *twins)
{
	for (int i = 0; i < twins->n; i++)
		if (hold_is_stale(twins->names[i]))
			return twins->names[i];
	for (int i = 0; i < twins->n; i++)
		if (is_free(twins->names[i]) || is_dead(pool, twins->names[i]) ||
		    has_block_twice(twins, i))
			return twins->names[i];
	return NULL;
}

static void note(char what[FSCK_WHAT_LEN], const char *name)
{
	size_t len = strlen(what);

	snprintf(what + len, FSCK_WHAT_LEN - len, "%s%s", len ? ", " : "removed ", name);
}

/* One after the other, each time by a fresh listing, until one is left. */
static int mend_several(const struct pool *pool, const struct fault *fault,
			char what[FSCK_WHAT_LEN], struct err *err)
{
	for (int round = 0; round < TWINS_MAX; round++) {
		struct twins twins;
		const char *name;
		int r;

		if (twins_list(pool, fault->shard, fault->key, &twins, err))
			return -1;
		if (twins.n < 2)
			return 1;
		name = surplus(pool, &twins);
		if (!name)
			return 0;
		r = hold_drop(pool, fault->shard, name, err);
		if (r < 0)
			return -1;
		if (r == 2)
			return 0; /* somebody else is at it */
		note(what, name);
	}
	return 0;
}

/* What was set aside for a moment, and is the only file. */
static int free_hold(const struct pool *pool, const struct fault *fault,
		     char what[FSCK_WHAT_LEN], struct err *err)
{
	_autoclose_ int dir = pool_open_shard(pool, fault->shard, err);
	char name[LEASE_LEN];
	struct twins twins;

	if (dir < 0 || twins_list(pool, fault->shard, fault->key, &twins, err))
		return -1;
	if (twins.n != 1 || !hold_is_stale(twins.names[0]))
		return 0;
	snprintf(name, sizeof(name), "%s@%lld", fault->key, (long long)time(NULL));
	if (renameat(dir, twins.names[0], dir, name))
		return errno == ENOENT ? 0 : err_set(err, errno, "free %s", fault->place);
	snprintf(what, FSCK_WHAT_LEN, "freed %s", twins.names[0]);
	return 1;
}

static int mend_leftover(const struct pool *pool, const struct fault *fault,
			 char what[FSCK_WHAT_LEN], struct err *err)
{
	_autoclose_ int dir = -1;

	if (*fault->key)
		return free_hold(pool, fault, what, err);
	dir = pool_open_shard(pool, ".", err);
	if (dir < 0)
		return -1;
	draft_remove(dir, fault->place);
	snprintf(what, FSCK_WHAT_LEN, "removed %s", fault->place);
	return 1;
}

int fsck_mend(const struct pool *pool, const struct fault *fault,
	      char what[FSCK_WHAT_LEN], struct err *err)
{
	switch (fault->kind) {
	case FAULT_LOST:
		return mend_lost(pool, fault, what, err);
	case FAULT_DOUBLE:
	case FAULT_CONFLICT:
		return mend_several(pool, fault, what, err);
	case FAULT_LEFTOVER:
		return mend_leftover(pool, fault, what, err);
	default:
		return 0;
	}
}

/* As a word for a shell. False when it holds what no terminal should be shown. */
static bool quote(const char *text, char *buf, size_t size)
{
	static const char *const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz"
					 "0123456789._-%,=@:/";
	int n;

	if (text[strspn(text, plain)] == '\0') {
		n = snprintf(buf, size, "%s", text);
		return n < (int)size;
	}
	for (const char *at = text; *at; at++)
		if (*at < ' ' || *at > '~' || *at == '\'')
			return false;
	n = snprintf(buf, size, "'%s'", text);
	return n < (int)size;
}

int fsck_choices(const struct pool *pool, const struct fault *fault,
		 void (*visit)(void *ctx, const char *command), void *ctx,
		 struct err *err)
{
	char path[PATH_MAX + NAME_MAX], where[sizeof(path)], what[2 * LEASE_LEN],
		command[sizeof(where) + sizeof(what) + 32];
	struct twins twins;

	if (!*fault->key || fault->kind == FAULT_LOST)
		return 0;
	if (twins_list(pool, fault->shard, fault->key, &twins, err))
		return -1;
	snprintf(path, sizeof(path), "%s/%s", pool->store->path, pool->name);
	for (int i = 0; i < twins.n; i++) {
		/* A name that means nothing is of its address, if that has no other. */
		const char *name = twins.n == 1 ? fault->place : twins.names[i];

		if (is_free(twins.names[i]) || !quote(path, where, sizeof(where)) ||
		    !quote(name, what, sizeof(what)))
			continue;
		snprintf(command, sizeof(command), "rail-ipam release %s %s", what,
			 where);
		visit(ctx, command);
	}
	return 0;
}
