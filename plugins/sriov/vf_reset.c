/* vf_reset.c - reset a VF on its way home, so that nothing of the pod's queues survives.
 */
#include <errno.h>
#include <string.h>

#include "pkg/log.h"
#include "plugins/sriov/vf.h"

/*
 * igbvf takes its queues down before a reset, and waits for ever if the interface is
 * down and they are not there (its reset_prepare in Linux 7.3: napi_disable() twice).
 * Its flags are restored with the other settings.
 */
static int please_igbvf(const struct node *node, const struct pci_vf *vf, struct err *err)
{
	struct link link;
	int r;

	if (strcmp(vf->driver, "igbvf") != 0)
		return 0;
	r = vf_find_here(node, vf->device, &link, err);
	return r > 0 ? link_set_up(node->nl, link.index, true, err) : r;
}

int vf_reset(const struct node *node, const struct pci_vf *vf, struct err *err)
{
	if (please_igbvf(node, vf, err))
		return err_wrap(err, "flr");
	if (!sysfs_reset(node->sys, vf->device, err))
		return 0;
	if (err->no != ENOENT)
		return err_wrap(err, "flr");
	/* It could be when it was added; no retry will bring that back. */
	log_warning("flr: VF %s cannot be reset any more", vf->device);
	return 0;
}
