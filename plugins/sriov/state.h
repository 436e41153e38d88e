/*
 * state.h - what rail-sriov remembers of its attachments on this node.
 *
 * One file an attachment in /run/rail-cni/sriov. Its name says whose it is and which
 * VF it holds, "DEVICE,CONTAINER,IFNAME,NETWORK", so one listing answers both "which
 * VF has this attachment?" and "who holds this VF?". Its text is the plan, written
 * before the first change. DEVICE is "-" once only the address is left to be released.
 *
 * One lock a VF. Files of a VF are made and removed by who holds its lock.
 */
#ifndef SRIOV_STATE_H
#define SRIOV_STATE_H

#include "plugins/sriov/plan.h"

#define STATE_DIR "/run/rail-cni/sriov"

struct record {
	char file[NAME_MAX + 1];
	char device[DEVICE_LEN], container[256], ifname[IFNAMSIZ], network[256];
};

struct records {
	struct record *list;
	int count;
};

/* The directory, made when missing; an fd or -1. */
int state_open(const char *path, struct err *err);

/* Take the lock of a VF: an fd to close, or -1 with CNI_TRY_LATER. timeout_ms 0: do not
 * wait (err->no EWOULDBLOCK). */
int state_lock(int dir, const char *device, int timeout_ms, struct err *err);

int state_list(int dir, struct records *ret, struct err *err);
void records_clear(struct records *records);
#define _autorecords_ _cleanup_(records_clear)

/* Of which attachment and VF a file would be; fails when names are too long. */
int record_of(const char *device, const struct owner *owner, struct record *ret,
	      struct err *err);
bool record_has_vf(const struct record *record);
bool record_is_of(const struct record *record, const struct owner *owner);

int state_load(int dir, const struct record *record, struct plan *ret, struct err *err);

/* Write it down for the first time: after this returns 0 it is there, whole, whatever
 * happens; before, there is nothing. */
int state_create(int dir, const struct plan *plan, struct err *err);

/* Write it anew. */
int state_update(int dir, const struct plan *plan, struct err *err);

/* The VF is back, only the address is left to be released: others may have the VF. */
int state_free_vf(int dir, const struct record *record, struct err *err);

/* Forget it, and what an update that was killed may have left. */
int state_remove(int dir, const struct record *record, struct err *err);

#endif
