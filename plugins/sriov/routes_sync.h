/*
 * routes_sync.h - one round: what is, what shall be, and the changes.
 *
 *	_autoround_ struct round round = { 0 };
 *
 *	if (round_look(&round, nl, options, peers, err) ||
 *	    round_apply(&round, nl, err))
 *		return -1;
 *	... round.changes were made, round.notes tell what is not as it should be ...
 */
#ifndef SRIOV_ROUTES_SYNC_H
#define SRIOV_ROUTES_SYNC_H

#include "plugins/sriov/routes_notes.h"
#include "plugins/sriov/routes_own.h"
#include "plugins/sriov/routes_plan.h"

struct round {
	struct own own;
	struct wanted wanted;
	struct routes_now now;
	struct changes changes;
	uint8_t *foreign; /* a wanted route: protocol of who has a route there, or 0 */
	struct notes notes;
};

/* Make the changes known. Fails with nothing to show when this node cannot be read. From
 * a round before this one it takes over who was silent then. */
int round_look(struct round *round, struct nl *nl, const struct routes_options *options,
	       const struct peers *peers, struct err *err);

/* Would that take all our routes away for want of peers? An error that says so. */
int round_allowed(const struct round *round, const struct routes_options *options,
		  const struct peers *peers, struct err *err);

/* Make them: 1 when all went well, 0 when the kernel refused one because something
 * changed meanwhile (look again), -1 when it cannot be told. *refused is what was
 * refused. */
int round_apply(struct round *round, struct nl *nl, struct err *refused, struct err *err);

/* Look and apply, again while things change, and ask those who are silent; with the
 * lock. */
int round_run(struct round *round, struct nl *nl, const struct routes_options *options,
	      const struct peers *peers, struct err *err);

/* Take all that is ours away; for an empty round. */
int round_take_all(struct round *round, struct nl *nl, bool dry_run, struct err *err);

void round_clear(struct round *round);
#define _autoround_ _cleanup_(round_clear)

/* A netlink socket for rounds. */
int round_open(struct nl **ret, struct err *err);

/* What is ours in the kernel. */
int routes_now_get(struct nl *nl, struct routes_now *ret, struct err *err);

/* "add next hop", "192.168.0.2 on rail0". */
const char *change_name(enum change_kind kind);
#define CHANGE_TEXT 600
char *change_text(const struct round *round, const struct change *change,
		  char buf[CHANGE_TEXT]);

#endif
