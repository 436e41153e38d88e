/* text.c - text from elsewhere (interfaces, hosts, peers) made safe to print. */
#include "pkg/text.h"

char *text_clean(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	for (; *src && n + 1 < size; src++)
		dst[n++] = *src >= 0x20 && *src < 0x7f ? *src : '?';
	dst[n] = '\0';
	return dst;
}
