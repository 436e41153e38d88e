/* add.c - the story of ADD: claim a VF, plan, write the plan down, carry it out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/ipam_exec.h"
#include "plugins/sriov/announce.h"
#include "plugins/sriov/claim.h"
#include "plugins/sriov/device_info.h"
#include "plugins/sriov/podnet.h"
#include "plugins/sriov/preflight.h"
#include "plugins/sriov/rail.h"
#include "plugins/sriov/rdma.h"
#include "plugins/sriov/result.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/verbs.h"
#include "plugins/sriov/vf.h"

/* One ADD on its way. */
struct adding {
	const struct cni_call *call;
	struct owner owner;
	struct conf conf;
	struct node node;
	struct pod pod;
	struct claim claim;
	struct view view;
	struct plan plan;
	struct link link; /* of the VF in the pod */
	struct cni_result *own;
	int gids[CNI_MAX_IPS];
};
#define ADDING_NONE                                                                      \
	{                                                                                \
		.node = NODE_CLOSED, .pod = POD_CLOSED, .claim = CLAIM_NONE              \
	}

static void adding_end(struct adding *a)
{
	plan_clear(&a->plan);
	claim_close(&a->claim);
	pod_close(&a->pod);
	node_close(&a->node);
	cni_result_free(a->own);
}

/* All that can be told before anything is touched. */

static int check_pod(const struct pod *pod, const char *ifname, struct err *err)
{
	struct link link;

	if (!link_get_by_name(pod->nl, ifname, &link, err))
		return err_cni(err, CNI_BAD_CONFIG,
			       "the pod already has an interface %s (%s)", ifname,
			       *link.device ? link.device : "not a VF");
	return err->no == ENODEV ? 0 : -1;
}

static int check_ipam(const struct cni_call *call, const struct conf *conf,
		      struct err *err)
{
	struct ipam_run run;
	char file[PATH_MAX];

	if (!conf->ipam)
		return 0;
	run = ipam_run_of(call, conf->ipam, "ADD");
	return ipam_find(&run, file, sizeof(file), err);
}

static int open_all(struct adding *a, struct err *err)
{
	owner_of(a->call, &a->owner);
	a->own = cni_result_new(err);
	if (!a->own || node_open(&a->node, err) ||
	    pod_open(a->call->netns, &a->node, &a->pod, err) ||
	    claim_undo_earlier(&a->node, &a->owner, err))
		return -1;
	a->owner.netns_id = a->pod.netns_id;
	return check_pod(&a->pod, a->call->ifname, err);
}

/* Look at everything that the plan depends on. */
static int view_all(struct adding *a, struct err *err)
{
	if (vf_view(&a->node, a->claim.device, &a->conf, &a->view, err) ||
	    rdma_view(&a->node, &a->conf, &a->view, err))
		return -1;
	if (a->conf.rail.source_routing && !a->conf.rail.table &&
	    rail_free_table(&a->pod, &a->view.free_table, err))
		return -1;
	return preflight(&a->node, &a->conf, &a->view, err);
}

/* Never call it off in the middle of its work: what it then had done, only it knows. */
static int finish_ipam(struct adding *a, struct ipam *ipam, bool attached,
		       struct err *err)
{
	struct err ignored;

	if (!ipam)
		return 0;
	if (!attached) {
		(void)ipam_finish(ipam, NULL, &ignored); /* undoing follows */
		return 0;
	}
	if (ipam_finish(ipam, a->own, err))
		return -1;
	if (!a->own->n_ips)
		return err_set(err, 0, "IPAM plugin returned no address");
	return 0;
}

/* The IPAM plugin talks to a store while the VF moves: neither needs the other. */
static int attach_and_lease(struct adding *a, struct err *err)
{
	_cleanup_(ipam_stop) struct ipam *ipam = NULL;
	bool attached;

	if (a->conf.ipam) {
		struct ipam_run run = ipam_run_of(a->call, a->conf.ipam, "ADD");

		/* If we are killed, DEL waits until it has done what it is about to. */
		run.keeps = a->claim.lock;
		if (ipam_start(&run, &ipam, err))
			return -1;
	}
	attached = !vf_attach(&a->node, &a->pod, &a->plan, &a->link, err);
	return finish_ipam(a, ipam, attached, err) || !attached ? -1 : 0;
}

static int configure_pod(struct adding *a, struct err *err)
{
	if (podnet_plan_routes(&a->conf, a->own, err))
		return -1;
	if (!a->plan.moves)
		return 0;
	if (podnet_configure(&a->pod, &a->plan, &a->conf, &a->link, a->own, err) ||
	    rdma_attach(&a->node, &a->pod, &a->plan, &a->conf, &a->link, a->own, a->gids,
			err))
		return -1;
	if (a->conf.announce)
		announce(&a->pod, &a->link, a->own);
	return 0;
}

static void format_gids(struct adding *a)
{
	size_t n = 0;

	for (int i = 0; i < a->own->n_ips && *a->plan.rdma.name; i++) {
		char index[8] = "-";

		if (a->gids[i] >= 0)
			snprintf(index, sizeof(index), "%d", a->gids[i]);
		n += snprintf(a->plan.gids + n, sizeof(a->plan.gids) - n, "%s%s",
			      n ? " " : "", index);
		if (n >= sizeof(a->plan.gids))
			return;
	}
}

/* For `rail-sriov list` and CHECK. The attachment stands without it, too. */
static void remember(struct adding *a)
{
	struct err err;

	format_gids(a);
	a->plan.result = cni_result_text(a->own, CNI_1_1_0);
	if (state_update(a->node.state, &a->plan, &err))
		log_warning("%s", err.msg);
}

static void log_done(const struct plan *plan, const struct cni_result *own)
{
	char text[CIDR_LEN] = "no address";

	if (own->n_ips)
		cidr_format(&own->ips[0].address, text);
	log_info("VF %s (%s) is %s in %s%s%s, %s", plan->vf.device, plan->was.name,
		 plan->owner.ifname, plan->owner.netns,
		 *plan->owner.pod ? " of pod " : "", plan->owner.pod, text);
}

static void roll_back(const struct node *node, const struct plan *plan)
{
	struct record record;
	struct err err;

	if (record_of(plan->vf.device, &plan->owner, &record, &err) ||
	    undo_record(node, &record, NULL, &err))
		log_error("undoing the failed ADD failed too, DEL will try again: %s",
			  err.msg);
}

/* Everything from writing the plan down on; on failure nothing of it is left. */
static int carry_out(struct adding *a, struct cni_result *ret, struct err *err)
{
	if (state_create(a->node.state, &a->plan, err))
		return -1;
	if (attach_and_lease(a, err) || configure_pod(a, err) ||
	    result_describe(a->call, &a->plan, &a->link, a->own, err) ||
	    device_info_write(&a->conf, &a->plan, &a->view, err)) {
		roll_back(&a->node, &a->plan);
		return -1;
	}
	remember(a);
	log_done(&a->plan, a->own);
	return result_append(ret, a->own, err);
}

int add(const struct cni_call *call, struct cni_result *ret, struct err *err)
{
	_cleanup_(adding_end) struct adding a = ADDING_NONE;

	a.call = call;
	if (conf_parse(call, &a.conf, err) || result_begin(call, ret, err) ||
	    check_ipam(call, &a.conf, err))
		return -1;
	log_call("ADD", call, &a.conf);
	if (open_all(&a, err) || claim_vf(&a.node, &a.conf, &a.claim, err) ||
	    view_all(&a, err) ||
	    plan_make(&a.owner, call, &a.conf, &a.view, &a.plan, err))
		return -1;
	return carry_out(&a, ret, err);
}
