/* name.c - strings from outside as parts of a file name. */
#include <string.h>

#include "pkg/name.h"

static bool is_plain(char c, const char *keep)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || strchr("._-", c) || strchr(keep, c);
}

bool name_escape(const char *text, const char *keep, char *buf, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		bool plain = is_plain(*p, keep) && !(*p == '.' && p == text);

		if (n + (plain ? 1 : 3) >= size)
			return false;
		if (plain) {
			buf[n++] = *p;
			continue;
		}
		buf[n++] = '%';
		buf[n++] = hex[(unsigned char)*p >> 4];
		buf[n++] = hex[*p & 15];
	}
	if (n >= size)
		return false;
	buf[n] = '\0';
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool name_unescape_any(const char *name, char *buf, size_t size)
{
	size_t n = 0;

	for (const char *p = name; *p; p++) {
		int c = (unsigned char)*p;

		if (c == '%') {
			int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);

			c = high < 0 || low < 0 ? 0 : high << 4 | low;
			p += 2;
		}
		if (!c || n + 1 >= size)
			return false;
		buf[n++] = c;
	}
	if (n >= size)
		return false;
	buf[n] = '\0';
	return true;
}

bool name_unescape(const char *name, char *buf, size_t size)
{
	return name_unescape_any(name, buf, size) && !strchr(buf, '/');
}
