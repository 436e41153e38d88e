/* vf.c - carry out a plan on the VF, and take it back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/clock.h"
#include "pkg/log.h"
#include "plugins/sriov/rail.h"
#include "plugins/sriov/rdma.h"
#include "plugins/sriov/vf.h"

#define RENAME_TRIES 5
#define HOME_MS	     5000
#define POLL_MS	     10

static bool is_gone(const struct err *err)
{
	return err->no == ENODEV;
}

/* sysfs names the interface, netlink says whether it is really this device's: between
 * the two udev may have renamed it. */
int vf_find_here(const struct node *node, const char *device, struct link *ret,
		 struct err *err)
{
	for (int i = 0; i < RENAME_TRIES; i++) {
		char name[IFNAMSIZ];

		sysfs_netdev(node->sys, device, name);
		if (!*name)
			return 0;
		if (link_get_by_name(node->nl, name, ret, err)) {
			if (is_gone(err))
				continue;
			return -1;
		}
		if (!strcmp(ret->device, device))
			return 1;
	}
	/* Not this sysfs' namespace, or a rename storm: netlink alone decides. */
	return link_find_device(node->nl, device, ret, err);
}

static int view_pf(const struct node *node, const struct conf *conf, struct view *view,
		   struct err *err)
{
	if (!*view->vf.pf)
		return 0;
	if (link_get_by_name(node->nl, view->vf.pf, &view->pf, err))
		return err_wrap(err, "PF of VF %s", view->vf.device);
	if (!conf->admin.has)
		return 0;
	if (vf_get(node->nl, view->pf.index, view->vf.index, &view->admin, err))
		return err_wrap(err, "PF %s", view->vf.pf);
	return 0;
}

int vf_view(const struct node *node, const char *device, const struct conf *conf,
	    struct view *ret, struct err *err)
{
	struct view view = { 0 };

	if (sysfs_vf(node->sys, device, &view.vf, err))
		return err_code(err, CNI_NO_DEVICE);
	if (conf->flr && !sysfs_can_reset(node->sys, device))
		return err_cni(err, CNI_UNSUPPORTED, "flr: VF %s cannot be reset",
			       device);
	if (!pci_vf_is_user(&view.vf) && vf_find_here(node, device, &view.link, err) < 0)
		return -1;
	if (view_pf(node, conf, &view, err))
		return -1;
	if (conf->device_info && view.vf.index >= 0)
		sysfs_representor(node->sys, view.vf.pf_device, view.vf.index,
				  view.representor);
	*ret = view;
	return 0;
}

int vf_find_in_pod(const struct pod *pod, const struct plan *plan, struct link *ret,
		   struct err *err)
{
	if (!link_get_by_name(pod->nl, plan->owner.ifname, ret, err) &&
	    !strcmp(ret->device, plan->vf.device))
		return 1;
	return link_find_device(pod->nl, plan->vf.device, ret, err);
}

int vf_attach(const struct node *node, const struct pod *pod, const struct plan *plan,
	      struct link *ret, struct err *err)
{
	struct link link;
	int r;

	if (vf_set(node->nl, plan->pf_index, plan->vf.index, &plan->shall_admin, err)) {
		err_wrap(err, "VF %s (%s)", plan->vf.device, plan->was.name);
		return err_hint(err, "PF %s's driver refuses this setting", plan->vf.pf);
	}
	if (!plan->moves)
		return 0;
	/* Its index as it is now, not as it was when the plan was made: see udev. */
	r = vf_find_here(node, plan->vf.device, &link, err);
	if (r <= 0)
		return r < 0 ? -1
			     : err_cni(err, CNI_NO_DEVICE,
				       "VF %s (%s) lost its interface", plan->vf.device,
				       plan->was.name);
	if (link_move(node->nl, link.index, pod->netns, plan->owner.ifname, err))
		return err_wrap(err, "VF %s (%s) to %s", plan->vf.device, plan->was.name,
				plan->owner.netns);
	if (link_get_by_name(pod->nl, plan->owner.ifname, ret, err))
		return err_wrap(err, "VF %s (%s) in the pod", plan->vf.device,
				plan->was.name);
	if (vf_configure(node, plan, pod->nl, ret, &plan->shall, err))
		return -1;
	if (plan->shall.set_mac)
		memcpy(ret->mac, plan->shall.mac, MAC_LEN);
	if (plan->shall.mtu)
		ret->mtu = plan->shall.mtu;
	return 0;
}

