/*
 * change.h - give the plugin directory another set of programs, so that whoever looks,
 * and whatever dies on the way, every program is there, and whole.
 *
 *	if (change_lock(&lock, err) || change_complete(err))
 *		...
 *	change_to(image, err);
 *
 * All of it works in the current directory, which is the plugin directory. A change is
 * prepared in .rail-cni/draft. Renamed to .rail-cni/change it is decided: from there on
 * nothing needs space, and who finds it completes it. Then what was is
 *.rail-cni/previous.
 */
#ifndef INSTALLER_CHANGE_H
#define INSTALLER_CHANGE_H

#include "pkg/err.h"

#define PREVIOUS ".rail-cni/previous"
#define CHANGE	 ".rail-cni/change"

/* The names of the programs that are installed; NULL ends them. */
extern const char *const programs[];

/* One change at a time: wait for another to end. Closed, *ret unlocks. */
int change_lock(int *ret, struct err *err);

/* Complete a change that did not come to its end; no error when there is none. */
int change_complete(struct err *err);

/* What `source` has shall be here, and what it has not shall not. */
int change_to(int source, struct err *err);

/* Remove the programs, and all that changes left. */
int change_uninstall(struct err *err);

#endif
