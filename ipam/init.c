/* init.c - rail-ipam init: make a store of a directory. */
#include <stdio.h>

#include "ipam/admin.h"
#include "ipam/report.h"

static int tell_json(const struct store *store, const char *id, const char *fs, bool made,
		     struct err *err)
{
	struct cJSON *doc = cJSON_CreateObject();

	cJSON_AddStringToObject(doc, "store", store->path);
	cJSON_AddStringToObject(doc, "id", id);
	cJSON_AddStringToObject(doc, "fileSystem", fs);
	cJSON_AddBoolToObject(doc, "made", made);
	return print_json(doc, err);
}

int admin_init(const struct options *options, struct err *err)
{
	_autostore_ struct store store = STORE_CLOSED;
	char id[STORE_ID_LEN], fs[32];
	bool local;
	int r;

	if (store_open(options->args[0], &store, err)) {
		*err->hint = '\0';
		return err_hint(err,
				"mount the shared storage there, or make the directory");
	}
	r = store_id(&store, id, err);
	if (r == 0 && store_init(&store, err))
		return -1;
	if (r < 0 || store_id(&store, id, err) <= 0)
		return -1;
	store_fs(&store, fs, &local);
	if (has(options, OPT_JSON))
		return tell_json(&store, id, fs, r == 0, err);
	printf("%s %s, id %s, on %s\n", store.path,
	       r ? "is a store already" : "is a store now", id, fs);
	if (local)
		printf("note: only this machine sees a file system of type %s, unless it "
		       "is "
		       "exported\n",
		       fs);
	return 0;
}
