/* claim.c - get hold of a VF that nobody else holds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/log.h"
#include "plugins/sriov/claim.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/vf.h"

/* Another ADD or DEL of this VF takes some milliseconds, or the IPAM plugin's time. */
#define LOCK_TIMEOUT_MS 50000
#define MAX_VFS		4096

void claim_close(struct claim *claim)
{
	closep(&claim->lock);
	*claim = (struct claim)CLAIM_NONE;
}

static int lock(const struct node *node, const char *device, int timeout_ms,
		struct claim *ret, struct err *err)
{
	struct claim claim = { .lock = state_lock(node->state, device, timeout_ms, err) };

	if (claim.lock < 0)
		return -1;
	snprintf(claim.device, sizeof(claim.device), "%s", device);
	*ret = claim;
	return 0;
}

int claim_lock(const struct node *node, const char *device, struct claim *ret,
	       struct err *err)
{
	return lock(node, device, LOCK_TIMEOUT_MS, ret, err);
}

static int lock_record(const struct node *node, const struct record *record,
		       int timeout_ms, struct claim *ret, struct err *err)
{
	_autoclaim_ struct claim claim = CLAIM_NONE;

	if (lock(node, record->device, timeout_ms, &claim, err))
		return -1;
	if (faccessat(node->state, record->file, F_OK, 0))
		return 0;
	*ret = claim;
	claim = (struct claim)CLAIM_NONE;
	return 1;
}

int claim_record(const struct node *node, const struct record *record, struct claim *ret,
		 struct err *err)
{
	return lock_record(node, record, LOCK_TIMEOUT_MS, ret, err);
}

int claim_record_now(const struct node *node, const struct record *record,
		     struct claim *ret, struct err *err)
{
	return lock_record(node, record, 0, ret, err);
}

int claim_undo_earlier(const struct node *node, const struct owner *owner,
		       struct err *err)
{
	_autorecords_ struct records records = { 0 };

	if (state_list(node->state, &records, err))
		return -1;
	for (int i = 0; i < records.count; i++) {
		_autoclaim_ struct claim claim = CLAIM_NONE;
		int r;

		if (!record_is_of(&records.list[i], owner))
			continue;
		r = claim_record(node, &records.list[i], &claim, err);
		if (r > 0)
			r = undo_record(node, &records.list[i], NULL, err);
		if (r < 0 && record_has_vf(&records.list[i]))
			return err_wrap(err, "clean up after an earlier ADD");
		if (r < 0) /* not in the way of a new try */
			log_warning("an address of an earlier ADD stays taken: %s",
				    err->msg);
	}
	return 0;
}

/*
 * Is the container that the record names gone? It is when the VF's interface is back on
 * the node: we hold the lock, so nobody is just about to move it, and only the end of
 * the namespace, or an ADD killed before its move, brings it here. Else, and for VFs
 * that have no interface, when its namespace has ended.
 */
static int is_abandoned(const struct node *node, const struct record *record,
			struct err *err)
{
	_autoplan_ struct plan plan = { 0 };
	struct link link;
	struct err ignored;
	int r = vf_find_here(node, record->device, &link, err);

	if (r)
		return r;
	return !state_load(node->state, record, &plan, &ignored) &&
	       pod_is_gone(&plan.owner);
}

static int held_by(const struct node *node, const struct record *record, struct err *err)
{
	_autoplan_ struct plan plan = { 0 };
	struct err ignored;

	if (state_load(node->state, record, &plan, &ignored))
		snprintf(plan.owner.pod, sizeof(plan.owner.pod), "unknown");
	err_cni(err, CNI_NO_DEVICE, "VF %s is held by container %s as %s (pod %s)",
		record->device, record->container, record->ifname,
		*plan.owner.pod ? plan.owner.pod : "unknown");
	return err_hint(err,
			"every pod needs a VF of its own: check the resource pools of "
			"the device plugin");
}

/* With its lock held: 0 when nobody holds the VF, or nobody any more. */
static int free_of_others(const struct node *node, const char *device, struct err *err)
{
	_autorecords_ struct records records = { 0 };

	if (state_list(node->state, &records, err))
		return -1;
	for (int i = 0; i < records.count; i++) {
		const struct record *record = &records.list[i];
		int r;

		if (strcmp(record->device, device))
			continue;
		r = is_abandoned(node, record, err);
		if (r < 0)
			return -1;
		if (r == 0)
			return held_by(node, record, err);
		log_warning(
			"VF %s: container %s is gone without DEL, cleaning up after it",
			device, record->container);
		if (undo_record(node, record, NULL, err))
			return err_wrap(err, "clean up after container %s",
					record->container);
	}
	return 0;
}

static int claim_device(const struct node *node, const char *device, struct claim *ret,
			struct err *err)
{
	_autoclaim_ struct claim claim = CLAIM_NONE;

	/* Before the lock, which would leave its file behind for any name. */
	if (!sysfs_has_device(node->sys, device)) {
		err_cni(err, CNI_NO_DEVICE, "no device %s on this node", device);
		return err_hint(err,
				"VFs of a PF: ls -l /sys/class/net/PF/device/virtfn*; "
				"none: write their number to sriov_numvfs there");
	}
	if (claim_lock(node, device, &claim, err) || free_of_others(node, device, err))
		return -1;
	*ret = claim;
	claim = (struct claim)CLAIM_NONE;
	return 0;
}

/* One VF of the PF, if it is free at this moment: 1, 0 when it is not, or -1. */
static int try_device(const struct node *node, const char *device, struct claim *ret,
		      struct err *err)
{
	_autoclaim_ struct claim claim = CLAIM_NONE;
	struct link link;
	int r;

	if (lock(node, device, 0, &claim, err))
		return err->no == EWOULDBLOCK ? 0 : -1;
	r = vf_find_here(node, device, &link, err);
	if (r <= 0)
		return r;
	if (free_of_others(node, device, err))
		return err->code == CNI_NO_DEVICE ? 0 : -1;
	*ret = claim;
	claim = (struct claim)CLAIM_NONE;
	return 1;
}

static int claim_any(const struct node *node, const char *pf, struct claim *ret,
		     struct err *err)
{
	char pf_device[DEVICE_LEN], device[DEVICE_LEN];
	int i;

	if (sysfs_device_of(node->sys, pf, pf_device, err))
		return err_code(err, CNI_NO_DEVICE), err_wrap(err, "pf");
	for (i = 0; i < MAX_VFS && sysfs_vf_device(node->sys, pf_device, i, device);
	     i++) {
		int r = try_device(node, device, ret, err);

		if (r)
			return r < 0 ? -1 : 0;
	}
	if (i) {
		err_cni(err, CNI_NO_DEVICE, "PF %s has no free VF: all %d are in use", pf,
			i);
		return err_hint(err, "who holds them: rail-sriov list");
	}
	err_cni(err, CNI_NO_DEVICE, "PF %s (%s) has no VFs", pf, pf_device);
	return err_hint(err, "make some: echo N > /sys/class/net/%s/device/sriov_numvfs",
			pf);
}

int claim_vf(const struct node *node, const struct conf *conf, struct claim *ret,
	     struct err *err)
{
	return *conf->device ? claim_device(node, conf->device, ret, err)
			     : claim_any(node, conf->pf, ret, err);
}
