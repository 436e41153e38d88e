/* routes_notes.c - sentences about what is not as it should be, gathered to be told once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "plugins/sriov/routes_notes.h"

void note(struct notes *notes, const char *fmt, ...)
{
	char **grown = grow(notes->list, notes->count, sizeof(*grown));
	va_list ap;

	if (!grown)
		return;
	notes->list = grown;
	va_start(ap, fmt);
	if (vasprintf(&grown[notes->count], fmt, ap) >= 0)
		notes->count++;
	va_end(ap);
}

int notes_tell(const struct notes *notes)
{
	(void)fflush(stdout); /* what was printed before comes first */
	for (int i = 0; i < notes->count; i++)
		fprintf(stderr, "rail-sriov: %s\n", notes->list[i]);
	return notes->count;
}

bool notes_have(const struct notes *notes, const char *text)
{
	for (int i = 0; i < notes->count; i++)
		if (!strcmp(notes->list[i], text))
			return true;
	return false;
}

void notes_clear(struct notes *notes)
{
	for (int i = 0; i < notes->count; i++)
		free(notes->list[i]);
	free(notes->list);
	*notes = (struct notes){ 0 };
}
