/* collect.c - the results of all nodes' meshes as one: who reaches whom. No I/O. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/text.h"
#include "plugins/rdma-probe/collect.h"
#include "plugins/rdma-probe/outcome_json.h"
#include "plugins/rdma-probe/proto_parts.h"

static void forget(struct teller *teller)
{
	for (int i = 0; i < teller->npaths; i++)
		outcome_clear(&teller->paths[i]);
	free(teller->paths);
	*teller = (struct teller){ 0 };
}

static int read_head(const struct json *root, struct teller *ret, struct err *err)
{
	const char *schema, *host, *time, *verdict;

	if (proto_need_string(root, "schema", &schema, err))
		return -1;
	if (strcmp(schema, "rdma-probe/v1"))
		return err_set(err, 0, "schema: expected rdma-probe/v1");
	if (proto_need_string(root, "host", &host, err) ||
	    proto_need_string(root, "time", &time, err) ||
	    proto_need_string(root, "verdict", &verdict, err))
		return -1;
	text_clean(ret->host, sizeof(ret->host), host);
	text_clean(ret->time, sizeof(ret->time), time);
	ret->verdict = !strcmp(verdict, "ok")	  ? VERDICT_OK
		       : !strcmp(verdict, "fail") ? VERDICT_FAIL
						  : VERDICT_UNKNOWN;
	return 0;
}

static int read_paths(const struct json *root, struct teller *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(root, "paths", &list, err);

	if (r <= 0)
		return r < 0 ? -1 : err_set(err, 0, "paths: this key is missing");
	ret->paths = calloc((size_t)json_size(&list) + 1, sizeof(*ret->paths));
	if (!ret->paths)
		return err_set(err, ENOMEM, "paths");
	while (json_next(&list, &item)) {
		if (json_object(&item, err))
			return -1;
		if (outcome_from_json(&item, &ret->paths[ret->npaths++], err))
			return err_wrap(err, "%s", item.path);
	}
	return 0;
}

/* In place of an older one of that host, or as one more. */
static int keep(struct collection *all, struct teller *teller, struct err *err)
{
	struct teller *grown;

	for (int i = 0; i < all->ntellers; i++)
		if (!strcmp(all->tellers[i].host, teller->host)) {
			if (strcmp(all->tellers[i].time, teller->time) > 0)
				return 0;
			forget(&all->tellers[i]);
			all->tellers[i] = *teller;
			*teller = (struct teller){ 0 };
			return 0;
		}
	if (all->ntellers == COLLECT_NODES)
		return err_set(err, 0, "more than %d nodes", COLLECT_NODES);
	grown = grow(all->tellers, all->ntellers, sizeof(*grown));
	if (!grown)
		return err_set(err, ENOMEM, "list of nodes");
	all->tellers = grown;
	all->tellers[all->ntellers++] = *teller;
	*teller = (struct teller){ 0 };
	return 0;
}

int collection_add(struct collection *all, const char *text, size_t len, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	_cleanup_(forget) struct teller teller = { 0 };
	struct json root = json_root(doc);

	if (!doc || read_head(&root, &teller, err) || read_paths(&root, &teller, err))
		return -1;
	return keep(all, &teller, err);
}

/* --- a node that one could not hear is known by its address there, and by its name to
 * those who could */

