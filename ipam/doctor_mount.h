/* doctor_mount.h - is the store mounted so that leases are safe? */
#ifndef IPAM_DOCTOR_MOUNT_H
#define IPAM_DOCTOR_MOUNT_H

#include "pkg/json.h"
#include "ipam/mount_of.h"
#include "ipam/store.h"

enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_FAILURE };

struct doctor {
	const char *about;
	struct cJSON *list; /* of what was said, or NULL: print it */
	int counts[HEALTH_FAILURE + 1];
};

void doctor_say(struct doctor *doctor, enum health health, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void doctor_mount(struct doctor *doctor, const struct store *store);

#endif
