/*
 * bisect.h - a path failed: is it this end, the other one, or what is between? No I/O.
 *
 *	struct bisect_answer answers[] = { { VERDICT_OK, VERDICT_FAIL } };
 *
 *	who = bisect(answers, 1);
 *	bisect_note(who, answers, 1, "net1", "node-b", &fault);
 *
 * As others tell: an end that nobody reaches is itself broken, and by the same rule by
 * which a mesh suspects it (suspects.c). One failing pair is a path.
 */
#ifndef PROBE_BISECT_H
#define PROBE_BISECT_H

#include "plugins/rdma-probe/fault.h"

#define BISECT_MAX 3 /* others that are asked */

/* How one of the others stands to both ends of the path. */
struct bisect_answer {
	enum verdict to_us, to_peer; /* unknown: it cannot tell */
	enum verdict from_us;	     /* what we know ourselves */
};

enum bisect_end {
	BISECT_UNKNOWN,
	BISECT_PATH,
	BISECT_US,
	BISECT_PEER,
	BISECT_RAIL, /* both ends, or the rail as a whole */
};

enum bisect_end bisect(const struct bisect_answer *answers, int n);

/* One more piece of evidence. */
void bisect_note(enum bisect_end end, const struct bisect_answer *answers, int n,
		 const char *rail, const char *peer, struct fault *fault);

#endif