struct alias {
	char peer[PROTO_HOST_LEN]; /* first, for by_name() */
	char name[PROTO_HOST_LEN];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void for_each_path(struct collection *all, void (*visit)(struct outcome *, void *),
			  void *arg)
{
	for (int i = 0; i < all->ntellers; i++)
		for (int k = 0; k < all->tellers[i].npaths; k++)
			visit(&all->tellers[i].paths[k], arg);
}

struct aliases {
	struct alias *v;
	size_t n;
};

static void learn(struct outcome *path, void *arg)
{
	struct aliases *aliases = arg;
	struct alias *alias = &aliases->v[aliases->n];

	if (!*path->peer || !strcmp(path->peer, path->dst))
		return;
	memcpy(alias->peer, path->peer, sizeof(alias->peer));
	memcpy(alias->name, path->dst, sizeof(alias->name));
	aliases->n++;
}

static void rename_peer(struct outcome *path, void *arg)
{
	const struct aliases *aliases = arg;
	const struct alias *alias = aliases->n
					    ? bsearch(path->dst, aliases->v, aliases->n,
						      sizeof(*alias), by_name)
					    : NULL;

	if (alias && !strcmp(path->peer, path->dst))
		memcpy(path->dst, alias->name, sizeof(path->dst));
}

static int name_the_unheard(struct collection *all, size_t paths, struct err *err)
{
	struct aliases aliases = { .v = calloc(paths + 1, sizeof(*aliases.v)) };

	if (!aliases.v)
		return err_set(err, ENOMEM, "names of %zu peers", paths);
	for_each_path(all, learn, &aliases);
	if (aliases.n)
		qsort(aliases.v, aliases.n, sizeof(*aliases.v), by_name);
	for_each_path(all, rename_peer, &aliases);
	free(aliases.v);
	return 0;
}

/* --- who is number what */

static int find(const char *name, const void *names, int n, size_t size)
{
	const char *found = n ? bsearch(name, names, (size_t)n, size, by_name) : NULL;

	return found ? (int)((size_t)(found - (const char *)names) / size) : -1;
}

/* Sorted, and each once; how many are left. */
static int sort(void *names, int n, size_t size)
{
	char *text = names;
	int kept = 0;

	if (n)
		qsort(names, (size_t)n, size, by_name);
	for (int i = 0; i < n; i++)
		if (!kept || strcmp(text + (size_t)(kept - 1) * size,
				    text + (size_t)i * size) != 0)
			memmove(text + (size_t)kept++ * size, text + (size_t)i * size,
				size);
	return kept;
}

static const char *rail_of(const struct outcome *path)
{
	return *path->rail_src ? path->rail_src : path->rail_dst;
}

static int count_paths(const struct collection *all)
{
	int n = 0;

	for (int i = 0; i < all->ntellers; i++)
		n += all->tellers[i].npaths;
	return n;
}

static void name_all(struct collection *all)
{
	int nodes = 0, rails = 0;

	for (int i = 0; i < all->ntellers; i++) {
		const struct teller *teller = &all->tellers[i];

		memcpy(all->nodes[nodes++], teller->host, sizeof(teller->host));
		for (int k = 0; k < teller->npaths; k++) {
			const struct outcome *path = &teller->paths[k];

			memcpy(all->nodes[nodes++], path->src, sizeof(path->src));
			memcpy(all->nodes[nodes++], path->dst, sizeof(path->dst));
			memcpy(all->rails[rails++], rail_of(path), RAIL_NAME_LEN);
		}
	}
	all->nnodes = sort(all->nodes, nodes, sizeof(*all->nodes));
	all->nrails = sort(all->rails, rails, sizeof(*all->rails));
}

static int node_number(const struct collection *all, const char *name)
{
	return find(name, all->nodes, all->nnodes, sizeof(*all->nodes));
}

static size_t place(const struct collection *all, int from, int to, int rail)
{
	return ((size_t)from * (size_t)all->nnodes + (size_t)to) * (size_t)all->nrails +
	       (size_t)rail;
}

static void fill_cells(struct collection *all)
{
	for (int i = 0; i < all->ntellers; i++) {
		const struct teller *teller = &all->tellers[i];

		all->told[node_number(all, teller->host)] = true;
		for (int k = 0; k < teller->npaths; k++) {
			const struct outcome *path = &teller->paths[k];
			int rail = find(rail_of(path), all->rails, all->nrails,
					sizeof(*all->rails));

			all->told[node_number(all, path->src)] = true;
			const struct outcome **cell =
				&all->cells[place(all, node_number(all, path->src),
						  node_number(all, path->dst), rail)];

			/* Several go out by a rail where rails were crossed. */
			if (outcome_is_worse(path, *cell))
				*cell = path;
		}
	}
}

static bool was_tried(const struct collection *all, int from, int to)
{
	for (int rail = 0; rail < all->nrails; rail++)
		if (collection_cell(all, from, to, rail))
			return true;
	return false;
}

static int count_untested(const struct collection *all)
{
	int n = 0;

	for (int from = 0; from < all->nnodes; from++)
		for (int to = 0; to < all->nnodes; to++)
			n += from != to && all->told[from] && all->told[to] &&
			     !was_tried(all, from, to);
	return n;
}

int collection_finish(struct collection *all, struct err *err)
{
	size_t paths = (size_t)count_paths(all), cells;

	all->nodes = calloc(2 * paths + (size_t)all->ntellers + 1, sizeof(*all->nodes));
	all->rails = calloc(paths + 1, sizeof(*all->rails));
	if (!all->nodes || !all->rails)
		return err_set(err, ENOMEM, "sort %zu paths", paths);
	if (name_the_unheard(all, paths, err))
		return -1;
	name_all(all);
	if (all->nnodes > COLLECT_NODES)
		return err_set(err, 0, "more than %d nodes", COLLECT_NODES);
	cells = (size_t)all->nnodes * (size_t)all->nnodes * (size_t)all->nrails;
	all->told = calloc((size_t)all->nnodes + 1, sizeof(*all->told));
	all->cells = calloc(cells + 1, sizeof(*all->cells));
	if (!all->told || !all->cells)
		return err_set(err, ENOMEM, "a matrix of %zu paths", cells);
	fill_cells(all);
	all->untested = count_untested(all);
	return 0;
}

const struct outcome *collection_cell(const struct collection *all, int from, int to,
				      int rail)
{
	return all->cells[place(all, from, to, rail)];
}

void collection_clear(struct collection *all)
{
	for (int i = 0; i < all->ntellers; i++)
		forget(&all->tellers[i]);
	free(all->tellers);
	free(all->nodes);
	free(all->told);
	free(all->rails);
	free(all->cells);
	*all = (struct collection){ 0 };
}
