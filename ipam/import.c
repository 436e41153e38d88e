/* import.c - rail-ipam import: lease what another plugin has allocated already. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/file.h"
#include "pkg/name.h"
#include "ipam/import.h"
#include "ipam/report.h"

#define MAX_CONF (1u << 20)

static bool is_ours(const struct json *plugin)
{
	struct err ignored;
	const char *type;
	struct json ipam;

	return json_get_object(plugin, "ipam", &ipam, &ignored) > 0 &&
	       json_get_string(&ipam, "type", &type, &ignored) > 0 &&
	       !strcmp(type, "rail-ipam");
}

/* The plugin of a network configuration, or of a list, that says "rail-ipam". */
static int find_plugin(const struct json *root, struct json *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(root, "plugins", &list, err);

	if (r < 0)
		return -1;
	if (r == 0 && is_ours(root)) {
		*ret = *root;
		return 0;
	}
	while (r > 0 && json_next(&list, &item))
		if (is_ours(&item)) {
			*ret = item;
			return 0;
		}
	err_set(err, 0, "no plugin in it has an ipam of type rail-ipam");
	return err_hint(err, "it is the configuration as it shall be that is needed");
}

/* What is read belongs to the process. */
static int read_conf(const char *path, struct import *ret, struct err *err)
{
	size_t len;
	char *text = file_read(AT_FDCWD, path, MAX_CONF, &len, err);
	struct cJSON *doc = text ? json_parse(text, len, err) : NULL;
	struct json root = json_root(doc);
	const char *name = "";

	if (!doc || json_get_string(&root, "name", &name, err) < 0 ||
	    find_plugin(&root, &ret->call.conf, err))
		return err_wrap(err, "%s", path);
	if (!cni_valid_name(name))
		return err_set(err, 0, "%s: name: '%.80s' is no network's name", path,
			       name);
	ret->call.network = name;
	ret->conf = calloc(1, sizeof(*ret->conf));
	if (!ret->conf)
		return err_set(err, 0, "out of memory");
	return conf_parse(&ret->call, ret->conf, err) ? err_wrap(err, "%s", path) : 0;
}

static const char *verb_of(const struct import_row *row, bool dry)
{
	switch (row->state) {
	case IMPORT_NEW:
		return dry ? "would lease" : "leased";
	case IMPORT_ASIDE:
		return dry ? "would set aside" : "set aside";
	case IMPORT_THERE:
		return "is there already:";
	default:
		return "refused:";
	}
}

static void print_row(const struct import *import, const struct import_row *row, bool dry)
{
	char ip[IP_LEN];

	printf("%s: %s %s for container %s as %s%s%s%s%s", import->conf->pool,
	       verb_of(row, dry), ip_format(&row->ip, ip), row->container, row->ifname,
	       *row->node ? " on node " : "", row->node, *row->pod ? ", pod " : "",
	       row->pod);
	if (row->state == IMPORT_REFUSED && row->line)
		printf(" (line %d)", row->line);
	if (row->state == IMPORT_REFUSED)
		printf(": %s", row->why);
	putchar('\n');
	(void)fflush(stdout);
}

static struct cJSON *row_json(const struct import_row *row)
{
	static const char *const states[] = { "lease", "set aside", "there", "refused" };
	struct cJSON *obj = cJSON_CreateObject();
	char text[256];

	cJSON_AddStringToObject(obj, "address", ip_format(&row->ip, text));
	cJSON_AddStringToObject(obj, "container", row->container);
	cJSON_AddStringToObject(obj, "interface", row->ifname);
	if (*row->node && name_unescape(row->node, text, sizeof(text)))
		cJSON_AddStringToObject(obj, "node", text);
	if (*row->pod)
		cJSON_AddStringToObject(obj, "pod", row->pod);
	cJSON_AddStringToObject(obj, "state", states[row->state]);
	if (*row->why)
		cJSON_AddStringToObject(obj, "why", row->why);
	return obj;
}

static int print_all(const struct import *import, bool done, struct err *err)
{
	struct cJSON *doc = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(doc, "action", "import");
	cJSON_AddStringToObject(doc, "store", import->conf->store);
	cJSON_AddStringToObject(doc, "pool", import->conf->pool);
	cJSON_AddBoolToObject(doc, "done", done);
	list = cJSON_AddArrayToObject(doc, "rows");
	for (int i = 0; i < import->rows.n; i++)
		cJSON_AddItemToArray(list, row_json(&import->rows.list[i]));
	return print_json(doc, err);
}

static int take_all(struct import *import, bool quiet, struct err *err)
{
	char ip[IP_LEN];

	for (int i = 0; i < import->rows.n; i++) {
		const struct import_row *row = &import->rows.list[i];

		/* One that is there may lack its record on this node. */
		if (import_take(import, row, err)) {
			err_wrap(err, "import %s for container %s",
				 ip_format(&row->ip, ip), row->container);
			return err_hint(err, "what is told above was done; the same "
					     "command again does the rest");
		}
		if (!quiet)
			print_row(import, row, false);
	}
	return 0;
}

static void print_plan(const struct import *import, bool only_refused)
{
	for (int i = 0; i < import->rows.n; i++)
		if (!only_refused || import->rows.list[i].state == IMPORT_REFUSED)
			print_row(import, &import->rows.list[i], true);
}

static int count(const struct import *import, enum import_state state)
{
	int n = 0;

	for (int i = 0; i < import->rows.n; i++)
		n += import->rows.list[i].state == state;
	return n;
}

static int run(struct import *import, bool dry, bool json, struct err *err)
{
	int refused = import_plan(import, err);

	if (refused < 0)
		return -1;
	if (!refused && !dry && take_all(import, json, err))
		return -1;
	if (json && print_all(import, !refused && !dry, err))
		return -1;
	if (!json && (refused || dry))
		print_plan(import, !dry);
	if (refused) {
		err_set(err, 0, "%d of %d addresses cannot be imported: nothing was done",
			refused, import->rows.n);
		return err_hint(err,
				"two who hold one address cannot both stay: end one, "
				"or leave it out of the list");
	}
	if (!json)
		printf("%d %sleased, %d set aside for other nodes, %d were there "
		       "already\n",
		       count(import, IMPORT_NEW), dry ? "would be " : "",
		       count(import, IMPORT_ASIDE), count(import, IMPORT_THERE));
	return 0;
}

int admin_import(const struct options *options, struct err *err)
{
	struct import import = { .call = { .container = "",
					   .netns = "",
					   .ifname = "",
					   .args = "",
					   .path = "" },
				 .worker = { .fd = -1 },
				 .deadline = options->deadline };
	int r;

	if (read_conf(options->args[1], &import, err) ||
	    import_read(options->args[0], &import.rows, err))
		return -1;
	r = run(&import, has(options, OPT_DRY_RUN), has(options, OPT_JSON), err);
	import_clear(&import.rows);
	return r;
}
