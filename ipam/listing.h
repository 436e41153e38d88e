/* listing.h - the names in a directory, with as few system calls as can be. */
#ifndef IPAM_LISTING_H
#define IPAM_LISTING_H

#include "pkg/err.h"

/* What to do with a name; a value other than 0 ends the listing and becomes its result.
 */
typedef int (*list_visit)(void *ctx, const char *name, struct err *err);

/*
 * All names but those that start with a dot. dir must be freshly opened: opening is what
 * makes an NFS client ask its server whether the directory changed. Sets err only when
 * it returns -1.
 */
int list_names(int dir, list_visit visit, void *ctx, struct err *err);

/* The same with the names that start with a dot, except . and .. */
int list_hidden(int dir, list_visit visit, void *ctx, struct err *err);

/* And with both. */
int list_all(int dir, list_visit visit, void *ctx, struct err *err);

#endif
