/* list.c - rail-ipam list: who holds which address. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "pkg/file.h"
#include "ipam/admin.h"
#include "ipam/comment.h"
#include "ipam/listing.h"
#include "ipam/pool.h"
#include "ipam/record.h"
#include "ipam/report.h"
#include "ipam/rows.h"

struct gather {
	struct rows *rows;
	bool all, local;
};

/* Where comments are not written, this node's records know its own pods: note_record().
 */
static void find_pod(const struct gather *gather, const struct pool_entry *entry,
		     struct row *row)
{
	if (gather->local || !strncmp(row->holder.container, "h.", 2))
		comment_pod(entry->dir, entry->name, row->holder.nonce, row->pod);
}

static int64_t since(const struct pool_entry *entry, const struct lease *lease)
{
	struct stat st;

	if (lease->state == LEASE_FREE)
		return lease->freed;
	/* Renaming moves ctime, as the file systems looked at so far have it. */
	return fstatat(entry->dir, entry->name, &st, AT_SYMLINK_NOFOLLOW) ? -1
									  : st.st_ctime;
}

static int note_row(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct gather *gather = ctx;
	struct lease lease;
	struct block block;
	struct row *row;

	if (blockdir_is_name(entry->shard))
		return block_parse(entry->name, &block) && block.state == LEASE_HELD
			       ? rows_add_block(gather->rows, &block, err)
			       : 0;
	if (!lease_parse(entry->name, &lease))
		return 0;
	gather->rows->counts[lease.state]++;
	if (lease.state == LEASE_FREE && !gather->all)
		return 0;
	row = rows_add(gather->rows, err);
	if (!row)
		return -1;
	row->ip = lease.ip;
	row->state = lease.state;
	row->since = since(entry, &lease);
	if (lease.state == LEASE_HELD) {
		(void)holder_parse(lease.rest, &row->holder);
		find_pod(gather, entry, row);
	} else if (lease.rest) {
		bool reserved = !strncmp(lease.rest, "reserved,", 9);

		snprintf(row->note, sizeof(row->note), "%s",
			 lease.rest + (reserved ? 9 : 0));
	}
	return 0;
}

struct records {
	struct rows *rows;
	int dir;
};

static int note_record(void *ctx, const char *name, struct err *err)
{
	struct records *records = ctx;
	_autorecord_ struct record record = RECORD_NONE;

	if (!strchr(name, ',') || record_load(records->dir, name, &record, err) <= 0)
		return 0;
	for (int i = 0; i < record.n_claims; i++)
		rows_pod(records->rows, &record.claims[i].ip, record.claims[i].nonce,
			 record.head.pod);
	return 0;
}

static void note_records(struct rows *rows)
{
	_autoclose_ int dir = open(STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct records records = { rows, dir };
	struct err ignored;

	if (dir >= 0)
		(void)list_names(dir, note_record, &records, &ignored);
}

struct output {
	const struct options *options;
	struct cJSON *pools; /* or NULL: print tables */
	int n;
};

static int list_pool(void *ctx, const struct store *store, const char *name,
		     struct err *err)
{
	struct output *out = ctx;
	_autorows_ struct rows rows = { .store = store->path, .pool = name };
	struct gather gather = { .rows = &rows, .all = has(out->options, OPT_ALL) };
	struct pool pool = { .store = store, .name = name, .node = "" };
	char fs[32];

	store_fs(store, fs, &gather.local);
	if (pool_describe(&pool, rows.ranges, err) ||
	    pool_each(&pool, note_row, &gather, err))
		return -1;
	note_records(&rows);
	rows_sort(&rows);
	if (out->pools)
		cJSON_AddItemToArray(out->pools, rows_json(&rows));
	else
		rows_print(&rows, out->n++ > 0);
	return 0;
}

static int list_store(void *ctx, const struct store *store, const char *pool,
		      struct err *err)
{
	return target_pools(store, pool, list_pool, ctx, err);
}

int admin_list(const struct options *options, struct err *err)
{
	struct output out = { .options = options };
	int r;

	if (has(options, OPT_JSON))
		out.pools = cJSON_CreateArray();
	r = target_each(options->args[0], list_store, &out, err);
	if (r < 0) {
		cJSON_Delete(out.pools);
		return -1;
	}
	if (out.pools) {
		struct cJSON *doc = cJSON_CreateObject();

		cJSON_AddItemToObject(doc, "pools", out.pools);
		return print_json(doc, err);
	}
	if (!out.n)
		puts("no pools: nothing was ever allocated here");
	return 0;
}
