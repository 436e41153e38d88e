/* text.c - text for people: from elsewhere made safe to print, and ages. */
#include <stdio.h>
#include <string.h>
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

int text_character(const char *text, size_t left)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	int len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	unsigned int c = len > 1 ? *p & (0x7f >> len) : *p;

	if ((*p >= 0x80 && *p < 0xc2) || *p > 0xf4 || (size_t)len > left)
		return 0;
	for (int i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : len;
}

char *text_utf8(char *text)
{
	for (char *p = text, *end = text + strlen(text); p < end;) {
		int len = text_character(p, end - p);

		if (!len)
			*p = '?';
		p += len ? len : 1;
	}
	return text;
}

char *text_line(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return text;
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
