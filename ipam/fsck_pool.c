/* fsck_pool.c - has every address exactly one file? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/clock.h"
#include "pkg/grow.h"
#include "ipam/block.h"
#include "ipam/fsck.h"
#include "ipam/fsck_blocks.h"
#include "ipam/fsck_shard.h"
#include "ipam/guard.h"
#include "ipam/hold.h"
#include "ipam/listing.h"

#define LEFTOVER_AGE 7200 /* seconds: no maker goes on so long (draft.c) */

struct check {
	const struct pool *pool;
	const struct conf *made;
	struct faults faults;
	int dir; /* the pool's */
};

const char *fault_text(enum fault_kind kind)
{
	static const char *const texts[] = {
		[FAULT_LOST] = "no file",
		[FAULT_DOUBLE] = "several files",
		[FAULT_CONFLICT] = "several leases",
		[FAULT_ODD] = "a name that means nothing",
		[FAULT_MISPLACED] = "does not belong here",
		[FAULT_LINKED] = "a link of another file",
		[FAULT_LEFTOVER] = "left over by a killed process",
		[FAULT_FOREIGN] = "is no part of a pool",
	};

	return texts[kind];
}

void faults_clear(struct faults *faults)
{
	free(faults->list);
	*faults = (struct faults){ 0 };
}

static int add_fault(struct faults *faults, struct err *err)
{
	struct fault *more = grow(faults->list, faults->n, sizeof(*more));

	if (!more)
		return err_set(err, ENOMEM, "hold what is wrong");
	faults->list = more;
	faults->n++;
	return 0;
}

struct fault *faults_add(struct faults *faults, enum fault_kind kind, const char *shard,
			 const char *place, struct err *err)
{
	struct fault *fault;

	if (add_fault(faults, err))
		return NULL;
	fault = &faults->list[faults->n - 1];
	*fault = (struct fault){ .kind = kind };
	snprintf(fault->shard, sizeof(fault->shard), "%s", shard);
	snprintf(fault->place, sizeof(fault->place), "%s", place);
	return fault;
}

static bool is_leased(const char *name)
{
	struct lease lease;

	return lease_parse(name, &lease) && lease.state == LEASE_HELD;
}

static int leases_of(const struct slot *slot)
{
	int count = 0;

	for (int i = 0; i < slot->n && i < SLOT_FILES; i++)
		count += is_leased(slot->names[i]);
	return count;
}

/* As it is in all looks, or has become right in one: whatever is renamed now is right. */
static bool is_wrong(const struct shard_look looks[FSCK_LOOKS], int slot, bool expected)
{
	for (int i = 0; i < FSCK_LOOKS; i++) {
		int n = looks[i].slots[slot].n;

		if (n == 1 || (n == 0 && !expected))
			return false;
	}
	return true;
}

static void tell_names(const struct slot *slot, struct fault *fault)
{
	size_t n = 0;

	for (int i = 0; i < slot->n && i < SLOT_FILES && n < sizeof(fault->names); i++)
		n += snprintf(fault->names + n, sizeof(fault->names) - n, "%s%s",
			      i ? " " : "", slot->names[i]);
}

/* Of a file that is the only one of its address; -1: nothing is wrong. */
static int fault_of_one(const char *name)
{
	struct lease lease;

	if (hold_is_stale(name))
		return FAULT_LEFTOVER;
	return lease_parse(name, &lease) && lease.state == LEASE_ODD ? FAULT_ODD : -1;
}

static int fault_of_slot(const struct shard_look looks[FSCK_LOOKS], int at)
{
	const struct shard_look *last = &looks[FSCK_LOOKS - 1];
	const struct slot *slot = &last->slots[at];

	if (slot->n == 1)
		return fault_of_one(slot->names[0]);
	if (!is_wrong(looks, at, last->holes_known && !last->hole[at]))
		return -1;
	if (!slot->n)
		return FAULT_LOST;
	return leases_of(slot) > 1 ? FAULT_CONFLICT : FAULT_DOUBLE;
}

