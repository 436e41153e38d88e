/* vf_own.c - what a VF sets itself: its address and MTU, against unwilling drivers. */
#include <errno.h>

#include "pkg/clock.h"
#include "pkg/log.h"
#include "plugins/sriov/vf.h"

/* A VF that has just been reset answers EBUSY or EAGAIN for some tenths of a second. */
#define BUSY_MS	     2000
#define BUSY_STEP_MS 20

static bool is_busy(const struct err *err)
{
	return err->no == EBUSY || err->no == EAGAIN;
}

/* igbvf says EADDRNOTAVAIL when the PF does not let it; others EPERM. */
static bool is_refused(const struct err *err)
{
	return err->no == EADDRNOTAVAIL || err->no == EPERM || err->no == EACCES;
}

static int configure(const struct plan *plan, struct nl *nl, const struct link *link,
		     const struct link_change *change, struct err *err)
{
	long deadline = clock_ms() + BUSY_MS;

	while (link_configure(nl, link->index, change, err)) {
		if (!is_busy(err) || clock_ms() > deadline)
			return err_wrap(err, "VF %s (%s)", plan->vf.device,
					plan->was.name);
		sleep_ms(BUSY_STEP_MS);
	}
	return 0;
}

/*
 * Some PF drivers let a VF set no address at all once the PF has set one for it, not
 * even the same one, unless the VF is trusted (igb: igb_set_vf_mac_addr()). So trust it
 * for that moment. The plan says what its trust was: should we die here, DEL puts it
 * back.
 */
static int configure_trusted(const struct node *node, const struct plan *plan,
			     struct nl *nl, const struct link *link,
			     const struct link_change *change, struct err *err)
{
	struct vf_settings now, trusted = { .has = VF_TRUST, .trust = true };
	struct err other;
	struct link pf;
	int r;

	if (vf_find_here(node, plan->vf.pf_device, &pf, &other) <= 0 ||
	    vf_get(node->nl, pf.index, plan->vf.index, &now, &other) || now.trust)
		return -1; /* with the refusal in err */
	if (vf_set(node->nl, pf.index, plan->vf.index, &trusted, &other))
		return -1;
	r = configure(plan, nl, link, change, err);
	now.has &= VF_TRUST;
	if (vf_set(node->nl, pf.index, plan->vf.index, &now, r ? &other : err))
		return -1;
	return r;
}

int vf_configure(const struct node *node, const struct plan *plan, struct nl *nl,
		 const struct link *link, const struct link_change *change,
		 struct err *err)
{
	if (!change->set_mac && !change->mtu && !change->strict_arp)
		return 0;
	if (!configure(plan, nl, link, change, err))
		return 0;
	if (!change->set_mac || !*plan->vf.pf_device || !is_refused(err))
		return -1;
	log_debug("%s: trusting the VF for as long as that takes", err->msg);
	if (!configure_trusted(node, plan, nl, link, change, err))
		return 0;
	return err_hint(err,
			"the driver lets the VF have no address of its own: set trust "
			"to on, or leave mac out");
}
