/* table.c - aligned columns on a terminal or in a file. */
#include <stdarg.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/table.h"
#include "pkg/text.h"

#define CELL_MAX    256
#define COLUMNS_MAX 24

__attribute__((format(printf, 1, 0))) static char *format_cell(const char *fmt,
							       va_list ap)
{
	char raw[CELL_MAX], clean[CELL_MAX];

	vsnprintf(raw, sizeof(raw), fmt, ap);
	text_clean(clean, sizeof(clean), raw);
	return strdup(*clean ? clean : "-");
}

void table_cell(struct table *table, const char *fmt, ...)
{
	struct cell *grown = grow(table->cells, table->n, sizeof(*grown));
	va_list ap;

	if (!grown)
		return;
	table->cells = grown;
	va_start(ap, fmt);
	grown[table->n++] = (struct cell){ .text = format_cell(fmt, ap) };
	va_end(ap);
}

void table_paint(struct table *table, enum colour colour)
{
	if (table->n)
		table->cells[table->n - 1].colour = colour;
}

static const char *cell_text(const struct cell *cell)
{
	return cell->text ? cell->text : "?";
}

static void measure(const struct table *table, int widths[COLUMNS_MAX])
{
	memset(widths, 0, COLUMNS_MAX * sizeof(*widths));
	for (int i = 0; i < table->n; i++) {
		int *width = &widths[i % table->columns];
		int len = (int)strlen(cell_text(&table->cells[i]));

		*width = len > *width ? len : *width;
	}
}

static const char *const codes[] = { [PLAIN] = "\033[0m",
				     [GREEN] = "\033[32m",
				     [YELLOW] = "\033[33m",
				     [RED] = "\033[31m",
				     [BOLD] = "\033[1m" };

static bool wants_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && strcmp(term, "dumb") && isatty(fileno(out));
}

static void print_cell(const struct table *table, int i, int width, bool colours,
		       FILE *out)
{
	const struct cell *cell = &table->cells[i];
	int column = i % table->columns;
	bool last = column == table->columns - 1, right = table->right >> column & 1;
	enum colour colour = i < table->columns ? BOLD : cell->colour;
	int pad = width - (int)strlen(cell_text(cell));

	colours = colours && colour != PLAIN;
	fprintf(out, "%*s%s%s%s", right ? pad : 0, "", colours ? codes[colour] : "",
		cell_text(cell), colours ? codes[PLAIN] : "");
	fprintf(out, "%*s%s", right || last ? 0 : pad, "", last ? "\n" : "  ");
}

void table_print(const struct table *table, FILE *out)
{
	bool colours = wants_colour(out);
	int widths[COLUMNS_MAX];

	measure(table, widths);
	for (int i = 0; i < table->n; i++)
		print_cell(table, i, widths[i % table->columns], colours, out);
}

void table_clear(struct table *table)
{
	for (int i = 0; i < table->n; i++)
		free(table->cells[i].text);
	free(table->cells);
	table->cells = NULL;
	table->n = 0;
}

const char *colour_code(enum colour colour, FILE *out)
{
	return wants_colour(out) ? codes[colour] : "";
}
