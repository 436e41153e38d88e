/* undo.h - the one way back: what a failed ADD, DEL and every clean-up take. */
#ifndef SRIOV_UNDO_H
#define SRIOV_UNDO_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/state.h"

/*
 * Undo the attachment of a record, with its VF's lock held: VF back as it was, address
 * released at the IPAM plugin that gave it, record forgotten. The VF comes first, so
 * that its address is free only when nothing uses it any more.
 *
 * The address is released with the configuration of `call`, the runtime's DEL, or
 * without one (NULL) with that of the ADD.
 *
 * On failure the record stays, for the next try. If only the address is left to be
 * released, it stays without the VF, which others may have from then on.
 */
int undo_record(const struct node *node, const struct record *record,
		const struct cni_call *call, struct err *err);

#endif
