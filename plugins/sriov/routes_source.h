/*
 * routes_source.h - who the peers are, read again and again from --peers or --store.
 *
 * A reading that fails leaves what was read before.
 */
#ifndef SRIOV_ROUTES_SOURCE_H
#define SRIOV_ROUTES_SOURCE_H

#include "plugins/sriov/routes.h"
#include "plugins/sriov/routes_child.h"
#include "plugins/sriov/routes_notes.h"
#include "plugins/sriov/routes_store.h"

struct source {
	const struct routes_options *options;
	struct child child;
	struct listing listing;
	struct peers peers;
	struct notes notes;  /* files of the store that are no peer's line */
	struct peer publish; /* our line, to be published first; no name: nothing */
	int readings;
};

/* Begin to read; not while one is going on. publish may be NULL. */
int source_begin(struct source *source, const struct peer *publish, struct err *err);

/* Go on: 1 when peers and notes are new, 2 when nothing has changed, 0 when it is not
 * done yet (poll source->child.fd, and come back by child.until), -1 when it has
 * failed. */
int source_continue(struct source *source, struct err *err);

/* Both, and wait for it. */
int source_read(struct source *source, const struct peer *publish, struct err *err);

void source_clear(struct source *source);
#define _autosource_ _cleanup_(source_clear)
#define SOURCE_OF(o)                                                                     \
	{                                                                                \
		.options = (o), .child = CHILD_NONE                                      \
	}

#endif
