/* routes_once.c - rail-sriov routes sync, publish and withdraw, once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "pkg/json.h"
#include "pkg/table.h"
#include "plugins/sriov/admin.h"
#include "plugins/sriov/routes_source.h"
#include "plugins/sriov/routes_sync.h"

#define WITHDRAW_MS 10000

static void show_change(const struct round *round, const struct change *change,
			struct table *table, struct cJSON *list)
{
	struct cJSON *obj = cJSON_CreateObject();
	char text[CHANGE_TEXT];

	change_text(round, change, text);
	table_cell(table, "%s", change_name(change->kind));
	table_cell(table, "%s", text);
	table_cell(table, "%s", change->peer);
	cJSON_AddStringToObject(obj, "change", change_name(change->kind));
	cJSON_AddStringToObject(obj, "what", text);
	if (*change->peer)
		cJSON_AddStringToObject(obj, "peer", change->peer);
	if (change->nexthop.id)
		cJSON_AddNumberToObject(obj, "id", change->nexthop.id);
	cJSON_AddItemToArray(list, obj);
}

static void show_changes(const struct routes_options *options, const struct round *round)
{
	const struct options how = { .json = options->json };
	_autojson_ struct cJSON *list = cJSON_CreateArray();
	_autotable_ struct table table = { .columns = 3 };

	table_cell(&table, options->dry_run ? "WOULD" : "CHANGE");
	table_cell(&table, "WHAT");
	table_cell(&table, "PEER");
	for (int i = 0; i < round->changes.count; i++)
		show_change(round, &round->changes.list[i], &table, list);
	admin_show(&how, &table, list, "nothing to change");
}

static int clear(const struct routes_options *options, struct nl *nl, struct err *err)
{
	_autoround_ struct round round = { 0 };

	if (round_take_all(&round, nl, options->dry_run, err))
		return -1;
	show_changes(options, &round);
	return 0;
}

int routes_sync(const struct routes_options *options, struct err *err)
{
	_autonl_ struct nl *nl = NULL;
	_autosource_ struct source source = SOURCE_OF(options);
	_autoround_ struct round round = { 0 };
	struct peer line;
	int has_line = 0, told;

	if (options->watch)
		return routes_watch(options, err);
	if (round_open(&nl, err))
		return -1;
	if (options->clear)
		return clear(options, nl, err);
	if (!options->dry_run)
		has_line = own_line(nl, options, &line, err);
	if (has_line < 0 || source_read(&source, has_line ? &line : NULL, err) < 0)
		return -1;
	if (options->dry_run ? round_look(&round, nl, options, &source.peers, err) ||
				       round_allowed(&round, options, &source.peers, err)
			     : round_run(&round, nl, options, &source.peers, err))
		return -1;
	show_changes(options, &round);
	told = notes_tell(&source.notes) + notes_tell(&round.notes);
	return told > 0;
}

int routes_publish(const struct routes_options *options, struct err *err)
{
	_autonl_ struct nl *nl = NULL;
	_autosource_ struct source source = SOURCE_OF(options);
	char text[PEER_LINE];
	struct peer line;

	if (round_open(&nl, err) || own_line(nl, options, &line, err) < 0 ||
	    source_read(&source, &line, err) < 0)
		return -1;
	puts(peer_format(&line, text));
	return 0;
}

struct removal {
	const struct routes_options *options;
	int r; /* as of routes_store_withdraw() */
	struct err err;
};

/* In the child. */
static void remove_line(int fd, void *arg)
{
	struct removal *removal = arg;
	_autoclose_ int dir = routes_store_open(removal->options->store, &removal->err);

	removal->r = dir < 0 ? -1
			     : routes_store_withdraw(dir, removal->options->name,
						     &removal->err);
	(void)write_all(fd, removal, sizeof(*removal));
}

static int remove_in_time(struct removal *removal, struct err *err)
{
	_autochild_ struct child child = CHILD_NONE;
	int r;

	if (child_start(&child, remove_line, removal, WITHDRAW_MS, err))
		return -1;
	while (!(r = child_read(&child, err)))
		child_wait(&child);
	if (r < 0 || child.len != sizeof(*removal))
		return r < 0 ? -1 : err_set(err, EIO, "ended early");
	memcpy(removal, child.text, sizeof(*removal));
	if (removal->r < 0)
		*err = removal->err;
	return removal->r;
}

int routes_withdraw(const struct routes_options *options, struct err *err)
{
	struct removal removal = { .options = options };
	_autoclose_ int watch = -1;
	int r;

	/* A running watch would publish its own line again. */
	if (!options->node) {
		watch = routes_lock("watch", 0, err);
		if (watch < 0 && err->no == EWOULDBLOCK) {
			err_set(err, 0,
				"routes sync --watch runs here, and would "
				"publish again");
			return err_hint(err, "stop that first");
		}
		if (watch < 0)
			return -1;
	}
	r = remove_in_time(&removal, err);
	if (r < 0)
		return err_wrap(err, "%s", options->store);
	printf("%s: %s\n", options->name, r ? "withdrawn" : "nothing is published");
	return 0;
}
