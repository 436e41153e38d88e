/* names.c - a list of node names as an operator gives them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "pkg/grow.h"
#include "pkg/name.h"
#include "ipam/names.h"

static char *one_more(struct names *names, struct err *err)
{
	char(*more)[NODE_LEN] = grow(names->list, names->n, sizeof(*more));

	if (!more) {
		err_set(err, ENOMEM, "hold the names of nodes");
		return NULL;
	}
	names->list = more;
	return more[names->n];
}

int names_add(struct names *names, const char *name, struct err *err)
{
	char *place = one_more(names, err);

	if (!place)
		return -1;
	if (!*name || !name_escape(name, "", place, NODE_LEN))
		return err_set(err, 0, "%s: no node has such a name", name);
	names->n++;
	return 0;
}

int names_add_escaped(struct names *names, const char *name, struct err *err)
{
	char *place = one_more(names, err);

	if (!place)
		return -1;
	snprintf(place, NODE_LEN, "%s", name);
	names->n++;
	return 0;
}

int names_read(struct names *names, FILE *in, struct err *err)
{
	_autofree_ char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, in) >= 0) {
		char *name = line + strspn(line, " \t");

		name[strcspn(name, " \t\r\n")] = '\0';
		if (!strncmp(name, "node/", 5))
			name += 5;
		if (*name && names_add(names, name, err))
			return -1;
	}
	return ferror(in) ? err_set(err, errno, "read the names of nodes") : 0;
}

bool names_have(const struct names *names, const char *node)
{
	for (int i = 0; i < names->n; i++)
		if (!strcmp(names->list[i], node))
			return true;
	return false;
}

void names_clear(struct names *names)
{
	free(names->list);
	*names = (struct names){ 0 };
}
