/* main.c - rail-sriov: a CNI plugin that gives pods VFs of SR-IOV NICs. */
#include "plugins/sriov/admin.h"
#include "plugins/sriov/verbs.h"

int main(int argc, char **argv)
{
	static const struct cni_plugin plugin = {
		.add = add,
		.del = del,
		.check = check,
		.gc = gc,
		.status = status,
	};

	if (argc > 1 || !cni_called())
		return admin_main(argc, argv);
	return cni_main(&plugin);
}
