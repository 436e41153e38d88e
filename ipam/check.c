/* check.c - CHECK: does the attachment still hold its addresses? */
#include <stdio.h>
#include <string.h>

#include "ipam/listing.h"
#include "ipam/record.h"
#include "ipam/verbs.h"

#define MAX_HELD CONF_MAX_RANGES

struct held {
	const char *owner;
	struct ip ips[MAX_HELD];
	int n;
};

static int note(struct held *held, const char *name)
{
	struct lease lease;

	if (lease_parse(name, &lease) && lease_is_of(&lease, held->owner) &&
	    held->n < MAX_HELD)
		held->ips[held->n++] = lease.ip;
	return 0;
}

static int note_name(void *ctx, const char *name, struct err *err)
{
	(void)err;
	return note(ctx, name);
}

static int note_entry(void *ctx, const struct pool_entry *entry, struct err *err)
{
	(void)err;
	return note(ctx, entry->name);
}

static bool is_seen(const struct record *record, int i)
{
	for (int k = 0; k < i; k++)
		if (!strcmp(record->claims[k].shard, record->claims[i].shard))
			return true;
	return false;
}

/* What the attachment holds, by fresh listings: of the shards that its record names, or
 * of all. */
static int look(struct session *s, struct held *held, struct err *err)
{
	_autorecord_ struct record record = RECORD_NONE;
	int r = record_load(s->state.dir, s->key, &record, err);

	if (r < 0)
		return -1;
	if (r == 0 || record.list)
		return pool_each(&s->pool, note_entry, held, err);
	for (int i = 0; i < record.n_claims; i++) {
		_autoclose_ int dir = -1;

		if (is_seen(&record, i))
			continue;
		dir = pool_open_shard(&s->pool, record.claims[i].shard, err);
		if (dir < 0)
			return -1;
		if (list_names(dir, note_name, held, err))
			return err_code(err, CNI_TRY_LATER);
	}
	return 0;
}

static bool is_held(const struct held *held, const struct ip *ip)
{
	for (int i = 0; i < held->n; i++)
		if (ip_equal(&held->ips[i], ip))
			return true;
	return false;
}

static int lost(const struct session *s, const char *what, struct err *err)
{
	err_cni(err, CNI_CHECK_FAILED,
		"%s is not leased to container %s as %s in pool %s of store %s", what,
		s->call->container, s->call->ifname, s->pool.name, s->store.path);
	return err_hint(err,
			"somebody released it, or fenced node %s while it was alive: the "
			"pod must be made anew",
			s->node.name);
}

/* Addresses of other plugins in a chain are none of ours. */
static bool in_ranges(const struct conf *conf, const struct ip *ip)
{
	for (int i = 0; i < conf->n_ranges; i++)
		if (cidr_contains(&conf->ranges[i].subnet, ip))
			return true;
	return false;
}

static int work(struct session *s, void *arg, struct err *err)
{
	const struct cni_result *prev = arg;
	struct held held = { .owner = s->owner };
	char text[IP_LEN];

	if (session_trust(s, TRUST_LOOK, err))
		return -1;
	if (!s->known.basis)
		return lost(s, "an address", err);
	if (look(s, &held, err))
		return -1;
	if (held.n < s->conf->n_sets)
		return lost(s, "an address", err);
	for (int i = 0; i < prev->n_ips; i++)
		if (in_ranges(s->conf, &prev->ips[i].address.ip) &&
		    !is_held(&held, &prev->ips[i].address.ip))
			return lost(s, ip_format(&prev->ips[i].address.ip, text), err);
	return 0;
}

/* Absent is fine: the store knows more than the result. */
static int read_prev(const struct cni_call *call, struct cni_result *ret, struct err *err)
{
	struct json prev;
	int r = json_get_object(&call->conf, "prevResult", &prev, err);

	if (r > 0 && cni_result_parse(&prev, call->version, ret, err))
		return err_wrap(err, "prevResult");
	return r < 0 ? -1 : 0;
}

int check(const struct cni_call *call, struct err *err)
{
	static struct conf conf;
	static struct cni_result prev;
	struct job job = { call, &conf, work, &prev };

	if (conf_parse(call, &conf, err) || read_prev(call, &prev, err))
		return -1;
	return job_run(&job, err);
}
