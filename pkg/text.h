/* text.h - text for people: from elsewhere made safe to print, and ages. */
#ifndef PKG_TEXT_H
#define PKG_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Copy what fits; what is not printable ASCII becomes '?', so that nobody's name can
 * drive a terminal or break a JSON text. Returns dst. */
char *text_clean(char *dst, size_t size, const char *src);

/* How many bytes the UTF-8 character takes that text starts with, of which `left` bytes
 * (at least 1) are there; 0 when it is none (RFC 3629). */
int text_character(const char *text, size_t left);

/* In place: bytes that are no UTF-8 become '?', among them half of a character that was
 * cut. JSON wants it so. Returns text. */
char *text_utf8(char *text);

/* In place: control characters become spaces, so that nobody's name can forge a line of
 * a log. Returns text. */
char *text_line(char *text);

/* The age of something that has been since then, seconds since 1970, in one unit: "45s",
 * "12m", "7h", "3d"; "-" when that is negative. Returns buf. */
#define AGE_LEN 24
char *text_age(int64_t since, char buf[AGE_LEN]);

#endif
