/* gc.c - GC: take back what no valid attachment of this node and network owns. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "ipam/listing.h"
#include "ipam/release.h"
#include "ipam/sweep.h"
#include "ipam/verbs.h"

struct attachment {
	const char *container, *ifname;
};

struct gc {
	struct session *s;
	struct attachment *valid;
	int n_valid;
	/* Leases of this node that no valid attachment owns. */
	struct stray {
		struct claim claim;
		char name[LEASE_LEN];
	} * strays;
	int n_strays;
};

static int read_text(const struct json *item, const char *key, const char **ret,
		     struct err *err)
{
	int r = json_get_string(item, key, ret, err);

	return r ? r : json_bad(item, "an object with containerID and ifname", err);
}

static int read_attachment(const struct json *item, struct attachment *ret,
			   struct err *err)
{
	if (!cJSON_IsObject(item->node))
		return json_bad(item, "an object with containerID and ifname", err);
	return read_text(item, "containerID", &ret->container, err) < 0 ||
			       read_text(item, "ifname", &ret->ifname, err) < 0
		       ? -1
		       : 0;
}

/* Is the key there, if only with null? */
static bool has_key(const struct cni_call *call, const char *key)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, call->conf.node)
		if (!strcmp(node->string, key))
			return true;
	return false;
}

/*
 * The key with null means that there are no attachments; no key at all may mean that
 * whoever calls does not know of it, and then nothing is collected.
 */
static int read_valid(const struct cni_call *call, struct gc *ret, struct err *err)
{
	const char *key = has_key(call, "cni.dev/valid-attachments")
				  ? "cni.dev/valid-attachments"
				  : "cni.dev/attachments";
	struct json list, item = { 0 };
	int r;

	if (!has_key(call, key))
		return err_cni(
			err, CNI_BAD_CONFIG,
			"cni.dev/valid-attachments: missing: what is still valid?");
	r = json_get_array(&call->conf, key, &list, err);
	if (r <= 0)
		return r;
	ret->valid = calloc(json_size(&list) + 1, sizeof(*ret->valid));
	if (!ret->valid)
		return err_set(err, ENOMEM, "hold the valid attachments");
	while (json_next(&list, &item))
		if (read_attachment(&item, &ret->valid[ret->n_valid++], err))
			return -1;
	return 0;
}

static int is_garbage(void *ctx, const struct record *record)
{
	const struct gc *gc = ctx;
	const struct record_head *head = &record->head;

	if (strcmp(head->network, gc->s->call->network))
		return 0;
	for (int i = 0; i < gc->n_valid; i++)
		if (!strcmp(gc->valid[i].container, head->container) &&
		    !strcmp(gc->valid[i].ifname, head->ifname))
			return 0;
	return 1;
}

static bool is_valid_owner(const struct gc *gc, const struct lease *lease)
{
	const struct node *node = &gc->s->node;
	char owner[OWNER_LEN];

	for (int i = 0; i < gc->n_valid; i++)
		if (lease_is_of(lease, owner_format(node->name, node->boot,
						    gc->valid[i].container,
						    gc->valid[i].ifname, owner)))
			return true;
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
	more = reallocarray(gc->strays, gc->n_strays + 1, sizeof(*more));
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
	if (!failed)
		return 0;
	return err_wrap(err, "some leases could not be released");
}

static void gc_clear(struct gc *gc)
{
	free(gc->valid);
	free(gc->strays);
}

int gc(const struct cni_call *call, struct err *err)
{
	static struct conf conf;
	_cleanup_(gc_clear) struct gc gc = { 0 };
	struct job job = { call, &conf, work, &gc };

	if (conf_parse(call, &conf, err) || read_valid(call, &gc, err))
		return -1;
	return job_run(&job, err);
}
