/* del.c - undo an attachment from what was written down, or from what can be seen. */
#include <errno.h>
#include <string.h>

#include "plugins/sriov/claim.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/verbs.h"
#include "plugins/sriov/vf.h"

/* Undo what the node remembers of it; how many records there were, or -1 with the first
 * error after all were tried. */
static int undo_records(const struct node *node, const struct owner *owner,
			const struct cni_call *call, struct err *err)
{
	_autorecords_ struct records records = { 0 };
	struct err other;
	int done = 0;
	bool failed = false;

	if (state_list(node->state, &records, err))
		return -1;
	for (int i = 0; i < records.count; i++) {
		_autoclaim_ struct claim claim = CLAIM_NONE;
		int r;

		if (!record_is_of(&records.list[i], owner))
			continue;
		r = claim_record(node, &records.list[i], &claim, failed ? &other : err);
		if (r > 0)
			r = undo_record(node, &records.list[i], call,
					failed ? &other : err);
		failed |= r < 0;
		done++;
	}
	return failed ? -1 : done;
}

/*
 * Nothing is remembered: DEL was called twice, the node has rebooted, or the state was
 * lost. Only in the last case can the VF still be in the pod, and then it is ours only
 * if it is the very device that the configuration names.
 */
static int undo_unremembered(const struct node *node, const struct cni_call *call,
			     const struct conf *conf, struct err *err)
{
	_autoclaim_ struct claim claim = CLAIM_NONE;

	if (*conf->device && *call->netns &&
	    (claim_lock(node, conf->device, &claim, err) ||
	     vf_fetch_stray(node, call->netns, conf->device, err)))
		return -1;
	return ask_ipam("DEL", call, conf, err);
}

int del(const struct cni_call *call, struct err *err)
{
	_autonode_ struct node node = NODE_CLOSED;
	struct owner owner;
	struct conf conf;
	int r;

	conf_parse_leniently(call, &conf);
	log_call("DEL", call, &conf);
	owner_of(call, &owner);
	if (node_open(&node, err))
		return -1;
	r = undo_records(&node, &owner, call, err);
	return r ? (r < 0 ? -1 : 0) : undo_unremembered(&node, call, &conf, err);
}
