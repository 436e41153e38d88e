/* rdma.c - the RDMA device that belongs to the VF. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/clock.h"
#include "pkg/gid.h"
#include "pkg/log.h"
#include "plugins/sriov/rdma.h"

#define POLL_MS	    2
#define MAX_POLL_MS 50
#define DEVICE_MS   3000 /* a driver may take its device down and up when moved */

int rdma_view(const struct node *node, const struct conf *conf, struct view *view,
	      struct err *err)
{
	_autonl_ struct nl *nl = NULL;
	char name[RDMA_NAME_LEN];
	int r;

	if (conf->rdma.mode == RDMA_WANT_NONE)
		return 0;
	sysfs_rdma(node->sys, view->vf.device, name);
	if (!*name && conf->rdma.mode == RDMA_WANT_AUTO)
		return 0;
	if (nl_open(&nl, NETLINK_RDMA, err))
		return rdma_is_absent(err) ? 0 : -1;
	if (rdma_get_mode(nl, &view->rdma.mode, err))
		return -1;
	view->rdma.subsystem = true;
	if (!*name)
		return 0;
	r = rdma_find(nl, name, &view->rdma.dev, err);
	if (r <= 0)
		return r;
	sysfs_uverbs(node->sys, view->vf.device, view->rdma.uverbs);
	if (conf->rdma.tos >= 0)
		view->rdma.tos = rdma_tos_get(node->sys, name);
	return 0;
}

/* The step of a wait: short at first, then ever longer. */
static bool wait_more(long deadline, long *step)
{
	if (clock_ms() >= deadline)
		return false;
	sleep_ms(*step);
	*step = *step * 3 / 2 + 1 > MAX_POLL_MS ? MAX_POLL_MS : *step * 3 / 2 + 1;
	return true;
}

/* Find a device by either of two names, waiting for it to appear: 1, 0 or -1. */
static int find_soon(struct nl *nl, const char *name, const char *other, int timeout_ms,
		     struct rdma_dev *ret, struct err *err)
{
	long deadline = clock_ms() + timeout_ms, step = POLL_MS;
	int r;

	do {
		r = rdma_find(nl, name, ret, err);
		if (r == 0 && strcmp(name, other))
			r = rdma_find(nl, other, ret, err);
	} while (r == 0 && wait_more(deadline, &step));
	return r;
}

/* Who grants more time for the GID, grants it for the device as well. */
static int device_ms(const struct conf *conf)
{
	return conf->rdma.gid_timeout > DEVICE_MS ? conf->rdma.gid_timeout : DEVICE_MS;
}

static int move_in(const struct pod *pod, const struct plan *plan,
		   const struct conf *conf, struct nl *in_pod, struct err *err)
{
	const struct plan_rdma *rdma = &plan->rdma;
	_autonl_ struct nl *here = NULL;
	struct rdma_dev dev;
	int r;

	if (nl_open(&here, NETLINK_RDMA, err))
		return -1;
	r = find_soon(here, rdma->name, rdma->name, device_ms(conf), &dev, err);
	if (r == 0)
		err_cni(err, CNI_RDMA_FAILED, "it has gone");
	if (r <= 0 || rdma_move(here, dev.index, pod->netns, err))
		return err_wrap(err, "RDMA device %s of VF %s", rdma->name,
				plan->vf.device);
	if (!strcmp(rdma->name, rdma->shall_name))
		return 0;
	if (find_soon(in_pod, rdma->name, rdma->name, device_ms(conf), &dev, err) <= 0 ||
	    rdma_rename(in_pod, dev.index, rdma->shall_name, err)) {
		if (err->no == EEXIST)
			err_hint(err, "another RDMA device has that name: choose another "
				      "rdma.name");
		return err_wrap(err, "RDMA device %s in the pod", rdma->name);
	}
	return 0;
}

