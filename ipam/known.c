/* known.c - what this node has verified of a pool, and where it saw free addresses. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pkg/file.h"
#include "ipam/known.h"

#define MAX_KNOWN   (8u << 20)
#define BELIEVE_FOR 600 /* seconds */

static long uptime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

static char *basis_of(const struct conf *conf, const struct node *node,
		      const struct store *store)
{
	char ranges[CONF_RANGES_LEN], *text;

	if (asprintf(&text,
		     "boot %s\nstore %s\nidentity %s\nnode %s\npool %s\nranges %s\n",
		     node->boot, store->path, store->identity, node->name, conf->pool,
		     conf_ranges(conf, " ", ranges)) < 0)
		return NULL;
	return text;
}

static struct hint *find_hint(struct known *known, const char *shard)
{
	for (int i = 0; i < known->n_hints; i++)
		if (!strcmp(known->hints[i].shard, shard))
			return &known->hints[i];
	return NULL;
}

bool known_is_empty(const struct known *known, const char *shard)
{
	for (int i = 0; i < known->n_hints; i++)
		if (!strcmp(known->hints[i].shard, shard))
			return known->hints[i].empty;
	return false;
}

static struct hint *add_hint(struct known *known, const char *shard)
{
	size_t size = (known->n_hints + 1) * sizeof(struct hint);
	struct hint *more = realloc(known->hints, size);

	if (!more)
		return NULL;
	known->hints = more;
	more += known->n_hints++;
	snprintf(more->shard, sizeof(more->shard), "%s", shard);
	return more;
}

void known_hint(struct known *known, const char *shard, bool empty)
{
	struct hint *hint = find_hint(known, shard);

	if (hint && hint->empty == empty)
		return;
	if (!hint)
		hint = add_hint(known, shard);
	if (!hint)
		return; /* it is only a hint */
	hint->empty = empty;
	known->changed = true;
}

void known_drop_hints(struct known *known)
{
	known->n_hints = 0;
}

static void parse_hints(struct known *known, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		const char *kind = strsep(&line, " "), *shard = strsep(&line, " ");

		if (line && !strcmp(kind, "shard"))
			known_hint(known, shard, *line == 'e');
	}
	known->changed = false;
}

static bool parse(struct known *known, char *text)
{
	int local, at = 0;
	size_t len = strlen(known->basis);

	if (sscanf(text, "until %ld\nid %32s\nlocal %d\n%n", &known->until, known->id,
		   &local, &at) != 3 ||
	    !at || strncmp(text + at, known->basis, len))
		return false;
	known->local = local;
	parse_hints(known, text + at + len);
	return uptime() < known->until;
}

int known_load(const struct state *state, const struct conf *conf,
	       const struct node *node, const struct store *store, struct known *ret,
	       struct err *err)
{
	_autoknown_ struct known known = { .basis = basis_of(conf, node, store) };
	_autofree_ char *text = NULL;
	struct err ignored;
	size_t len;
	int r = 0;

	if (!known.basis)
		return err_set(err, ENOMEM, "hold what is known of pool %s", conf->pool);
	state_hashed("pool", store->path, conf->pool, known.key);
	text = file_read(state->dir, known.key, MAX_KNOWN, &len, &ignored);
	if (text)
		r = parse(&known, text);
	*ret = known;
	known = (struct known)KNOWN_NONE;
	return r;
}

/* The file's text; NULL when memory is out. */
static char *format(const struct known *known, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	fprintf(f, "until %ld\nid %s\nlocal %d\n%s", known->until, known->id,
		known->local, known->basis);
	for (int i = 0; i < known->n_hints; i++)
		fprintf(f, "shard %s %s\n", known->hints[i].shard,
			known->hints[i].empty ? "empty" : "free");
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

int known_save(const struct state *state, struct known *known, bool verified,
	       struct err *err)
{
	_autofree_ char *text = NULL;
	size_t len;
	int r;

	if (!verified && !known->changed)
		return 0;
	if (verified)
		known->until = uptime() + BELIEVE_FOR;
	text = format(known, &len);
	if (!text)
		return err_set(err, ENOMEM, "write what is known of a pool");
	r = state_trylock(state, known->key, err);
	if (r)
		return r < 0 ? -1 : 0; /* another process writes much the same */
	r = file_replace(state->dir, known->key, text, len, err);
	state_unlock(state, known->key);
	known->changed = false;
	return r;
}

void known_forget(const struct state *state, const struct known *known)
{
	(void)unlinkat(state->dir, known->key, 0);
}

void known_expire(struct known *known)
{
	known->until = 0;
	known->changed = true;
}

bool known_exists(const struct state *state, const struct node *node, const char *store,
		  const char *pool)
{
	char key[STATE_KEY_LEN], boot[32], name[NODE_LEN + 8];
	_autofree_ char *text = NULL;
	struct err ignored;
	size_t len;

	state_hashed("pool", store, pool, key);
	text = file_read(state->dir, key, MAX_KNOWN, &len, &ignored);
	snprintf(boot, sizeof(boot), "\nboot %s\n", node->boot);
	snprintf(name, sizeof(name), "\nnode %s\n", node->name);
	return text && strstr(text, boot) && strstr(text, name);
}

void known_clear(struct known *known)
{
	free(known->basis);
	free(known->hints);
	*known = (struct known)KNOWN_NONE;
}
