/* doctor_mount.c - is the store mounted so that leases are safe? */
#include <string.h>

#include "ipam/doctor_mount.h"

static const struct advice {
	const char *type; /* file systems whose name starts so */
	const char *option;
	enum health health;
	const char *text;
} advices[] = {
	{ "", "ro", HEALTH_FAILURE, "it is mounted read-only" },
	{ "nfs", "soft", HEALTH_FAILURE,
	  "it is mounted soft: a slow server then looks like a failure, and what was "
	  "done "
	  "counts as not done; mount it hard" },
	{ "nfs", "softerr", HEALTH_FAILURE,
	  "it is mounted softerr: a slow server then looks like a failure; mount it "
	  "hard" },
	{ "nfs", "nocto", HEALTH_FAILURE,
	  "it is mounted nocto: listings may then be old, and pools look full; mount it "
	  "with cto" },
	{ "nfs", "vers=2", HEALTH_FAILURE,
	  "NFS 2 was never tried; use 3 or 4.1 and later" },
	{ "nfs", "vers=4.0", HEALTH_WARNING,
	  "NFS 4.0 has no sessions, so lost replies are more; use 4.1 or later" },
	{ "nfs", "proto=udp", HEALTH_WARNING,
	  "NFS over UDP repeats requests; use proto=tcp" },
	{ "lustre", "localflock", HEALTH_OK, "localflock is fine: leases use no locks" },
};

static bool applies(const struct advice *advice, const struct mount *mount)
{
	return !strncmp(mount->type, advice->type, strlen(advice->type)) &&
	       mount_has(mount, advice->option);
}

void doctor_mount(struct doctor *doctor, const struct store *store)
{
	struct mount mount;
	struct err err;
	char fs[32];
	bool local;

	if (mount_of(store->root, &mount, &err)) {
		doctor_say(doctor, HEALTH_WARNING, "%s", err.msg);
		return;
	}
	store_fs(store, fs, &local);
	doctor_say(doctor, HEALTH_OK, "on %s from %s, mounted at %s (%s)", mount.type,
		   mount.source, mount.point,
		   local ? "only this machine sees it, unless it is exported"
			 : "other nodes see it");
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (applies(&advices[i], &mount))
			doctor_say(doctor, advices[i].health, "%s", advices[i].text);
	if (!strncmp(mount.type, "nfs", 3))
		doctor_say(doctor, HEALTH_OK,
			   "to be seen on the server only: the export must be sync, not "
			   "async, and let root write");
}
