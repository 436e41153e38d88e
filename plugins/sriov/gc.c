/* gc.c - undo what no valid attachment of this network owns. */
#include <string.h>

#include "pkg/cni_valid.h"
#include "plugins/sriov/claim.h"
#include "plugins/sriov/undo.h"
#include "plugins/sriov/verbs.h"

/* Undo a record; 0 also when somebody else has done it meanwhile. */
static int collect(const struct node *node, const struct record *record, struct err *err)
{
	_autoclaim_ struct claim claim = CLAIM_NONE;
	int r = claim_record(node, record, &claim, err);

	/* As it was added: the call has neither container nor interface. */
	return r > 0 ? undo_record(node, record, NULL, err) : r;
}

/* All that can be collected is; the first error is told, with the number of failures. */
static int collect_all(const struct node *node, const struct cni_call *call,
		       const struct cni_valid *valid, struct err *err)
{
	_autorecords_ struct records records = { 0 };
	struct err other;
	int failed = 0;

	if (state_list(node->state, &records, err))
		return -1;
	for (int i = 0; i < records.count; i++) {
		const struct record *record = &records.list[i];

		if (strcmp(record->network, call->network) ||
		    cni_valid_has(valid, record->container, record->ifname))
			continue;
		if (collect(node, record, failed ? &other : err))
			failed++;
	}
	return failed > 1 ? err_wrap(err, "%d attachments could not be undone, the first",
				     failed)
			  : -failed;
}

int gc(const struct cni_call *call, struct err *err)
{
	_autovalid_ struct cni_valid valid = { 0 };
	_autonode_ struct node node = NODE_CLOSED;
	struct err second;
	struct conf conf;
	int failed;

	conf_parse_leniently(call, &conf);
	log_call("GC", call, &conf);
	if (cni_valid_read(call, &valid, err) || node_open(&node, err))
		return -1;
	failed = collect_all(&node, call, &valid, err);
	return ask_ipam("GC", call, &conf, failed ? &second : err) || failed ? -1 : 0;
}
