/* standing.c - what becomes of an attachment, seen from outside. */
#include "plugins/sriov/admin.h"
#include "plugins/sriov/state.h"
#include "plugins/sriov/vf.h"

/* Only the end of a namespace, or a DEL that was killed, brings a VF home before its
 * record goes. */
static enum standing judge(const struct node *node, const struct record *record,
			   const struct plan *plan)
{
	struct link link;
	struct err ignored;

	if (!record_has_vf(record))
		return STANDING_ADDRESS;
	if (pod_is_gone(&plan->owner))
		return STANDING_GONE;
	if (!plan->result)
		return STANDING_UNFINISHED;
	return plan->moves && vf_find_here(node, record->device, &link, &ignored) > 0
		       ? STANDING_GONE
		       : STANDING_OK;
}

int standing_of(const struct node *node, const struct record *record, struct plan *plan,
		enum standing *ret, struct err *err)
{
	if (state_load(node->state, record, plan, err))
		return -1;
	*ret = judge(node, record, plan);
	return 0;
}

const char *standing_name(enum standing standing)
{
	static const char *const names[] = { "ok", "unfinished", "gone", "address left" };

	return names[standing];
}
