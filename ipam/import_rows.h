/*
 * import_rows.h - who has which address, as another plugin or a person tells it.
 *
 * A directory of host-local's has a file an address, with container and interface in it.
 * A list is CSV with a heading, or JSON:
 *
 *	address,container,interface,node,pod
 *	192.168.1.7,3f9c0c5d,net1,gpu07,ml/train-0
 *
 *	[{"address": "192.168.1.7", "container": "3f9c0c5d", "interface": "net1"}]
 *
 * Without a node it is this one. Other columns and keys are passed over. No input or
 * output here but import_read().
 */
#ifndef IPAM_IMPORT_ROWS_H
#define IPAM_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/err.h"
#include "ipam/comment.h"
#include "ipam/lease.h"

/* What came of it, or would. */
enum import_state {
	IMPORT_NEW,   /* this node's: to be leased */
	IMPORT_ASIDE, /* another node's: to be set aside until it is imported there */
	IMPORT_THERE, /* is so already */
	IMPORT_REFUSED,
};

struct import_row {
	struct ip ip;
	char container[201], ifname[16];
	char node[NODE_LEN]; /* as in file names; "" is this one */
	char pod[COMMENT_POD_LEN];
	int line; /* of the list; 0: a file of that address */
	enum import_state state;
	char why[512]; /* IMPORT_REFUSED */
};

struct import_rows {
	struct import_row *list;
	int n;
};

/* A directory, a file, or "-". */
int import_read(const char *source, struct import_rows *ret, struct err *err);

/* A list in either format; the text is taken apart. */
int import_parse(char *text, size_t len, struct import_rows *ret, struct err *err);

/* The content of host-local's file of an address. */
int import_parse_file(const char *name, char *text, struct import_rows *ret,
		      struct err *err);

/* By address, each row once. */
void import_sort(struct import_rows *rows);

/* For parsers: one more row. The number of the field of this name, or -1; the names of a
 * field, NULL behind the last. Say what it is; is anything missing? */
struct import_row *import_add(struct import_rows *rows, int line, struct err *err);
int import_find_field(const char *name);
const char *import_field(int field, int spelling);
int import_set(struct import_row *row, int field, const char *text, struct err *err);
int import_complete(const struct import_row *row, struct err *err);

void import_clear(struct import_rows *rows);
#define _autoimport_ _cleanup_(import_clear)

#endif
