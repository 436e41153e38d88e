/* undo.c - the one way back: what a failed ADD, DEL and every clean-up take. */
#include <string.h>

#include "pkg/ipam_exec.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/vf.h"

static struct ipam_run run_of(const struct plan *plan, const char *type)
{
	return (struct ipam_run){
		.type = type,
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

/* IPAM DEL as the runtime would have it called for this attachment. */
static int release_address(const struct plan *plan, struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(plan->conf, strlen(plan->conf), err);
	struct json root = json_root(doc), ipam;
	const char *type = "";
	struct ipam_run run;
	int r;

	if (!doc)
		return -1;
	r = json_get_object(&root, "ipam", &ipam, err);
	if (r > 0)
		r = json_get_string(&ipam, "type", &type, err);
	if (r <= 0 || !*type)
		return r; /* 0: it had none */
	run = run_of(plan, type);
	return ipam_call(&run, NULL, err);
}

int undo_record(const struct node *node, const struct record *record, struct err *err)
{
	_autoplan_ struct plan plan = { 0 };

	if (state_load(node->state, record, &plan, err))
		return -1;
	if (record_has_vf(record) && vf_detach(node, &plan, err))
		return -1;
	if (release_address(&plan, err)) {
		struct err second;

		(void)state_free_vf(node->state, record, &second); /* told the first */
		return -1;
	}
	return state_remove(node->state, record, err);
}
