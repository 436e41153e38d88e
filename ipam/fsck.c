/* fsck.c - rail-ipam fsck: check pools, and mend one that is named. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/text.h"
#include "ipam/fsck.h"
#include "ipam/report.h"

struct fsck {
	bool repair, json;
	struct cJSON *list;
	int checked, found, mended;
};

/* Of a fault that was not mended. */
static void print_choice(void *ctx, const char *command)
{
	const char **before = ctx;

	printf("%s    %s\n", *before, command);
	*before = "";
}

static void add_choice(void *ctx, const char *command)
{
	cJSON_AddItemToArray(ctx, cJSON_CreateString(command));
}

static int print_fault(const struct pool *pool, const struct fault *fault, bool mended,
		       const char *what, struct err *err)
{
	const char *before = fault->kind == FAULT_ODD
				     ? "  if nobody uses it:\n"
				     : "  whoever uses it stays; take away the other:\n";
	char place[sizeof(fault->place)], names[sizeof(fault->names)];

	printf("%s%s%s: %s: %s%s%s\n", pool->name, *fault->shard ? "/" : "", fault->shard,
	       text_clean(place, sizeof(place), fault->place), fault_text(fault->kind),
	       *fault->names ? ": " : "", text_clean(names, sizeof(names), fault->names));
	if (*what)
		printf("  %s: %s\n", mended ? "mended" : "partly mended", what);
	return mended ? 0 : fsck_choices(pool, fault, print_choice, &before, err);
}

static int add_fault(struct fsck *fsck, const struct pool *pool,
		     const struct fault *fault, bool mended, const char *what,
		     struct err *err)
{
	struct cJSON *obj = cJSON_CreateObject();

	cJSON_AddStringToObject(obj, "pool", pool->name);
	cJSON_AddStringToObject(obj, "shard", fault->shard);
	cJSON_AddStringToObject(obj, "what", fault->place);
	cJSON_AddStringToObject(obj, "fault", fault_text(fault->kind));
	cJSON_AddStringToObject(obj, "names", fault->names);
	cJSON_AddBoolToObject(obj, "mended", mended);
	if (*what)
		cJSON_AddStringToObject(obj, "did", what);
	cJSON_AddItemToArray(fsck->list, obj);
	return mended ? 0
		      : fsck_choices(pool, fault, add_choice,
				     cJSON_AddArrayToObject(obj, "commands"), err);
}

static int treat(struct fsck *fsck, const struct pool *pool, const struct fault *fault,
		 struct err *err)
{
	char what[FSCK_WHAT_LEN] = "";
	int r = fsck->repair ? fsck_mend(pool, fault, what, err) : 0;

	if (r < 0)
		return -1;
	fsck->mended += r;
	return fsck->json ? add_fault(fsck, pool, fault, r, what, err)
			  : print_fault(pool, fault, r, what, err);
}

static int check_pool(void *ctx, const struct store *store, const char *name,
		      struct err *err)
{
	struct fsck *fsck = ctx;
	struct pool pool = { .store = store, .name = name, .node = "operator" };
	_autofree_ struct conf *made = calloc(1, sizeof(*made));
	_autofaults_ struct faults faults = { 0 };

	if (!made)
		return err_set(err, ENOMEM, "read " POOL_FILE);
	if (pool_read(&pool, made, err) || fsck_pool(&pool, made, &faults, err))
		return -1;
	fsck->checked += faults.checked;
	fsck->found += faults.n;
	for (int i = 0; i < faults.n; i++)
		if (treat(fsck, &pool, &faults.list[i], err))
			return -1;
	return 0;
}

static int check_target(void *ctx, const struct store *store, const char *pool,
			struct err *err)
{
	return target_pools(store, pool, check_pool, ctx, err);
}

static int summary(struct fsck *fsck, struct err *err)
{
	struct cJSON *doc;

	if (!fsck->json) {
		printf("%d addresses are fine, %d things are not, %d were mended\n",
		       fsck->checked, fsck->found, fsck->mended);
		return 0;
	}
	doc = cJSON_CreateObject();
	cJSON_AddNumberToObject(doc, "fine", fsck->checked);
	cJSON_AddNumberToObject(doc, "found", fsck->found);
	cJSON_AddNumberToObject(doc, "mended", fsck->mended);
	cJSON_AddItemToObject(doc, "faults", fsck->list);
	fsck->list = NULL;
	return print_json(doc, err);
}

int admin_fsck(const struct options *options, struct err *err)
{
	struct fsck fsck = { .repair = has(options, OPT_REPAIR),
			     .json = has(options, OPT_JSON) };
	const char *target = options->args[0];
	int r;

	if (fsck.repair && !target)
		return err_set(err, 0, "--repair needs the pool named");
	if (fsck.json)
		fsck.list = cJSON_CreateArray();
	r = fsck.repair ? target_pool(target, check_pool, &fsck, err)
			: target_each(target, check_target, &fsck, err);
	if (!r)
		r = summary(&fsck, err);
	cJSON_Delete(fsck.list);
	if (r)
		return -1;
	if (fsck.found == fsck.mended)
		return 0;
	err_set(err, 0, "%d things are wrong", fsck.found - fsck.mended);
	return err_hint(err, fsck.repair ? "what is left a person must decide"
					 : "what is certain --repair POOL mends");
}
