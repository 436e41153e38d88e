/* health.c - what an ADD needs of the node. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pkg/rdma_nl.h"
#include "pkg/sysfs_pf.h"
#include "plugins/sriov/health.h"
#include "plugins/sriov/state.h"

/* Root is not stopped by modes, but by a file system that is read-only. */
static int ask_state(const struct node *node, const struct conf *conf, char *text,
		     struct err *err)
{
	(void)conf;
	if (faccessat(node->state, ".", W_OK, 0)) {
		err_set(err, errno, "write to %s", STATE_DIR);
		return err_hint(err,
				"nothing is touched that cannot be written down "
				"first: make %s a writable directory",
				STATE_DIR);
	}
	snprintf(text, HEALTH_TEXT, "%s can be written", STATE_DIR);
	return 0;
}

static int ask_device(const struct node *node, const struct conf *conf, char *text,
		      struct err *err)
{
	struct pci_vf vf;

	if (sysfs_vf(node->sys, conf->device, &vf, err))
		return err_wrap(err, "deviceID");
	snprintf(text, HEALTH_TEXT, "VF %s%s%s", conf->device, *vf.pf ? " of PF " : "",
		 vf.pf);
	return 0;
}

static int no_vfs(const struct pci_pf *pf, struct err *err)
{
	err_set(err, 0, "PF %s (%s) has no VFs", pf->netdev, pf->device);
	return err_hint(err,
			"make some (up to %d): echo N > "
			"/sys/class/net/%s/device/sriov_numvfs",
			pf->most, pf->netdev);
}

static int ask_pf(const struct conf *conf, const struct pci_pfs *pfs, char *text,
		  struct err *err)
{
	for (int i = 0; i < pfs->count; i++) {
		const struct pci_pf *pf = &pfs->list[i];

		if (strcmp(pf->netdev, conf->pf))
			continue;
		snprintf(text, HEALTH_TEXT, "PF %s has %d VFs", pf->netdev, pf->vfs);
		return pf->vfs ? 0 : no_vfs(pf, err);
	}
	err_set(err, 0, "pf: no interface %s with the SR-IOV capability on this node",
		conf->pf);
	return err_hint(
		err, "those that have it: ls -d /sys/class/net/*/device/sriov_totalvfs");
}

/*
 * Where the device plugin chooses, any PF with VFs will do. A node without any PF that
 * can be seen may be a virtual machine to which VFs were handed: then nothing can be
 * told.
 *
 * That all VFs are in use is no failure: it says that this node is full, which the
 * device plugin has told the scheduler already, not that its network is broken, as
 * runtimes understand STATUS.
 */
static int ask_any_pf(const struct pci_pfs *pfs, char *text, struct err *err)
{
	size_t n = 0;
	int vfs = 0;

	for (int i = 0; i < pfs->count; i++) {
		const struct pci_pf *pf = &pfs->list[i];

		vfs += pf->vfs;
		n += snprintf(text + n, HEALTH_TEXT - n, "%sPF %s has %d VFs",
			      n ? ", " : "", pf->netdev, pf->vfs);
		if (n >= HEALTH_TEXT)
			break;
	}
	if (!pfs->count)
		snprintf(text, HEALTH_TEXT,
			 "no PF to be seen: right only in a virtual machine that was "
			 "handed VFs");
	return pfs->count && !vfs ? no_vfs(&pfs->list[0], err) : 0;
}

static int ask_vfs(const struct node *node, const struct conf *conf, char *text,
		   struct err *err)
{
	_autopfs_ struct pci_pfs pfs = { 0 };

	if (*conf->device)
		return ask_device(node, conf, text, err);
	if (sysfs_pfs(node->sys, &pfs, err))
		return -1;
	return *conf->pf ? ask_pf(conf, &pfs, text, err) : ask_any_pf(&pfs, text, err);
}

static int wrong_mode(enum rdma_mode mode, struct err *err)
{
	enum rdma_mode wanted = mode == RDMA_SHARED ? RDMA_EXCLUSIVE : RDMA_SHARED;

	err_set(err, 0,
		"rdma.mode: RDMA devices of this machine are in %s mode, the "
		"configuration wants %s",
		rdma_mode_name(mode), rdma_mode_name(wanted));
	return err_hint(err,
			"before there is any other network namespace: rdma system set "
			"netns %s; for good: options ib_core netns_mode=%d in "
			"/etc/modprobe.d",
			rdma_mode_name(wanted), wanted == RDMA_SHARED);
}

static int ask_rdma(const struct node *node, const struct conf *conf, char *text,
		    struct err *err)
{
	const enum rdma_want want = conf->rdma.mode;
	_autonl_ struct nl *nl = NULL;
	enum rdma_mode mode;

	(void)node;
	if (want == RDMA_WANT_NONE)
		return snprintf(text, HEALTH_TEXT, "not wanted"), 0;
	if (nl_open(&nl, NETLINK_RDMA, err) || rdma_get_mode(nl, &mode, err)) {
		if (!rdma_is_absent(err))
			return -1;
		if (want == RDMA_WANT_AUTO)
			return snprintf(text, HEALTH_TEXT, "this kernel has none loaded"),
			       0;
		err_set(err, 0, "rdma.mode: this kernel has no RDMA subsystem");
		return err_hint(err, "modprobe ib_core, or the NIC's RDMA driver");
	}
	if ((want == RDMA_WANT_SHARED && mode != RDMA_SHARED) ||
	    (want == RDMA_WANT_EXCLUSIVE && mode != RDMA_EXCLUSIVE))
		return wrong_mode(mode, err);
	snprintf(text, HEALTH_TEXT, "%s mode", rdma_mode_name(mode));
	return 0;
}

const struct health_check health_checks[] = {
	{ "state", ask_state },
	{ "VFs", ask_vfs },
	{ "RDMA", ask_rdma },
	{ 0 },
};
