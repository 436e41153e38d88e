/* trust.c - what must hold before a store is believed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/confine.h"
#include "pkg/file.h"
#include "ipam/session.h"
#include "ipam/sweep.h"

#define MAX_FILE 4096

/* The default store is one machine's own: nobody mounts anything there. */
static int open_store(struct session *s, enum trust how, struct err *err)
{
	_autoclose_ int dir = -1;

	if (!store_open(s->conf->store, &s->store, err))
		return 0;
	if (err->no != ENOENT || !s->conf->own_store || how != TRUST_MAKE)
		return -1;
	dir = dir_open(s->conf->store, err);
	return dir < 0 ? -1 : store_open(s->conf->store, &s->store, err);
}

/* All that is left to do is done in there; and from here on what others wrote is read.
 * Commands for people begin a session after the other. */
static void confine(const struct session *s)
{
	const int dirs[] = { s->store.root, s->state.dir };

	if (s->worker->fd >= 0)
		confine_files(dirs, ARRAY_SIZE(dirs));
}

static int no_store(const struct session *s, struct err *err)
{
	char fs[32];
	bool local;

	store_fs(&s->store, fs, &local);
	err_cni(err, CNI_TRY_LATER,
		"store %s holds no " STORE_FILE ": it is no store, or the share is not "
		"mounted there (found: %s)",
		s->store.path, fs);
	return err_hint(
		err,
		"mount the share, or make a store of it once, on any node: rail-ipam "
		"init %s",
		s->store.path);
}

static int read_id(struct session *s, enum trust how, char ret[STORE_ID_LEN],
		   struct err *err)
{
	int r = store_id(&s->store, ret, err);

	if (r == 0 && s->conf->own_store && how == TRUST_MAKE) {
		if (store_init(&s->store, err))
			return err_code(err, CNI_TRY_LATER);
		r = store_id(&s->store, ret, err);
	}
	return r > 0 ? 0 : r < 0 ? -1 : no_store(s, err);
}

/* Another store in the place of the one this node has used: somebody mounted the wrong
 * share, and its addresses are given to others already. */
static int other_store(const struct session *s, const char *key, const char *id,
		       const char *used, struct err *err)
{
	err_cni(err, CNI_TRY_LATER,
		"store %s is another one than this node has used: its id is %s, it was "
		"%.*s",
		s->store.path, id, (int)strcspn(used, "\n"), used);
	return err_hint(
		err,
		"mount the right share; if the store was replaced on purpose, remove "
		"%s/%s on this node",
		STATE_DIR, key);
}

/* The first time. Another process that is just writing it writes the same. */
static int remember_id(struct session *s, const char *key, const char *text,
		       struct err *err)
{
	int r = state_trylock(&s->state, key, err);

	if (r)
		return r < 0 ? -1 : 0;
	r = file_replace(s->state.dir, key, text, strlen(text), err);
	state_unlock(&s->state, key);
	return r;
}

static int check_id(struct session *s, const char *id, struct err *err)
{
	char key[STATE_KEY_LEN], text[PATH_MAX + STORE_ID_LEN + 2];
	_autofree_ char *used = NULL;
	size_t len;

	state_hashed("store", s->store.path, "", key);
	snprintf(text, sizeof(text), "%s\n%s\n", id, s->store.path);
	used = file_read(s->state.dir, key, sizeof(text), &len, err);
	if (!used && err->no == ENOENT)
		return remember_id(s, key, text, err);
	if (!used)
		return -1;
	return strcmp(used, text) ? other_store(s, key, id, used, err) : 0;
}

static int foreign_machine(const struct session *s, const char *machine,
			   const char *found, struct err *err)
{
	err_cni(err, CNI_FAILED,
		"node name '%s' belongs to another machine in store %s: its id there is "
		"%.*s, this machine's is %s",
		s->node.name, s->store.path, (int)strcspn(found, "\n"), found, machine);
	return err_hint(
		err,
		"two nodes of one name would free each other's leases: give this "
		"one another name (nodeName, or /etc/rail-cni/node-name); if it was "
		"reinstalled: rail-ipam fence --all-pools %s %s",
		s->node.name, s->store.path);
}

/* The node's entry: made by an exclusive create, so one machine gets the name. */
static int check_node(struct session *s, enum trust how, const char *machine,
		      struct err *err)
{
	char text[MACHINE_LEN + 1];
	_autoclose_ int nodes = -1;
	_autofree_ char *found = NULL;
	size_t len;

