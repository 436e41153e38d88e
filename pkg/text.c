/* text.c - text for people: from elsewhere made safe to print, and ages. */
#include <stdio.h>
#include <time.h>

#include "pkg/text.h"

char *text_clean(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	for (; *src && n + 1 < size; src++)
		dst[n++] = *src >= 0x20 && *src < 0x7f ? *src : '?';
	dst[n] = '\0';
	return dst;
}

char *text_age(int64_t since, char buf[AGE_LEN])
{
	long long s = time(NULL) - since;

	if (since < 0)
		snprintf(buf, AGE_LEN, "-");
	else if (s < 120)
		snprintf(buf, AGE_LEN, "%llds", s < 0 ? 0 : s);
	else if (s < 120 * 60)
		snprintf(buf, AGE_LEN, "%lldm", s / 60);
	else if (s < 48 * 3600)
		snprintf(buf, AGE_LEN, "%lldh", s / 3600);
	else
		snprintf(buf, AGE_LEN, "%lldd", s / 86400);
	return buf;
}
