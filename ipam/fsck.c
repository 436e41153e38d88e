/* fsck.c - rail-ipam fsck: check pools, and mend one that is named. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipam/fsck.h"
#include "ipam/report.h"

struct fsck {
	bool repair, json;
	struct cJSON *list;
	int checked, found, mended;
};

static const char *place_of(const struct fault *fault, char buf[IP_LEN])
{
	return fault->ip.family ? ip_format(&fault->ip, buf) : fault->text;
}

static void tell(struct fsck *fsck, const char *pool, const struct fault *fault,
		 const char *mended)
{
	char ip[IP_LEN];
	const char *place = place_of(fault, ip);
	struct cJSON *obj;

	if (!fsck->json) {
		printf("%s%s%s: %s: %s%s%s%s\n", pool, *fault->shard ? "/" : "",
		       fault->shard, place, fault_text(fault->kind),
		       fault->ip.family && *fault->text ? ": " : "",
		       fault->ip.family ? fault->text : "", *mended ? "; mended:" : "");
		if (*mended)
			printf("    %s\n", mended);
		return;
	}
	obj = cJSON_CreateObject();
	cJSON_AddStringToObject(obj, "pool", pool);
	cJSON_AddStringToObject(obj, "shard", fault->shard);
	cJSON_AddStringToObject(obj, "what", place);
	cJSON_AddStringToObject(obj, "fault", fault_text(fault->kind));
	cJSON_AddStringToObject(obj, "names", fault->text);
	if (*mended)
		cJSON_AddStringToObject(obj, "mended", mended);
	cJSON_AddItemToArray(fsck->list, obj);
}

static int tell_all(struct fsck *fsck, const struct pool *pool,
		    const struct faults *faults, struct err *err)
{
	for (int i = 0; i < faults->n; i++) {
		char what[600] = "";
		int r = 0;

		if (fsck->repair)
			r = fsck_mend(pool, &faults->list[i], what, err);
		if (r < 0)
			return -1;
		fsck->mended += r;
		tell(fsck, pool->name, &faults->list[i], what);
	}
	return 0;
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
	return tell_all(fsck, &pool, &faults, err);
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
	return fsck.repair ? -1 : err_hint(err, "what can be mended is: --repair POOL");
}