	snprintf(text, sizeof(text), "%s\n", machine);
	if (how == TRUST_MAKE && mkdirat(s->store.root, "nodes", 0755) && errno != EEXIST)
		return err_set(err, errno, "make %s/nodes", s->store.path);
	nodes = openat(s->store.root, "nodes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (nodes < 0 && how == TRUST_LOOK && errno == ENOENT)
		return 0;
	if (nodes < 0)
		return err_set(err, errno, "open %s/nodes", s->store.path);

	found = file_read(nodes, s->node.name, MAX_FILE, &len, err);
	if (!found && err->no == ENOENT && how == TRUST_LOOK)
		return 0;
	if (!found && err->no == ENOENT) {
		if (store_publish(nodes, s->node.name, text, err))
			return err_wrap(err, "%s/nodes", s->store.path);
		found = file_read(nodes, s->node.name, MAX_FILE, &len, err);
	}
	if (!found)
		return err_wrap(err, "%s/nodes", s->store.path);
	found[strcspn(found, "\n")] = '\0';
	return strcmp(found, machine) ? foreign_machine(s, machine, found, err) : 0;
}

/* 1, 0 when there is no such pool, or -1. */
static int check_pool(struct session *s, enum trust how, struct err *err)
{
	int r = pool_agree(&s->pool, s->conf, err);

	if (r || how == TRUST_LOOK)
		return r;
	if (pool_make(&s->pool, s->conf, err))
		return -1;
	r = pool_agree(&s->pool, s->conf, err);
	if (r == 0) /* a directory without it keeps ours from being renamed to it */
		return err_cni(err, CNI_TRY_LATER,
			       "pool %s of store %s has no " POOL_FILE
			       ": what holds its place was not made by rail-ipam",
			       s->pool.name, s->store.path);
	return r;
}

/* Somebody took this node for dead, and it is not; or was, and has booted since. */
static void tell_fenced(struct session *s)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" POOL_FENCED "%s", s->pool.name, s->node.name);
	if (unlinkat(s->store.root, path, 0))
		return;
	snprintf(
		s->note, sizeof(s->note),
		"node %.60s was fenced: what it held in pool %.60s was freed, and may be "
		"others' by now; pods from before that must be made anew",
		s->node.name, s->pool.name);
}

void session_fenced(struct session *s, int dir)
{
	char name[sizeof(POOL_FENCED) + NODE_LEN];

	snprintf(name, sizeof(name), POOL_FENCED "%s", s->node.name);
	(void)unlinkat(dir, name, 0);
	tell_fenced(s);
	known_expire(&s->known);
}

static int verify(struct session *s, enum trust how, const char *machine, struct err *err)
{
	char fs[32];
	int r;

	if (read_id(s, how, s->known.id, err) || check_id(s, s->known.id, err) ||
	    check_node(s, how, machine, err))
		return err_code(err, CNI_TRY_LATER);
	r = check_pool(s, how, err);
	if (r <= 0) {
		known_clear(&s->known);
		return r;
	}
	if (how == TRUST_MAKE)
		tell_fenced(s);
	store_fs(&s->store, fs, &s->known.local);
	if (conf_has_blocks(s->conf))
		known_drop_hints(&s->known); /* a block may have been taken away */
	/* The call itself can do without a whole sweep; the next one goes on with it. */
	return sweep_pool(s) ? known_save(&s->state, &s->known, true, err) : 0;
}

int session_trust(struct session *s, enum trust how, struct err *err)
{
	char machine[MACHINE_LEN];
	int r;

	if (open_store(s, how, err))
		return -1;
	r = known_load(&s->state, s->conf, &s->node, &s->store, &s->known, err);
	if (r == 0 && node_machine(machine, err))
		return err_code(err, CNI_TRY_LATER);
	confine(s);
	return r ? (r < 0 ? -1 : 0) : verify(s, how, machine, err);
}

int session_store(struct session *s, const char *path, const char *identity,
		  const char *id, struct err *err)
{
	char found[STORE_ID_LEN];
	int r;

	if (store_open(path, &s->store, err))
		return -1;
	confine(s);
	if (*identity && !strcmp(s->store.identity, identity))
		return 0;
	r = store_id(&s->store, found, err);
	if (r <= 0)
		return r < 0 ? -1 : no_store(s, err);
	if (*id && strcmp(found, id))
		return err_cni(err, CNI_TRY_LATER,
			       "store %s is another one: its id is %s, it was %s", path,
			       found, id);
	return check_id(s, found, err);
}

void session_doubt(struct session *s, struct err *err)
{
	char id[STORE_ID_LEN];
	struct err why = { 0 };

	if (err->no == EACCES && !*err->hint && s->store.root >= 0)
		err_hint(err, "%s; try: rail-ipam doctor %s", STORE_NOT_ROOTS,
			 s->store.path);
	if (err->no != ENOENT || !s->known.basis || s->store.root < 0)
		return;
	known_forget(&s->state, &s->known);
	if (!read_id(s, TRUST_LOOK, id, &why) && !check_id(s, id, &why)) {
		err_hint(err, "it was there before; the next ADD looks at all anew");
		return;
	}
	*err = why;
	err_code(err, CNI_TRY_LATER);
}