static int check_slot(struct check *check, const struct shard *shard, int at,
		      const struct shard_look looks[FSCK_LOOKS], struct err *err)
{
	const struct slot *slot = &looks[FSCK_LOOKS - 1].slots[at];
	struct ip ip = shard_ip(shard, at);
	int kind = fault_of_slot(looks, at);
	struct fault *fault;
	char text[IP_LEN];

	check->faults.checked += slot->n == 1;
	if (kind < 0)
		return 0;
	fault = faults_add(&check->faults, kind, shard->name, ip_format(&ip, text), err);
	if (!fault)
		return -1;
	strcpy(fault->key, text);
	tell_names(slot, fault);
	return 0;
}

/* Files under several names; and what is none of the shard's. */
static int check_files(struct check *check, const struct shard *shard,
		       const struct shard_look *look, struct err *err)
{
	_autoclose_ int dir = pool_open_shard(check->pool, shard->name, err);
	struct stat st;

	for (int i = 0; i < look->n_other && i < (int)ARRAY_SIZE(look->other); i++)
		if (!faults_add(&check->faults, FAULT_MISPLACED, shard->name,
				look->other[i], err))
			return -1;
	for (int slot = 0; dir >= 0 && slot < SHARD_SLOTS; slot++) {
		const char *name = look->slots[slot].names[0];

		guard_answered();
		if (!look->slots[slot].n ||
		    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || st.st_nlink == 1)
			continue;
		if (!faults_add(&check->faults, FAULT_LINKED, shard->name, name, err))
			return -1;
	}
	return 0;
}

static bool looks_fine(const struct shard_look *look)
{
	for (int slot = 0; slot < SHARD_SLOTS; slot++) {
		bool expected = look->holes_known && !look->hole[slot];

		if (look->slots[slot].n > 1 || (expected && !look->slots[slot].n))
			return false;
	}
	return true;
}

static int check_shard(struct check *check, const struct shard *shard, struct err *err)
{
	_autofree_ struct shard_look *looks = calloc(FSCK_LOOKS, sizeof(*looks));
	bool fine = false;

	if (!looks)
		return err_set(err, ENOMEM, "look at %s", shard->name);
	for (int i = 0; i < FSCK_LOOKS; i++) {
		if (fine) { /* once is enough, then */
			looks[i] = looks[i - 1];
			continue;
		}
		if (i)
			sleep_ms(FSCK_PAUSE);
		if (shard_look(check->pool, shard->name, &looks[i], err) < 0)
			return -1;
		fine = looks_fine(&looks[i]);
	}
	for (int slot = 0; slot < SHARD_SLOTS; slot++)
		if (check_slot(check, shard, slot, looks, err))
			return -1;
	return check_files(check, shard, &looks[FSCK_LOOKS - 1], err);
}

static int check_name(void *ctx, const char *name, struct err *err)
{
	struct check *check = ctx;

	if (!strcmp(name, POOL_FILE))
		return 0;
	for (int i = 0; i < check->made->n_ranges; i++) {
		const struct range *range = &check->made->ranges[i];
		struct blockdir dir;
		struct shard shard;

		if (shard_parse(range, name, &shard))
			return check_shard(check, &shard, err);
		if (blockdir_parse(range, name, &dir))
			return fsck_blocks(check->pool, &dir, &check->faults, err);
	}
	return faults_add(&check->faults, FAULT_FOREIGN, "", name, err) ? 0 : -1;
}

static int check_hidden(void *ctx, const char *name, struct err *err)
{
	struct check *check = ctx;
	struct stat st;

	if (strncmp(name, ".new-", 5) ||
	    fstatat(check->dir, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    time(NULL) - st.st_mtime < LEFTOVER_AGE)
		return 0;
	return faults_add(&check->faults, FAULT_LEFTOVER, "", name, err) ? 0 : -1;
}

static void check_clear(struct check *check)
{
	closep(&check->dir);
	faults_clear(&check->faults);
}

int fsck_pool(const struct pool *pool, const struct conf *made, struct faults *ret,
	      struct err *err)
{
	_cleanup_(check_clear) struct check check = { .pool = pool, .made = made };

	check.dir = pool_open_shard(pool, ".", err);
	if (check.dir < 0 || list_names(check.dir, check_name, &check, err) ||
	    lseek(check.dir, 0, SEEK_SET) ||
	    list_hidden(check.dir, check_hidden, &check, err) ||
	    fsck_lost_blocks(pool, made, &check.faults, err))
		return err_wrap(err, "check pool %s", pool->name);
	*ret = check.faults;
	check.faults = (struct faults){ 0 };
	return 0;
}
