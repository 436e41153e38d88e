/* page.h - what HTML pages with heat maps are made of; they need nothing else. */
#ifndef PROBE_PAGE_H
#define PROBE_PAGE_H

#include <stdio.h>

#include "plugins/rdma-probe/outcome.h"

/* A file that is to become a page; its beginning is written. NULL with *err. */
FILE *page_begin(const char *path, const char *title, struct err *err);

/* Its end: 0, or -1 when some of it could not be written. */
int page_end(FILE *out, const char *path, struct err *err);

/* Text from elsewhere, which cannot become markup. */
void page_text(FILE *out, const char *text);

/* A cell: green to yellow with the round trip relative to the slowest, or the reason,
 * with all that is known when the pointer is held over it. outcome may be NULL. */
void page_cell(FILE *out, const struct outcome *outcome, int64_t slowest);

#endif
