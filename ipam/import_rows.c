/* import_rows.c - who has which address: rows, and what their fields may say. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/grow.h"
#include "pkg/name.h"
#include "ipam/import_rows.h"

enum field { ADDRESS, CONTAINER, IFNAME, NODE, POD };

static const char *const spellings[][4] = {
	[ADDRESS] = { "address", "ip" },
	[CONTAINER] = { "container", "containerID", "container_id" },
	[IFNAME] = { "interface", "ifname" },
	[NODE] = { "node", "nodeName" },
	[POD] = { "pod" },
};

int import_find_field(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		for (int k = 0; spellings[i][k]; k++)
			if (!strcmp(name, spellings[i][k]))
				return i;
	return -1;
}

const char *import_field(int field, int spelling)
{
	return field < (int)ARRAY_SIZE(spellings) ? spellings[field][spelling] : NULL;
}

struct import_row *import_add(struct import_rows *rows, int line, struct err *err)
{
	struct import_row *more = grow(rows->list, rows->n, sizeof(*more));

	if (!more) {
		err_set(err, ENOMEM, "hold %d rows", rows->n);
		return NULL;
	}
	rows->list = more;
	rows->list[rows->n] = (struct import_row){ .line = line };
	return &rows->list[rows->n++];
}

static int set_text(char *buf, size_t size, const char *text, const char *what,
		    struct err *err)
{
	int n = snprintf(buf, size, "%s", text);

	return n < (int)size ? 0
			     : err_set(err, 0, "%s '%.20s...' is longer than %zu bytes",
				       what, text, size - 1);
}

static int set_container(struct import_row *row, const char *text, struct err *err)
{
	if (!cni_valid_name(text))
		return err_set(err, 0, "'%.80s' is no container id", text);
	return set_text(row->container, sizeof(row->container), text, "container id",
			err);
}

static int set_ifname(struct import_row *row, const char *text, struct err *err)
{
	const char *problem = cni_ifname_problem(text);

	if (problem)
		return err_set(err, 0, "interface name '%.80s' %s", text, problem);
	return set_text(row->ifname, sizeof(row->ifname), text, "interface name", err);
}

/* It becomes a line of a file, and a value in CNI_ARGS. */
static int set_pod(struct import_row *row, const char *text, struct err *err)
{
	if (*text && (!strchr(text, '/') || text[strcspn(text, ";= \t\r\n")]))
		return err_set(err, 0, "pod '%.80s' is not NAMESPACE/NAME", text);
	return set_text(row->pod, sizeof(row->pod), text, "pod", err);
}

/* With or without the prefix length that the interface has. */
static int set_address(struct import_row *row, const char *text, struct err *err)
{
	struct cidr cidr;

	if (!cidr_parse_or_host(text, &cidr))
		return err_set(err, 0, "'%.80s' is no address", text);
	row->ip = cidr.ip;
	return 0;
}

int import_set(struct import_row *row, int field, const char *text, struct err *err)
{
	switch ((enum field)field) {
	case ADDRESS:
		return set_address(row, text, err);
	case CONTAINER:
		return set_container(row, text, err);
	case IFNAME:
		return set_ifname(row, text, err);
	case NODE:
		return name_escape(text, "", row->node, sizeof(row->node))
			       ? 0
			       : err_set(err, 0, "node name '%.20s...' is too long",
					 text);
	case POD:
		return set_pod(row, text, err);
	}
	return 0;
}

int import_complete(const struct import_row *row, struct err *err)
{
	const char *missing = !row->ip.family	 ? "address"
			      : !*row->container ? "container"
			      : !*row->ifname	 ? "interface"
						 : NULL;

	return missing ? err_set(err, 0, "has no %s", missing) : 0;
}

static int cmp(const void *a, const void *b)
{
	const struct import_row *one = a, *two = b;
	int r = ip_cmp(&one->ip, &two->ip);

	return r ? r : one->line - two->line;
}

static bool is_same(const struct import_row *a, const struct import_row *b)
{
	return ip_equal(&a->ip, &b->ip) && !strcmp(a->container, b->container) &&
	       !strcmp(a->ifname, b->ifname) && !strcmp(a->node, b->node);
}

void import_sort(struct import_rows *rows)
{
	int n = 0;

	if (rows->n)
		qsort(rows->list, rows->n, sizeof(*rows->list), cmp);
	for (int i = 0; i < rows->n; i++)
		if (!n || !is_same(&rows->list[n - 1], &rows->list[i]))
			rows->list[n++] = rows->list[i];
	rows->n = n;
}

void import_clear(struct import_rows *rows)
{
	free(rows->list);
	*rows = (struct import_rows){ 0 };
}
