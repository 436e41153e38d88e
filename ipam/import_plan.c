/* import_plan.c - hold rows against the configuration and the store. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipam/blocks.h"
#include "ipam/fsck_shard.h"
#include "ipam/import.h"

/* What was listed last: rows come in the order of their addresses. */
struct plan {
	struct import *import;
	struct session *session;
	bool has_pool;
	struct shard shard;
	struct shard_look *look;
	bool has_shard;
	const struct range *listed; /* of which blocks are the blocks */
	struct blocks blocks;
};

static void plan_clear(struct plan *plan)
{
	free(plan->look);
	blocks_clear(&plan->blocks);
}

static int refuse(struct import_row *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int refuse(struct import_row *row, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(row->why, sizeof(row->why), fmt, ap);
	va_end(ap);
	row->state = IMPORT_REFUSED;
	return 0;
}

static int list_shard(struct plan *plan, const struct shard *shard, struct err *err)
{
	int r;

	if (!strcmp(plan->shard.name, shard->name))
		return 0;
	r = plan->has_pool
		    ? shard_look(&plan->session->pool, shard->name, plan->look, err)
		    : 0;
	if (r < 0)
		return -1;
	plan->shard = *shard;
	plan->has_shard = r;
	return 0;
}

/* A row's node must have the block of its address, or nobody. */
static int check_block(struct plan *plan, const struct range *range,
		       struct import_row *row, struct err *err)
{
	const struct session *s = plan->session;
	const char *node = *row->node ? row->node : s->node.name;
	char text[CIDR_LEN];

	if (!range->block || !plan->has_pool)
		return 0;
	if (plan->listed != range) {
		blocks_clear(&plan->blocks);
		if (blocks_list(&s->pool, range, &plan->blocks, err))
			return -1;
		plan->listed = range;
	}
	for (int i = 0; i < plan->blocks.n; i++) {
		const struct block *block = &plan->blocks.list[i];

		if (!cidr_contains(&block->cidr, &row->ip) ||
		    block->state == LEASE_FREE ||
		    (block->state == LEASE_HELD && !strcmp(block->node, node)))
			continue;
		return refuse(row, "it is in block %s, which is %s",
			      cidr_format(&block->cidr, text),
			      block->state == LEASE_HELD ? block->node : block->note);
	}
	return 0;
}

/* Leased as the row says, whatever the boot. */
static bool is_leased_so(const struct plan *plan, const struct import_row *row,
			 const struct lease *lease)
{
	const struct session *s = plan->session;
	char owner[OWNER_LEN];

	owner_format(*row->node ? row->node : s->node.name, s->node.boot, row->container,
		     row->ifname, owner);
	return import_is_own(s, row) ? lease_is_of(lease, owner)
				     : lease_is_of_any_boot(lease, owner);
}

static int taken(struct plan *plan, struct import_row *row, const char *name,
		 const struct lease *lease)
{
	struct holder holder = { 0 };
	char aside[LEASE_LEN];
	bool own = import_is_own(plan->session, row);

	if (is_leased_so(plan, row, lease)) {
		row->state = IMPORT_THERE;
		return 0;
	}
	if (!strcmp(name, import_aside_name(row, plan->session, aside))) {
		row->state = own ? IMPORT_NEW : IMPORT_THERE;
		return 0;
	}
	if (lease->state != LEASE_HELD || !holder_parse(lease->rest, &holder))
		return refuse(row, "it is set aside: %s", name);
	return refuse(row, "container %s on node %s holds it as %s", holder.container,
		      holder.node, holder.ifname);
}

static int check_slot(struct plan *plan, struct import_row *row)
{
	const struct slot *slot = &plan->look->slots[shard_slot(&row->ip)];
	struct lease lease;

	if (!plan->has_shard)
		return 0;
	if (!slot->n)
		return refuse(row, "it has no file in the pool: it was excluded when "
				   "its shard was made");
	if (slot->n > 1)
		return refuse(row, "it has several files: %s %s", slot->names[0],
			      slot->names[1]);
	if (!lease_parse(slot->names[0], &lease) || lease.state == LEASE_FREE)
		return 0;
	return taken(plan, row, slot->names[0], &lease);
}

static int check_row(struct plan *plan, struct import_row *row, struct err *err)
{
	const struct conf *conf = plan->import->conf;
	char ranges[CONF_RANGES_LEN];
	struct shard shard;
	const struct range *range = import_range(conf, &row->ip, &shard);

	row->state = import_is_own(plan->session, row) ? IMPORT_NEW : IMPORT_ASIDE;
	if (!range)
		return refuse(row,
			      "the configuration does not hand it out: it is excluded, a "
			      "gateway, or not of %.200s",
			      conf_ranges(conf, ", ", ranges));
	if (check_block(plan, range, row, err))
		return -1;
	if (row->state == IMPORT_REFUSED)
		return 0;
	return list_shard(plan, &shard, err) ? -1 : check_slot(plan, row);
}

static void same_address(struct import_row *a, struct import_row *b)
{
	refuse(a, "container %s as %s is said to have it as well", b->container,
	       b->ifname);
	refuse(b, "container %s as %s is said to have it as well", a->container,
	       a->ifname);
}

/* Attachments have one address of each set of ranges. */
struct holding {
	struct import_row *row;
	int set;
};

static int cmp_holdings(const void *a, const void *b)
{
	const struct holding *one = a, *two = b;
	int r = strcmp(one->row->container, two->row->container);

	if (!r)
		r = strcmp(one->row->ifname, two->row->ifname);
	if (!r)
		r = strcmp(one->row->node, two->row->node);
	return r ? r : one->set - two->set;
}

static int check_holdings(struct plan *plan, struct err *err)
{
	struct import_rows *rows = &plan->import->rows;
	_autofree_ struct holding *list = calloc(rows->n + 1, sizeof(*list));
	char text[IP_LEN];
	int n = 0;

	if (!list)
		return err_set(err, ENOMEM, "hold the rows");
	for (int i = 0; i < rows->n; i++) {
		struct shard shard;
		const struct range *range =
			import_range(plan->import->conf, &rows->list[i].ip, &shard);

		if (range)
			list[n++] = (struct holding){ &rows->list[i], range->set };
	}
	if (n)
		qsort(list, n, sizeof(*list), cmp_holdings);
	for (int i = 1; i < n; i++)
		if (!cmp_holdings(&list[i - 1], &list[i]))
			refuse(list[i].row,
			       "the same attachment has %s of the same range",
			       ip_format(&list[i - 1].row->ip, text));
	return 0;
}

static int check_rows(struct plan *plan, struct err *err)
{
	struct import_rows *rows = &plan->import->rows;
	int refused = 0;

	for (int i = 0; i < rows->n; i++)
		if (check_row(plan, &rows->list[i], err))
			return -1;
	for (int i = 1; i < rows->n; i++)
		if (ip_equal(&rows->list[i - 1].ip, &rows->list[i].ip))
			same_address(&rows->list[i - 1], &rows->list[i]);
	if (check_holdings(plan, err))
		return -1;
	for (int i = 0; i < rows->n; i++)
		refused += rows->list[i].state == IMPORT_REFUSED;
	return refused;
}

int import_plan(struct import *import, struct err *err)
{
	_autosession_ struct session s = { .state = STATE_CLOSED, .store = STORE_CLOSED };
	_cleanup_(plan_clear) struct plan plan = {
		.import = import, .session = &s, .look = calloc(1, sizeof(*plan.look))
	};

	if (!plan.look)
		return err_set(err, ENOMEM, "look at the pool");
	if (import_session(import, NULL, &s, err))
		return -1;
	if (!session_trust(&s, TRUST_LOOK, err))
		plan.has_pool = s.known.basis;
	else if (err->no != ENOENT || !s.conf->own_store)
		return -1; /* the default store comes into being with its first use */
	return check_rows(&plan, err);
}