/* 1 it has left the pod, 0 a name is taken on the node, or -1. */
static int leave_as(const struct node *node, const struct pod *pod,
		    const struct link *link, const char *name, struct err *err)
{
	if (!link_move(pod->nl, link->index, node->netns, name, err) || err->no == ENODEV)
		return 1; /* ENODEV: the VF has just been removed, or moved by another */
	return err->no == EEXIST ? 0 : -1;
}

/* A pod may have given it, as an alternative, a name that the node has: that of the PF.
 */
static int leave_without_altnames(const struct node *node, const struct pod *pod,
				  const struct plan *plan, const struct link *link,
				  struct err *err)
{
	if (!*link->altnames)
		return 0;
	if (vf_strip_names(pod->nl, "", link, err))
		return err->no == ENODEV ? 1 : -1;
	return leave_as(node, pod, link, plan->was.name, err);
}

/*
 * Out of the pod, under its old name or, if that was taken meanwhile, under a new one:
 * an interface with an odd name can be mended, one lost in a namespace cannot. Where it
 * is after an error, and what it is then called, vf_detach() looks for itself.
 */
static int move_home(const struct node *node, const struct pod *pod,
		     const struct plan *plan, const struct link *link, struct err *err)
{
	int r = leave_as(node, pod, link, plan->was.name, err);

	if (r == 0)
		r = leave_without_altnames(node, pod, plan, link, err);
	if (r == 0)
		r = leave_as(node, pod, link, "vf%d", err);
	if (r > 0)
		return 0;
	return err_wrap(err, "take VF %s (%s) back from %s", plan->vf.device,
			plan->was.name, plan->owner.netns);
}

static bool is_no_netns(const struct err *err)
{
	return err->no == ENOENT || err->no == EINVAL || err->no == ENOTDIR;
}

/* All that belongs to the attachment inside the pod, then the interface. */
static int leave_pod(const struct node *node, const struct pod *pod,
		     const struct plan *plan, const struct link *link, struct err *err)
{
	if (rail_leave(pod, plan, link, err) || rdma_leave(node, pod, plan, err))
		return -1;
	return move_home(node, pod, plan, link, err);
}

static int fetch_from_pod(const struct node *node, const struct plan *plan,
			  struct err *err)
{
	_autopod_ struct pod pod = POD_CLOSED;
	struct link link;
	int r = pod_reopen(&plan->owner, node, &pod, err);

	if (r > 0)
		r = vf_find_in_pod(&pod, plan, &link, err);
	return r > 0 ? leave_pod(node, &pod, plan, &link, err) : r;
}

/* PF first: many drivers let a VF have only the address that the PF holds for it. */
static int restore_settings(const struct node *node, const struct plan *plan,
			    const struct link *link, struct err *err)
{
	struct link_change change = {
		.set_mac = memcmp(link->mac, plan->was.mac, MAC_LEN) != 0,
		.mtu = link->mtu == plan->was.mtu ? 0 : plan->was.mtu,
	};
	const unsigned int mask = IFF_UP | IFF_PROMISC | IFF_ALLMULTI;

	memcpy(change.mac, plan->was.mac, MAC_LEN);
	if (vf_configure(node, plan, node->nl, link, &change, err))
		return -1;
	if ((link->flags & mask) != plan->was.flags &&
	    link_set_flags(node->nl, link->index, plan->was.flags, mask, err))
		return err_wrap(err, "VF %s (%s)", plan->vf.device, plan->was.name);
	return 0;
}

/* Only what differs is sent: a setting that the driver refused on the way there, it
 * would refuse on the way back, too. */
static int restore_admin(const struct node *node, const struct plan *plan,
			 struct err *err)
{
	struct vf_settings now, was = plan->was.admin;
	struct link pf;

