/* vf_names.c - give a VF's interface its names back. */
#include <errno.h>
#include <string.h>

#include "pkg/log.h"
#include "plugins/sriov/vf.h"

/* Is it one of the lines? */
static bool has_line(const char *lines, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = lines; *p; p = strchr(p, '\n') + 1)
		if (!strncmp(p, name, len) && p[len] == '\n')
			return true;
	return false;
}

/* Call f for every line of `lines` that is not in `others`; the first error ends it. */
static int for_each_other(const struct node *node, const struct link *link,
			  const char *lines, const char *others,
			  int (*f)(struct nl *, int, const char *, struct err *),
			  struct err *err)
{
	char copy[ALTNAMES_LEN], *rest = copy, *name;

	strcpy(copy, lines);
	while ((name = strsep(&rest, "\n")) && *name)
		if (!has_line(others, name) && f(node->nl, link->index, name, err) &&
		    err->no != EEXIST && err->no != ENOENT)
			return -1;
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

	if (strcmp(is, was) && for_each_other(node, link, is, was, link_altname_del, err))
		return err_wrap(err, "VF %s", plan->vf.device);
	if (strcmp(link->name, plan->was.name) && rename_back(node, plan, link, err))
		return -1;
	if (strcmp(is, was) && for_each_other(node, link, was, is, link_altname_add, err))
		return err_wrap(err, "VF %s", plan->vf.device);
	return 0;
}
