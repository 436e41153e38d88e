/* plan.c - decide what an attachment changes: what is, and what shall be. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "plugins/sriov/plan.h"

static int check_vf(const struct view *view, struct err *err)
{
	const struct pci_vf *vf = &view->vf;

	if (view->link.index || pci_vf_is_user(vf))
		return 0;
	if (!*vf->driver) {
		err_cni(err, CNI_NO_DEVICE, "VF %s has no driver, hence no interface",
			vf->device);
		return err_hint(err,
				"load the VF driver, or bind the VF: echo %s > "
				"/sys/bus/pci/drivers_probe",
				vf->device);
	}
	err_cni(err, CNI_NO_DEVICE,
		"VF %s (driver %s) has no interface in this network namespace",
		vf->device, vf->driver);
	return err_hint(err,
			"another program has moved it away; its interface comes back "
			"when that namespace ends");
}

/* Every key that goes through the PF needs the PF. */
static int check_pf(const struct conf *conf, const struct view *view, struct err *err)
{
	unsigned int through_pf = conf->admin.has & ~VF_MAC;

	if (view->pf.index || !through_pf)
		return 0;
	err_cni(err, CNI_BAD_CONFIG, "%s: VF %s has no visible PF to set it through",
		vf_setting_name(through_pf & -through_pf), view->vf.device);
	return err_hint(err,
			"the VF was passed to this machine: set this where its PF is, "
			"and leave the key out here");
}

static int check_mtu(const struct conf *conf, const struct view *view, struct err *err)
{
	if (!conf->mtu || !view->pf.index || conf->mtu <= view->pf.mtu)
		return 0;
	err_cni(err, CNI_BAD_CONFIG, "mtu: %u is more than the %u of PF %s", conf->mtu,
		view->pf.mtu, view->pf.name);
	return err_hint(err, "raise the PF first: ip link set %s mtu %u", view->pf.name,
			conf->mtu);
}

static int check_rdma(const struct conf *conf, const struct view *view, struct err *err)
{
	enum rdma_want want = conf->rdma.mode;
	enum rdma_mode mode = want == RDMA_WANT_EXCLUSIVE ? RDMA_EXCLUSIVE : RDMA_SHARED;

	if (want == RDMA_WANT_AUTO || want == RDMA_WANT_NONE)
		return 0;
	if (view->rdma.subsystem && view->rdma.mode != mode) {
		err_cni(err, CNI_RDMA_FAILED,
			"rdma.mode: %s asked for, this node's mode is %s",
			rdma_mode_name(mode), rdma_mode_name(view->rdma.mode));
		return err_hint(err,
				"set it at boot, before any pod: options ib_core "
				"netns_mode=%d in /etc/modprobe.d, or rdma system set "
				"netns %s",
				mode == RDMA_SHARED, rdma_mode_name(mode));
	}
	if (!*view->rdma.dev.name)
		return err_cni(err, CNI_RDMA_FAILED,
			       "rdma.mode: %s asked for, VF %s has no RDMA device",
			       rdma_mode_name(mode), view->vf.device);
	return 0;
}

static int check_table(const struct conf *conf, struct err *err)
{
	if (!conf->rail.source_routing && conf->rail.table)
		return err_cni(err, CNI_BAD_CONFIG,
			       "rail.table: needs rail.sourceRouting true");
	return 0;
}

static int copy_call(const struct cni_call *call, struct plan *ret, struct err *err)
{
	ret->conf = strndup(call->text, call->len);
	ret->cni_path = strdup(call->path);
	ret->cni_args = strdup(call->args);
	ret->version = call->version;
	if (!ret->conf || !ret->cni_path || !ret->cni_args)
		return err_set(err, ENOMEM, "plan the attachment");
	return 0;
}

static void plan_link(const struct conf *conf, const struct view *view, struct plan *ret)
{
	const struct link *link = &view->link;

	ret->moves = link->index != 0;
	snprintf(ret->was.name, sizeof(ret->was.name), "%s", link->name);
	snprintf(ret->was.altnames, sizeof(ret->was.altnames), "%s", link->altnames);
	memcpy(ret->was.mac, link->mac, MAC_LEN);
	ret->was.mtu = link->mtu;
	ret->was.flags = link->flags & (IFF_UP | IFF_PROMISC | IFF_ALLMULTI);

	ret->shall.set_mac = conf->has_mac && memcmp(conf->admin.mac, link->mac, MAC_LEN);
	memcpy(ret->shall.mac, conf->admin.mac, MAC_LEN);
	ret->shall.mtu = conf->mtu == link->mtu ? 0 : conf->mtu;
	ret->shall.strict_arp = conf->rail.strict_arp;
}

static void plan_admin(const struct conf *conf, const struct view *view, struct plan *ret)
{
	ret->shall_admin = conf->admin;
	ret->shall_admin.has =
		view->pf.index ? vf_differs(&conf->admin, &view->admin) : 0;
	/* What the driver does not tell cannot be put back. */
	ret->was.admin = view->admin;
	ret->was.admin.has &= ret->shall_admin.has;
	/* Lent for as long as the VF sets its own address: see vf_own.c. */
	if (ret->shall.set_mac)
		ret->was.admin.has |= view->admin.has & VF_TRUST;
}

static void plan_rdma(const struct conf *conf, const struct view *view,
		      struct plan_rdma *ret)
{
	const struct rdma_tos untouched = { -1, -1 };
	const char *name = view->rdma.dev.name;

	*ret = (struct plan_rdma){ .was_tos = untouched, .shall_tos = untouched };
	if (!*name)
		return;
	ret->moves = view->rdma.mode == RDMA_EXCLUSIVE;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	snprintf(ret->shall_name, sizeof(ret->shall_name), "%s",
		 ret->moves && conf->rdma.name ? conf->rdma.name : name);
	snprintf(ret->uverbs, sizeof(ret->uverbs), "%s", view->rdma.uverbs);
	if (conf->rdma.tos < 0)
		return;
	ret->was_tos = view->rdma.tos;
	ret->shall_tos.cm = conf->rdma.tos;
	if (view->rdma.tos.tc >= 0)
		ret->shall_tos.tc = conf->rdma.tos;
}

int plan_make(const struct owner *owner, const struct cni_call *call,
	      const struct conf *conf, const struct view *view, struct plan *ret,
	      struct err *err)
{
	_autoplan_ struct plan plan = { .owner = *owner, .since = time(NULL) };

	if (check_vf(view, err) || check_pf(conf, view, err) ||
	    check_mtu(conf, view, err) || check_rdma(conf, view, err) ||
	    check_table(conf, err) || copy_call(call, &plan, err))
		return -1;
	plan.vf = view->vf;
	plan.pf_index = view->pf.index;
	plan_link(conf, view, &plan);
	plan_admin(conf, view, &plan);
	plan_rdma(conf, view, &plan.rdma);
	if (conf->rail.source_routing)
		plan.table = conf->rail.table ? conf->rail.table : view->free_table;
	plan.flr = conf->flr;

	*ret = plan;
	plan = (struct plan){ 0 };
	return 0;
}

void plan_clear(struct plan *plan)
{
	free(plan->conf);
	free(plan->cni_path);
	free(plan->cni_args);
	free(plan->result);
	*plan = (struct plan){ 0 };
}
