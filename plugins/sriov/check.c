/* check.c - compare what ADD made with what the kernel says. */
#include <errno.h>
#include <string.h>

#include "plugins/sriov/claim.h"
#include "plugins/sriov/podnet.h"
#include "plugins/sriov/rdma.h"
#include "plugins/sriov/verbs.h"
#include "plugins/sriov/vf.h"

static int find_record(const struct node *node, const struct owner *owner,
		       struct plan *ret, struct err *err)
{
	_autorecords_ struct records records = { 0 };

	if (state_list(node->state, &records, err))
		return -1;
	for (int i = 0; i < records.count; i++)
		if (record_is_of(&records.list[i], owner))
			return state_load(node->state, &records.list[i], ret, err);
	return err_cni(
		err, CNI_CHECK_FAILED,
		"no attachment of container %s as %s to network %s is known on this "
		"node",
		owner->container, owner->ifname, owner->network);
}

/* The runtime must hand back what ADD returned; chained plugins may have added to it. */
static int check_previous(const struct cni_call *call, struct err *err)
{
	_autoresult_ struct cni_result *result = cni_result_new(err);
	struct json previous;
	int r = json_get_object(&call->conf, "prevResult", &previous, err);

	if (!result)
		return -1;
	if (r == 0)
		return err_cni(err, CNI_BAD_CONFIG, "prevResult: missing");
	if (r < 0 || cni_result_parse(&previous, call->version, result, err))
		return err_wrap(err, "prevResult");
	for (int i = 0; i < result->n_ifaces; i++) {
		const struct cni_iface *iface = &result->ifaces[i];

		if (iface->name && !strcmp(iface->name, call->ifname) && iface->sandbox &&
		    !strcmp(iface->sandbox, call->netns))
			return 0;
	}
	return err_cni(err, CNI_BAD_CONFIG, "prevResult: has no interface %s in %s",
		       call->ifname, call->netns);
}

static int check_link(const struct pod *pod, const struct plan *plan, struct link *ret,
		      struct err *err)
{
	const struct link_change *shall = &plan->shall;

	if (link_get_by_name(pod->nl, plan->owner.ifname, ret, err)) {
		if (err->no == ENODEV)
			return err_cni(err, CNI_CHECK_FAILED,
				       "interface %s is not in the pod any more",
				       plan->owner.ifname);
		return -1;
	}
	if (strcmp(ret->device, plan->vf.device))
		return err_cni(err, CNI_CHECK_FAILED,
			       "interface %s in the pod is not VF %s but %s",
			       plan->owner.ifname, plan->vf.device,
			       *ret->device ? ret->device : "a virtual one");
	if (shall->set_mac && memcmp(ret->mac, shall->mac, MAC_LEN))
		return err_cni(err, CNI_CHECK_FAILED, "the MAC address of %s has changed",
			       ret->name);
	if (shall->mtu && ret->mtu != shall->mtu)
		return err_cni(err, CNI_CHECK_FAILED, "mtu of %s is %u, ADD set %u",
			       ret->name, ret->mtu, shall->mtu);
	return 0;
}

static int check_admin(const struct node *node, const struct plan *plan, struct err *err)
{
	struct vf_settings now;
	unsigned int differs;
	struct link pf;

	if (!plan->shall_admin.has)
		return 0;
	if (vf_find_here(node, plan->vf.pf_device, &pf, err) <= 0)
		return err_cni(err, CNI_CHECK_FAILED, "PF %s has gone", plan->vf.pf);
	if (vf_get(node->nl, pf.index, plan->vf.index, &now, err))
		return -1;
	differs = vf_differs(&plan->shall_admin, &now);
	if (differs)
		return err_cni(err, CNI_CHECK_FAILED,
			       "%s of VF %s is not what ADD set through PF %s",
			       vf_setting_name(differs & -differs), plan->vf.device,
			       plan->vf.pf);
	return 0;
}

/* Addresses and routes as ADD reported them: the record has its own words. */
static int check_net(const struct node *node, const struct pod *pod,
		     const struct plan *plan, const struct conf *conf,
		     const struct link *link, struct err *err)
{
	_autoresult_ struct cni_result *own = cni_result_new(err);
	_autojson_ struct cJSON *doc = NULL;
	struct json root;

	if (!plan->result)
		return err_cni(err, CNI_CHECK_FAILED, "its ADD has not come to its end");
	doc = json_parse(plan->result, strlen(plan->result), err);
	root = json_root(doc);
	if (!own || !doc || cni_result_parse(&root, CNI_1_1_0, own, err))
		return -1;
	if (podnet_check(pod, plan, conf, link, own, err))
		return -1;
	return rdma_check(node, pod, plan, link, own, err);
}

int check(const struct cni_call *call, struct err *err)
{
	_autonode_ struct node node = NODE_CLOSED;
	_autopod_ struct pod pod = POD_CLOSED;
	_autoplan_ struct plan plan = { 0 };
	struct owner owner;
	struct conf conf;
	struct link link;

	if (conf_parse(call, &conf, err) || check_previous(call, err))
		return -1;
	log_call("CHECK", call, &conf);
	owner_of(call, &owner);
	if (node_open(&node, err) || pod_open(call->netns, &node, &pod, err) ||
	    find_record(&node, &owner, &plan, err) || check_admin(&node, &plan, err))
		return -1;
	if (plan.moves && (check_link(&pod, &plan, &link, err) ||
			   check_net(&node, &pod, &plan, &conf, &link, err)))
		return -1;
	return ask_ipam("CHECK", call, &conf, err);
}