/* In shared mode the device is everywhere; its port must be on our interface here. */
static int check_port(struct nl *in_pod, const struct plan *plan, const struct link *link,
		      int timeout_ms, struct err *err)
{
	const char *name = plan->rdma.shall_name;
	struct rdma_port port;
	struct rdma_dev dev;
	int r = find_soon(in_pod, name, name, timeout_ms, &dev, err);

	if (r < 0)
		return -1;
	if (r == 0)
		return err_cni(err, CNI_RDMA_FAILED, "RDMA device %s is not in the pod",
			       name);
	if (rdma_get_port(in_pod, dev.index, &port, err))
		return -1;
	if (port.netdev_index == link->index)
		return 0;
	return err_cni(err, CNI_RDMA_FAILED,
		       "port 1 of RDMA device %s is not on interface %s of the pod", name,
		       link->name);
}

/* The device plugin has mounted this file into the container, or is about to. */
static int check_uverbs(int sys, const struct plan *plan, const struct conf *conf,
			struct err *err)
{
	char now[32];

	sysfs_uverbs(sys, plan->vf.device, now);
	if (!*plan->rdma.uverbs || !strcmp(now, plan->rdma.uverbs))
		return 0;
	err_cni(err, CNI_RDMA_FAILED,
		"RDMA device %s was /dev/infiniband/%s and is %s%s since it moved",
		plan->rdma.name, plan->rdma.uverbs, *now ? "/dev/infiniband/" : "",
		*now ? now : "none");
	if (conf->rdma.preflight == PREFLIGHT_FAIL)
		return -1;
	log_warning("%s", err->msg);
	return 0;
}

static int gids_of(int sys, const struct plan *plan, const struct link *link,
		   const struct cni_result *result, int *gids)
{
	int missing = 0;

	for (int i = 0; i < result->n_ips; i++) {
		gids[i] = gid_find(sys, plan->rdma.shall_name, &result->ips[i].address.ip,
				   link->name);
		missing += gids[i] < 0;
	}
	return missing;
}

static int wait_gids(int sys, const struct plan *plan, const struct conf *conf,
		     const struct link *link, const struct cni_result *result, int *gids,
		     struct err *err)
{
	long deadline = clock_ms() + conf->rdma.gid_timeout, step = POLL_MS;
	char text[IP_LEN];

	while (gids_of(sys, plan, link, result, gids) && conf->rdma.gid_timeout)
		if (!wait_more(deadline, &step))
			break;
	for (int i = 0; i < result->n_ips && conf->rdma.gid_timeout; i++) {
		if (gids[i] >= 0)
			continue;
		err_cni(err, CNI_RDMA_FAILED,
			"the RoCEv2 GID of %s has not appeared on RDMA device %s within "
			"%d ms",
			ip_format(&result->ips[i].address.ip, text),
			plan->rdma.shall_name, conf->rdma.gid_timeout);
		return err_hint(err, "rdma-probe gids, run in the pod, shows the table; "
				     "rdma.gidTimeout 0 does not wait");
	}
	return 0;
}

/* What can be asked of the device where the pod sees it. */
static int sysfs_of(const struct node *node, const struct pod *pod,
		    const struct plan *plan, int *to_close, struct err *err)
{
	*to_close = -1;
	if (!plan->rdma.moves)
		return node->sys;
	*to_close = sysfs_open_in(pod->netns, err);
	return *to_close;
}

/* rdma_cm hears of a new device after all others who look for one. */
static int set_tos(int sys, const struct plan *plan, int timeout_ms, struct err *err)
{
	long deadline = clock_ms() + timeout_ms, step = POLL_MS;
	int r;

	do {
		r = rdma_tos_set(sys, plan->rdma.shall_name, &plan->rdma.shall_tos, err);
	} while (r && err->no == ENODEV && wait_more(deadline, &step));
	return r;
}

int rdma_attach(const struct node *node, const struct pod *pod, const struct plan *plan,
		const struct conf *conf, const struct link *link,
		const struct cni_result *result, int *gids, struct err *err)
{
	_autonl_ struct nl *in_pod = NULL;
	_autoclose_ int to_close = -1;
	int sys;

	for (int i = 0; i < result->n_ips; i++)
		gids[i] = -1;
	if (!*plan->rdma.name)
		return 0;
	if (nl_open_in(&in_pod, NETLINK_RDMA, pod->netns, err))
		return -1;
	if (plan->rdma.moves && move_in(pod, plan, conf, in_pod, err))
		return -1;
	if (check_port(in_pod, plan, link, device_ms(conf), err))
		return -1;
	sys = sysfs_of(node, pod, plan, &to_close, err);
	if (sys < 0 || check_uverbs(sys, plan, conf, err) ||
	    set_tos(sys, plan, device_ms(conf), err))
		return -1;
	return wait_gids(sys, plan, conf, link, result, gids, err);
}