	if (!was.has)
		return 0;
	/* The PF may have been renamed, or its driver reloaded: ask by device. */
	if (vf_find_here(node, plan->vf.pf_device, &pf, err) <= 0)
		return err_set(err, ENODEV, "find PF %s of VF %s", plan->vf.pf,
			       plan->vf.device);
	if (vf_get(node->nl, pf.index, plan->vf.index, &now, err))
		return err_wrap(err, "PF %s", plan->vf.pf);
	was.has = vf_differs(&was, &now);
	if (vf_set(node->nl, pf.index, plan->vf.index, &was, err))
		return err_wrap(err, "VF %s (%s)", plan->vf.device, plan->was.name);
	return 0;
}

/* A namespace that ends gives its devices back a little later, from a work queue. */
static int wait_home(const struct node *node, const struct plan *plan, struct link *ret,
		     struct err *err)
{
	long deadline = clock_ms() + HOME_MS;
	int r;

	while (!(r = vf_find_here(node, plan->vf.device, ret, err)) &&
	       clock_ms() < deadline)
		sleep_ms(POLL_MS);
	return r;
}

static int unreachable(const struct plan *plan, struct err *err)
{
	err_cni(err, CNI_TRY_LATER,
		"the interface of VF %s (%s) is in a network namespace that cannot be "
		"reached any more (it was %s)",
		plan->vf.device, plan->was.name, plan->owner.netns);
	return err_hint(
		err, "no process is in there; whatever still holds it open (a mount, a "
		     "descriptor) must go: then the kernel gives the VF back");
}

/* A function that is not home yet is left alone: restore_interface() tells. */
static int reset(const struct node *node, const struct plan *plan,
		 const struct pci_vf *now, bool has_interface, struct err *err)
{
	struct link link;
	int home;

	if (!plan->flr)
		return 0;
	home = has_interface ? wait_home(node, plan, &link, err) : 1;
	return home > 0 ? vf_reset(node, now, err) : home;
}

/* Looked at last: a reset, and the PF's settings, may have changed it. */
static int restore_interface(const struct node *node, const struct plan *plan,
			     struct err *err)
{
	struct link link;
	int r = wait_home(node, plan, &link, err);

	if (r <= 0)
		return r < 0 ? -1 : unreachable(plan, err);
	return vf_restore_names(node, plan, &link, err) ||
			       restore_settings(node, plan, &link, err)
		       ? -1
		       : 0;
}

int vf_detach(const struct node *node, const struct plan *plan, struct err *err)
{
	bool has_interface;
	struct pci_vf now;

	if (plan->moves && fetch_from_pod(node, plan, err) < 0)
		return -1;
	if (sysfs_vf(node->sys, plan->vf.device, &now, err))
		return err->no == ENOENT ? 0 : -1; /* VFs were removed: nothing is left */
	has_interface = plan->moves && *now.driver && !pci_vf_is_user(&now);
	if (reset(node, plan, &now, has_interface, err) ||
	    restore_admin(node, plan, err) || rdma_restore(node, plan, err))
		return -1;
	return has_interface ? restore_interface(node, plan, err) : 0;
}

int vf_fetch_stray(const struct node *node, const char *netns, const char *device,
		   struct err *err)
{
	_autopod_ struct pod pod = POD_CLOSED;
	struct plan plan = { 0 };
	struct link link;
	int r;

	if (pod_open(netns, node, &pod, err))
		return is_no_netns(err) ? 0 : -1;
	r = link_find_device(pod.nl, device, &link, err);
	if (r <= 0)
		return r;
	if (sysfs_vf(node->sys, device, &plan.vf, err))
		return err->no == ENOENT || err->no == EINVAL ? 0 : -1;
	snprintf(plan.owner.netns, sizeof(plan.owner.netns), "%s", netns);
	snprintf(plan.was.name, sizeof(plan.was.name), "%.10sv%d",
		 *plan.vf.pf ? plan.vf.pf : "vf", plan.vf.index);
	log_warning("nothing is remembered of VF %s in %s: bringing it home as %s",
		    device, netns, plan.was.name);
	return move_home(node, &pod, &plan, &link, err);
}
