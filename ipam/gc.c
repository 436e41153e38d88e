/* gc.c - GC: take back what no valid attachment of this node and network owns. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/cni_valid.h"
#include "pkg/grow.h"
#include "ipam/blocks.h"
#include "ipam/listing.h"
#include "ipam/release.h"
#include "ipam/sweep.h"
#include "ipam/verbs.h"

struct gc {
	struct session *s;
	struct cni_valid valid;
	/* Leases of this node that no valid attachment owns. */
	struct stray {
		struct claim claim;
		char name[LEASE_LEN];
	} * strays;
	int n_strays;
};

static int is_garbage(void *ctx, const struct record *record)
{
	const struct gc *gc = ctx;
	const struct record_head *head = &record->head;

	return !strcmp(head->network, gc->s->call->network) &&
	       !cni_valid_has(&gc->valid, head->container, head->ifname);
}

static bool is_valid_owner(const struct gc *gc, const struct lease *lease)
{
	const struct node *node = &gc->s->node;
	char owner[OWNER_LEN];

	for (int i = 0; i < gc->valid.count; i++) {
		const struct cni_attachment *one = &gc->valid.list[i];

		if (lease_is_of(lease, owner_format(node->name, node->boot,
						    one->container, one->ifname, owner)))
			return true;
	}
	return false;
}

static int note_stray(void *ctx, const struct pool_entry *entry, struct err *err)
{
	struct gc *gc = ctx;
	struct stray *more;
	struct lease lease;

	if (!lease_parse(entry->name, &lease) ||
	    !lease_is_of_node(&lease, gc->s->node.name) || is_valid_owner(gc, &lease))
		return 0;
	more = grow(gc->strays, gc->n_strays, sizeof(*more));
	if (!more)
		return err_set(err, ENOMEM, "hold stray leases");
	gc->strays = more;
	more += gc->n_strays++;
	snprintf(more->claim.shard, sizeof(more->claim.shard), "%s", entry->shard);
	snprintf(more->claim.nonce, NONCE_LEN, "%s",
		 entry->name + strlen(entry->name) - (NONCE_LEN - 1));
	more->claim.ip = lease.ip;
	strcpy(more->name, entry->name);
	return 0;
}

/* A lease with a record belongs to the record's network, which answers for it. */
static int drop_recorded(void *ctx, const char *key, struct err *err)
{
	struct gc *gc = ctx;
	_autorecord_ struct record record = RECORD_NONE;

	if (!strchr(key, ',') || record_load(gc->s->state.dir, key, &record, err) <= 0)
		return 0;
	for (int i = 0; i < record.n_claims; i++)
		for (int k = 0; k < gc->n_strays; k++)
			if (ip_equal(&gc->strays[k].claim.ip, &record.claims[i].ip) &&
			    !strcmp(gc->strays[k].claim.nonce, record.claims[i].nonce))
				gc->strays[k--] = gc->strays[--gc->n_strays];
	return 0;
}

/* The owner as it stands in the name: between '=' and the nonce. */
static int release_stray(struct gc *gc, struct stray *stray, struct err *err)
{
	char *owner = strchr(stray->name, '=') + 1;

	owner[strlen(owner) - NONCE_LEN] = '\0';
	return release_claim(&gc->s->pool, owner, &stray->claim, err);
}

/*
 * Leases of this node of which its records know nothing, since they were lost. They are
 * this network's if the pool is its own. Records are read after the leases: a lease that
 * was made meanwhile has its record from before.
 */
static int collect_strays(struct gc *gc, struct err *err)
{
	struct session *s = gc->s;
	_autoclose_ int dir =
		openat(s->state.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (strcmp(s->pool.name, s->call->network))
		return 0;
	if (dir < 0)
		return err_set(err, errno, "open %s", STATE_DIR);
	if (pool_each(&s->pool, note_stray, gc, err) ||
	    list_names(dir, drop_recorded, gc, err))
		return -1;
	for (int i = 0; i < gc->n_strays; i++)
		if (release_stray(gc, &gc->strays[i], err))
			r = -1;
	return r;
}

static int work(struct session *s, void *arg, struct err *err)
{
	struct gc *gc = arg;
	struct err ignored;
	int failed;

	gc->s = s;
	if (session_trust(s, TRUST_LOOK, err))
		return err->no == ENOENT && s->conf->own_store ? 0 : -1;
	(void)drain_pending(s, &ignored);
	(void)sweep_records(s, is_garbage, gc, &failed, err);
	if (s->known.basis && collect_strays(gc, err))
		failed++;
	if (s->known.basis && blocks_return(s, err) < 0)
		failed++;
	if (!failed)
		return 0;
	return err_wrap(err, "some leases could not be released");
}

static void gc_clear(struct gc *gc)
{
	cni_valid_clear(&gc->valid);
	free(gc->strays);
}

int gc(const struct cni_call *call, struct err *err)
{
	static struct conf conf;
	_cleanup_(gc_clear) struct gc gc = { 0 };
	struct job job = { call, &conf, work, &gc };

	if (conf_parse(call, &conf, err) || cni_valid_read(call, &gc.valid, err))
		return -1;
	return job_run(&job, err);
}
