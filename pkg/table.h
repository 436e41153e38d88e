/*
 * table.h - aligned columns on a terminal or in a file.
 *
 *	_autotable_ struct table table = { .columns = 2, .right = 1 << 1 };
 *
 *	table_cell(&table, "RAIL");
 *	table_cell(&table, "SENT");
 *	table_cell(&table, "%s", rail->name);
 *	table_cell(&table, "%d", sent);
 *	table_print(&table, stdout);
 *
 * Cells fill rows from left to right; the first row is the heading. Widths are those of
 * the widest cells. Text is made printable; an empty cell is shown as "-".
 */
#ifndef PKG_TABLE_H
#define PKG_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "pkg/cleanup.h"

enum colour { PLAIN, GREEN, YELLOW, RED, BOLD };

struct table {
	int columns;
	unsigned int right; /* bit i: column i is aligned to the right */
	struct cell {
		char *text;
		enum colour colour;
	} * cells;
	int n;
};

void table_cell(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void table_paint(struct table *table, enum colour colour); /* the last cell */
void table_print(const struct table *table, FILE *out);
void table_clear(struct table *table);

/* The escape sequence if out is a terminal that wants colours, "" otherwise. */
const char *colour_code(enum colour colour, FILE *out);

#define _autotable_ _cleanup_(table_clear)

#endif
