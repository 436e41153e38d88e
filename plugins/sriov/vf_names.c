/* vf_names.c - give a VF's interface its names back. */
#include <errno.h>
#include <string.h>

#include "pkg/log.h"
#include "plugins/sriov/vf.h"

/* A pod can give 64 KiB of names, of which a look shows so many: the shortest fill a page
 * a few times. */
#define ROUNDS_MAX 512

/* Is it one of the lines? */
static bool has_line(const char *lines, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = lines; *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (strcspn(p, "\n") == len && !strncmp(p, name, len))
			return true;
	return false;
}

/* Call f for every line of `lines` that is not in `others`; how many it did, or -1 with
 * the first error. */
static int for_each_other(struct nl *nl, int index, const char *lines, const char *others,
			  int (*f)(struct nl *, int, const char *, struct err *),
			  struct err *err)
{
	char copy[ALTNAMES_LEN], *rest = copy, *name;
	int done = 0;

	strcpy(copy, lines);
	while ((name = strsep(&rest, "\n"))) {
		if (!*name || has_line(others, name))
			continue;
		if (!f(nl, index, name, err))
			done++;
		else if (err->no != EEXIST && err->no != ENOENT)
			return -1;
	}
	return done;
}

int vf_strip_names(struct nl *nl, const char *keep, const struct link *link,
		   struct err *err)
{
	struct link now = *link;

	for (int i = 0; i < ROUNDS_MAX; i++) {
		int n = for_each_other(nl, link->index, now.altnames, keep,
				       link_altname_del, err);

		if (n <= 0)
			return n;
		if (link_get(nl, link->index, &now, err))
			return -1;
	}
	return 0;
}

static int rename_back(const struct node *node, const struct plan *plan,
		       const struct link *link, struct err *err)
{
	if (!link_rename(node->nl, link->index, plan->was.name, err))
		return 0;
	if (err->no != EEXIST)
		return err_wrap(err, "VF %s (%s)", plan->vf.device, plan->was.name);
	log_warning("VF %s stays %s: its name %s is taken on the node", plan->vf.device,
		    link->name, plan->was.name);
	return 0;
}

/* What came with the pod goes first: it may be the very name, given as an alternative
 * by udev while the interface was away from it. */
int vf_restore_names(const struct node *node, const struct plan *plan,
		     const struct link *link, struct err *err)
{
	const char *was = plan->was.altnames, *is = link->altnames;

	if (strcmp(is, was) && vf_strip_names(node->nl, was, link, err))
		return err_wrap(err, "VF %s", plan->vf.device);
	if (strcmp(link->name, plan->was.name) && rename_back(node, plan, link, err))
		return -1;
	if (strcmp(is, was) &&
	    for_each_other(node->nl, link->index, was, is, link_altname_add, err) < 0)
		return err_wrap(err, "VF %s", plan->vf.device);
	return 0;
}
