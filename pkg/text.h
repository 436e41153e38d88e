/* text.h - text from elsewhere (interfaces, hosts, peers) made safe to print. */
#ifndef PKG_TEXT_H
#define PKG_TEXT_H

#include <stddef.h>

/* Copy what fits; what is not printable ASCII becomes '?', so that nobody's name can
 * drive a terminal or break a JSON text. Returns dst. */
char *text_clean(char *dst, size_t size, const char *src);

#endif
