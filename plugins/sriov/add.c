/* add.c - the story of ADD: claim a VF, plan, write the plan down, carry it out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/ipam_exec.h"
#include "plugins/sriov/claim.h"
#include "plugins/sriov/podnet.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/verbs.h"
#include "plugins/sriov/vf.h"

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

/* Never call it off in the middle of its work: what it then had done, only it knows. */
static int finish_ipam(struct ipam *ipam, struct cni_result *result, bool attached,
		       struct err *err)
{
	struct err ignored;

	if (!ipam)
		return 0;
	if (!attached) {
		(void)ipam_finish(ipam, NULL, &ignored); /* undoing follows */
		return 0;
	}
	if (ipam_finish(ipam, result, err))
		return -1;
	if (!result->n_ips)
		return err_set(err, 0, "IPAM plugin returned no address");
	return 0;
}

/* The IPAM plugin talks to a store while the VF moves: neither needs the other. */
static int attach(const struct node *node, const struct pod *pod,
		  const struct cni_call *call, const struct conf *conf,
		  const struct plan *plan, struct cni_result *result, struct link *link,
		  struct err *err)
{
	_cleanup_(ipam_stop) struct ipam *ipam = NULL;
	bool attached;

	if (conf->ipam) {
		struct ipam_run run = ipam_run_of(call, conf->ipam, "ADD");

		if (ipam_start(&run, &ipam, err))
			return -1;
	}
	attached = !vf_attach(node, pod, plan, link, err);
	if (finish_ipam(ipam, result, attached, err) || !attached)
		return -1;
	if (podnet_plan_routes(conf, result, err))
		return -1;
	return plan->moves ? podnet_configure(pod, conf, link, result, err) : 0;
}

/* What this attachment is, without what came before it in a chain. */
static int describe(const struct cni_call *call, const struct plan *plan,
		    const struct link *link, struct cni_result *own, struct err *err)
{
	/* The result borrows its strings, and outlives the plan. */
	static char mac[MAC_TEXT_LEN], device[DEVICE_LEN];
	const struct link_change *shall = &plan->shall;
	struct cni_iface *iface;

	own->n_ifaces = 0;
	iface = cni_result_iface(own, err);
	if (!iface)
		return -1;
	iface->name = call->ifname;
	iface->sandbox = call->netns;
	iface->pci = strcpy(device, plan->vf.device);
	if (plan->moves) {
		iface->mac = mac_format(shall->set_mac ? shall->mac : link->mac, mac);
		iface->mtu = shall->mtu ? shall->mtu : link->mtu;
	} else if (plan->shall_admin.has & VF_MAC) {
		iface->mac = mac_format(plan->shall_admin.mac, mac);
	}
	for (int i = 0; i < own->n_ips; i++)
		own->ips[i].iface = 0;
	return 0;
}

/* Append what we did to what the plugins before us did. */
static int append(struct cni_result *ret, struct cni_result *own, struct err *err)
{
	int offset = ret->n_ifaces;

	for (int i = 0; i < own->n_ifaces; i++) {
		struct cni_iface *iface = cni_result_iface(ret, err);

		if (!iface)
			return -1;
		*iface = own->ifaces[i];
	}
	for (int i = 0; i < own->n_ips; i++) {
		struct cni_ip *ip = cni_result_ip(ret, err);

		if (!ip)
			return -1;
		*ip = own->ips[i];
		ip->iface += offset;
	}
	for (int i = 0; i < own->n_routes; i++) {
		struct cni_route *route = cni_result_route(ret, err);

		if (!route)
			return -1;
		*route = own->routes[i];
	}
	if (own->dns)
		ret->dns = own->dns;
	ret->doc = take_ptr(own->doc); /* ret borrows from it now */
	return 0;
}

/* For `rail-sriov list` and CHECK. The attachment stands without it, too. */
static void remember(const struct node *node, struct plan *plan,
		     const struct cni_result *own)
{
	struct err err;

	plan->result = cni_result_text(own, CNI_1_1_0);
	if (state_update(node->state, plan, &err))
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
static int carry_out(const struct node *node, const struct pod *pod,
		     const struct cni_call *call, const struct conf *conf,
		     struct plan *plan, struct cni_result *ret, struct err *err)
{
	_autoresult_ struct cni_result *own = cni_result_new(err);
	struct link link = { 0 };

	if (!own || state_create(node->state, plan, err))
		return -1;
	if (attach(node, pod, call, conf, plan, own, &link, err) ||
	    describe(call, plan, &link, own, err) || append(ret, own, err)) {
		roll_back(node, plan);
		return -1;
	}
	remember(node, plan, own);
	log_done(plan, own);
	return 0;
}

static int read_previous(const struct cni_call *call, struct cni_result *ret,
			 struct err *err)
{
	struct json previous, dns;

	int r = json_get_object(&call->conf, "prevResult", &previous, err);

	if (r > 0 && cni_result_parse(&previous, call->version, ret, err))
		return err_wrap(err, "prevResult");
	if (r >= 0 && !ret->dns && json_get_object(&call->conf, "dns", &dns, err) > 0)
		ret->dns = dns.node;
	return r < 0 ? -1 : 0;
}

int add(const struct cni_call *call, struct cni_result *ret, struct err *err)
{
	_autonode_ struct node node = NODE_CLOSED;
	_autopod_ struct pod pod = POD_CLOSED;
	_autoclaim_ struct claim claim = CLAIM_NONE;
	_autoplan_ struct plan plan = { 0 };
	struct owner owner;
	struct view view;
	struct conf conf;

	if (conf_parse(call, &conf, err) || read_previous(call, ret, err) ||
	    check_ipam(call, &conf, err))
		return -1;
	log_call("ADD", call, &conf);
	owner_of(call, &owner);
	if (node_open(&node, err) || pod_open(call->netns, &node, &pod, err) ||
	    claim_undo_earlier(&node, &owner, err) || check_pod(&pod, call->ifname, err))
		return -1;
	owner.netns_id = pod.netns_id;

	if (claim_vf(&node, &conf, &claim, err) ||
	    vf_view(&node, claim.device, &conf, &view, err) ||
	    plan_make(&owner, call, &conf, &view, &plan, err))
		return -1;
	return carry_out(&node, &pod, call, &conf, &plan, ret, err);
}
