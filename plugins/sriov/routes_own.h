/* routes_own.h - this node: its rails and ordinary addresses as they are now. */
#ifndef SRIOV_ROUTES_OWN_H
#define SRIOV_ROUTES_OWN_H

#include "pkg/nl.h"
#include "plugins/sriov/routes.h"

/* From --rails and --address, or else from the line that names this node (NULL when
 * there is none). Rails that are not there now are no error; an ordinary address that is
 * not is one. */
int own_read(struct nl *nl, const struct routes_options *options, const struct peer *line,
	     struct own *ret, struct err *err);

/* Was this node told what it has, and where to publish it? */
bool own_publishes(const struct routes_options *options);

/* The line of this node as it is; returns buf. */
char *own_format(const struct own *own, char buf[PEER_LINE]);

/* The line to publish in the store: 1, 0 when this node was not told what it has, or
 * -1. */
int own_line(struct nl *nl, const struct routes_options *options, struct peer *ret,
	     struct err *err);

#endif
