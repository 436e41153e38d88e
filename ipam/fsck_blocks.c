/* fsck_blocks.c - has every block one file, and does that mean anything? */
#include <stdio.h>

#include "pkg/clock.h"
#include "ipam/blocks.h"
#include "ipam/fsck_blocks.h"

static int tell(struct faults *faults, enum fault_kind kind, const char *dir,
		const struct block *block, struct err *err)
{
	struct fault *fault = faults_add(faults, kind, dir, err);

	if (fault)
		cidr_format(&block->cidr, fault->text);
	return fault ? 0 : -1;
}

static bool is_double(const struct blocks *blocks, int i)
{
	return i && cidr_equal(&blocks->list[i].cidr, &blocks->list[i - 1].cidr);
}

static bool looks_fine(const struct blocks *blocks)
{
	for (int i = 0; i < blocks->n; i++)
		if (is_double(blocks, i))
			return false;
	return true;
}

int fsck_blocks(const struct pool *pool, const struct blockdir *dir, struct faults *ret,
		struct err *err)
{
	_autoblocks_ struct blocks blocks = { 0 };

	for (int look = 0; look < FSCK_LOOKS; look++) {
		blocks_clear(&blocks);
		if (blocks_in(pool, dir, &blocks, err) < 0)
			return -1;
		if (looks_fine(&blocks))
			break;
		sleep_ms(FSCK_PAUSE);
	}
	for (int i = 0; i < blocks.n; i++) {
		const struct block *block = &blocks.list[i];

		if (is_double(&blocks, i) &&
		    tell(ret, FAULT_DOUBLE, dir->name, block, err))
			return -1;
		if (block->state == LEASE_ODD &&
		    tell(ret, FAULT_ODD, dir->name, block, err))
			return -1;
	}
	return 0;
}
