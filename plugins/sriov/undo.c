/* undo.c - the one way back: what a failed ADD, DEL and every clean-up take. */
#include <string.h>

#include "pkg/ipam_exec.h"
#include "pkg/log.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/vf.h"

/* IPAM DEL as the runtime would have it called for this attachment. */
static struct ipam_run run_of(const struct plan *plan)
{
	return (struct ipam_run){
		.verb = "DEL",
		.path = plan->cni_path,
		.container = plan->owner.container,
		.netns = plan->owner.netns,
		.ifname = plan->owner.ifname,
		.args = plan->cni_args,
		.text = plan->conf,
		.len = strlen(plan->conf),
		.version = plan->version,
	};
}

/* The type of the configuration's IPAM plugin: 1, 0 when it has none, or -1. */
static int ipam_type(const struct cJSON *doc, const char **ret, struct err *err)
{
	struct json root = json_root(doc), ipam;
	int r = json_get_object(&root, "ipam", &ipam, err);

	if (r > 0)
		r = json_get_string(&ipam, "type", ret, err);
	return r > 0 && !**ret ? 0 : r; /* an empty one is none, as for ADD */
}

static int release_as_added(const struct plan *plan, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(plan->conf, strlen(plan->conf), err);
	struct ipam_run run = run_of(plan);
	int r = doc ? ipam_type(doc, &run.type, err) : -1;

	return r > 0 ? ipam_call(&run, NULL, err) : r;
}

static int release_address(const struct plan *plan, const struct cni_call *call,
			   struct err *err)
{
	struct ipam_run run;
	const char *type;

	if (!call || ipam_type(call->conf.node, &type, err) <= 0)
		return release_as_added(plan, err);
	run = ipam_run_of(call, type, "DEL");
	return ipam_call(&run, NULL, err);
}

int undo_record(const struct node *node, const struct record *record,
		const struct cni_call *call, struct err *err)
{
	_autoplan_ struct plan plan = { 0 };

	if (state_load(node->state, record, &plan, err))
		return -1;
	if (record_has_vf(record) && vf_detach(node, &plan, err))
		return -1;
	if (release_address(&plan, call, err)) {
		struct err second;

		(void)state_free_vf(node->state, record, &second); /* told the first */
		return -1;
	}
	if (state_remove(node->state, record, err))
		return -1;
	log_info("VF %s (%s), which was %s of container %s, is back", plan.vf.device,
		 plan.was.name, plan.owner.ifname, plan.owner.container);
	return 0;
}
