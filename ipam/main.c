/* main.c - rail-ipam: a CNI plugin that leases cluster-wide addresses from files. */
#include <stdlib.h>
#include <sys/stat.h>

#include "ipam/admin.h"
#include "ipam/tally.h"
#include "ipam/verbs.h"
#include "ipam/worker.h"

int main(int argc, char **argv)
{
	static const struct cni_plugin plugin = {
		.add = add,
		.del = del,
		.check = check,
		.gc = gc,
		.status = status,
	};

	int r;

	worker_init();
	umask(022); /* what one node makes in the store, others must be able to read */
	setenv("TZ", "UTC0", 1); /* all times are UTC: spares reading the time zone */
	if (argc > 1 || !cni_called())
		return admin_main(argc, argv);
	r = cni_main(&plugin);
	if (r)
		tally_failure(getenv("CNI_COMMAND"));
	return r;
}
