/* fsck_shard.c - one look at a shard: which slot has which files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "ipam/fsck_shard.h"
#include "ipam/listing.h"

struct looking {
	struct shard_look *look;
	char prefix[IP_LEN]; /* the shard's base, as text */
	struct cidr block;
};

static void note_other(struct shard_look *look, const char *name)
{
	if (look->n_other < (int)ARRAY_SIZE(look->other))
		snprintf(look->other[look->n_other], LEASE_LEN, "%s", name);
	look->n_other++;
}

static int note(void *ctx, const char *name, struct err *err)
{
	struct looking *looking = ctx;
	struct lease lease;
	struct slot *slot;

	(void)err;
	if (!lease_parse(name, &lease) || !cidr_contains(&looking->block, &lease.ip)) {
		note_other(looking->look, name);
		return 0;
	}
	slot = &looking->look->slots[shard_slot(&lease.ip)];
	if (slot->n < SLOT_FILES)
		snprintf(slot->names[slot->n], LEASE_LEN, "%s", name);
	slot->n++;
	return 0;
}

static bool block_of(const char *shard, struct cidr *ret)
{
	char text[CIDR_LEN], *dash;

	snprintf(text, sizeof(text), "%s", shard);
	dash = strrchr(text, '-');
	if (!dash)
		return false;
	*dash = '/';
	return cidr_parse(text, ret);
}

/* What was written when the shard was made; older shards may have nothing. */
static void read_holes(int dir, struct shard_look *ret)
{
	struct err ignored;
	size_t len;
	_autofree_ char *text = file_read(dir, POOL_HOLES, 4096, &len, &ignored);
	char *next = text, *word;

	ret->holes_known = text;
	while (next && (word = strsep(&next, " "))) {
		int first, last;

		if (sscanf(word, "%d-%d", &first, &last) != 2)
			continue;
		for (int i = first; i >= 0 && i <= last && i < SHARD_SLOTS; i++)
			ret->hole[i] = true;
	}
}

int shard_look(const struct pool *pool, const char *shard, struct shard_look *ret,
	       struct err *err)
{
	_autoclose_ int dir = pool_open_shard(pool, shard, err);
	struct looking looking = { .look = ret };

	if (dir < 0)
		return err->no == ENOENT ? 0 : -1;
	memset(ret, 0, sizeof(*ret));
	if (!block_of(shard, &looking.block))
		return err_set(err, 0, "%s is no shard", shard);
	read_holes(dir, ret);
	return list_names(dir, note, &looking, err) ? -1 : 1;
}