struct leaving {
	const struct node *node;
	const struct plan *plan;
};

/* In the pod's namespace: rdma_move() must be. */
static int move_out(void *arg, struct err *err)
{
	const struct leaving *leaving = arg;
	const struct plan_rdma *rdma = &leaving->plan->rdma;
	_autonl_ struct nl *nl = NULL;
	struct err ignored;
	struct rdma_dev dev;
	int r;

	if (nl_open(&nl, NETLINK_RDMA, err))
		return rdma_is_absent(err) ? 0 : -1;
	r = find_soon(nl, rdma->shall_name, rdma->name, 0, &dev, err);
	/* Under the name it had: the one it has here may be another's there. */
	if (r > 0 && strcmp(dev.name, rdma->name))
		(void)rdma_rename(nl, dev.index, rdma->name, &ignored);
	if (r > 0)
		r = rdma_move(nl, dev.index, leaving->node->netns, err);
	return r < 0 && err->no != ENODEV
		       ? err_wrap(err, "take RDMA device %s back", rdma->shall_name)
		       : 0;
}

int rdma_leave(const struct node *node, const struct pod *pod, const struct plan *plan,
	       struct err *err)
{
	struct leaving leaving = { node, plan };

	if (!plan->rdma.moves || !pod)
		return 0;
	return netns_run(pod->netns, move_out, &leaving, err);
}

int rdma_restore(const struct node *node, const struct plan *plan, struct err *err)
{
	const struct plan_rdma *rdma = &plan->rdma;
	_autonl_ struct nl *nl = NULL;
	struct rdma_dev dev;
	int r;

	if (!*rdma->name)
		return 0;
	if (nl_open(&nl, NETLINK_RDMA, err))
		return rdma_is_absent(err) ? 0 : -1;
	r = find_soon(nl, rdma->shall_name, rdma->name, 0, &dev, err);
	if (r <= 0)
		return r;
	if (strcmp(dev.name, rdma->name) && rdma_rename(nl, dev.index, rdma->name, err)) {
		if (err->no != EEXIST)
			return -1;
		log_warning("RDMA device %s of VF %s keeps this name: %s is taken",
			    dev.name, plan->vf.device, rdma->name);
		return rdma_tos_set(node->sys, dev.name, &rdma->was_tos, err);
	}
	return rdma_tos_set(node->sys, rdma->name, &rdma->was_tos, err);
}

int rdma_check(const struct node *node, const struct pod *pod, const struct plan *plan,
	       const struct link *link, const struct cni_result *result, struct err *err)
{
	_autonl_ struct nl *in_pod = NULL;
	_autoclose_ int to_close = -1;
	int sys, gids[CNI_MAX_IPS];
	char text[IP_LEN];

	if (!*plan->rdma.name)
		return 0;
	if (nl_open_in(&in_pod, NETLINK_RDMA, pod->netns, err))
		return -1;
	if (check_port(in_pod, plan, link, DEVICE_MS, err)) {
		err->code = err->code == CNI_RDMA_FAILED ? CNI_CHECK_FAILED : err->code;
		return -1;
	}
	sys = sysfs_of(node, pod, plan, &to_close, err);
	if (sys < 0)
		return -1;
	(void)gids_of(sys, plan, link, result, gids);
	for (int i = 0; i < result->n_ips; i++)
		if (gids[i] < 0)
			return err_cni(err, CNI_CHECK_FAILED,
				       "RDMA device %s has no RoCEv2 GID for %s any more",
				       plan->rdma.shall_name,
				       ip_format(&result->ips[i].address.ip, text));
	return 0;
}
