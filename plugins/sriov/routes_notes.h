/* routes_notes.h - sentences about what is not as it should be, gathered to be told once.
 */
#ifndef SRIOV_ROUTES_NOTES_H
#define SRIOV_ROUTES_NOTES_H

#include <stdbool.h>

#include "pkg/cleanup.h"

struct notes {
	char **list;
	int count;
};

void note(struct notes *notes, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Print them to stderr, a line each; how many. */
int notes_tell(const struct notes *notes);
bool notes_have(const struct notes *notes, const char *text);
void notes_clear(struct notes *notes);
#define _autonotes_ _cleanup_(notes_clear)

#endif
