/* del.c - DEL: give back what an attachment has, now or as soon as the store answers. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "pkg/log.h"
#include "ipam/release.h"
#include "ipam/sweep.h"
#include "ipam/verbs.h"

/* By the record: the store, the pool and the names of when they were taken. */
static int release_recorded(struct session *s, const struct record *record,
			    struct err *err)
{
	const struct record_head *head = &record->head;
	struct pool pool = s->pool;

	if (record_is_empty(record))
		return 0;
	if (session_store(s, head->store, head->identity, head->id, err))
		return -1;
	pool.name = head->pool;
	return release_record(&pool, record, 0, err);
}

static int del_recorded(struct session *s, const struct record *record, struct err *err)
{
	if (release_recorded(s, record, err))
		return -1;
	return unlinkat(s->state.dir, s->key, 0) && errno != ENOENT
		       ? err_set(err, errno, "forget the record %s", s->key)
		       : 0;
}

/*
 * Without a record. One that we keep is only removed when its leases are released; so
 * there are none, unless the node's state was lost.
 */
static int del_unrecorded(struct session *s, struct err *err)
{
	const struct conf *conf = s->conf;
	int r;

	if (known_exists(&s->state, &s->node, conf->store, conf->pool))
		return 0;
	r = session_store(s, conf->store, "", "", err);
	if (!r)
		r = release_owned(&s->pool, s->owner, err);
	if (r < 0 && err->no == ENOENT && (conf->own_store || s->store.root >= 0))
		return 0; /* no such pool, or not even a store of our own */
	return r < 0 ? -1 : 0;
}

/* What else is pending is none of this attachment's business: it may fail. */
static void drain(struct session *s)
{
	const struct conf *conf = s->conf;
	struct err ignored;

	if (count_pending(s) &&
	    (s->store.root >= 0 || !session_store(s, conf->store, "", "", &ignored)))
		(void)drain_pending(s, &ignored);
}

static int work(struct session *s, void *arg, struct err *err)
{
	const bool *has_conf = arg;
	_autorecord_ struct record record = RECORD_NONE;
	int r;

	if (state_lock(&s->state, s->key, s->worker, err))
		return -1;
	r = record_load(s->state.dir, s->key, &record, err);
	if (r > 0)
		r = del_recorded(s, &record, err);
	else if (r == 0 && *has_conf)
		r = del_unrecorded(s, err);
	if (r == 0 && *has_conf)
		drain(s);
	return r;
}

/* Ask a later call to look through the pool for leases of the attachment. */
static int defer_search(const struct session *s, struct err *err)
{
	struct record_head head = { .network = s->call->network,
				    .container = s->call->container,
				    .ifname = s->call->ifname,
				    .pod = "",
				    .netns = "",
				    .netnsdir = "",
				    .store = s->conf->store,
				    .identity = "",
				    .id = "",
				    .pool = s->conf->pool,
				    .owner = s->owner };
	char nonce[NONCE_LEN], name[STATE_KEY_LEN + NONCE_LEN];
	_autoclose_ int pending = state_pending(s->state.dir, true, err);

	if (pending < 0 || state_nonce(nonce, err))
		return -1;
	snprintf(name, sizeof(name), "%s.%s", s->key, nonce);
	return record_write_list(pending, name, &head, err);
}

/*
 * The store does not answer, or not as it should. The pod shall not wait for that: what
 * there is to release is written down, and the next call on this node that reaches the
 * store does it.
 */
static int defer(const struct cni_call *call, const struct conf *conf, bool has_conf,
		 struct err *err)
{
	_autosession_ struct session s = { .state = STATE_CLOSED, .store = STORE_CLOSED };
	int r;

	if (session_open(call, conf, NULL, &s, err))
		return -1;
	r = state_defer(s.state.dir, s.key, err);
	if (r == 0 && has_conf &&
	    !known_exists(&s.state, &s.node, conf->store, conf->pool))
		r = defer_search(&s, err);
	return r < 0 ? -1 : 0;
}

int del(const struct cni_call *call, struct err *err)
{
	struct conf conf;
	bool has_conf = conf_parse_leniently(call, &conf);
	struct job job = { call, &conf, work, &has_conf };
	struct err why = { 0 };

	if (!job_run(&job, &why))
		return 0;
	if (defer(call, &conf, has_conf, err))
		return -1;
	log_subject("DEL %s %s", call->container, call->ifname);
	log_warning("to be released later: %s", why.msg);
	return 0;
}
