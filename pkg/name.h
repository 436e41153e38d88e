/*
 * name.h - strings from outside as parts of a file name.
 *
 * A record whose file name says what it is can be found with one readdir. The
 * parts are joined by characters that escaping never lets through.
 */
#ifndef PKG_NAME_H
#define PKG_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Write text with everything but [A-Za-z0-9._-] and the characters of `keep` as
 * %XX. A leading dot is escaped too, so that no name hides or means a directory.
 * False when it does not fit into size bytes with its NUL. */
bool name_escape(const char *text, const char *keep, char *buf, size_t size);

/* The other way. False when a %XX is broken, or names a NUL or a slash. */
bool name_unescape(const char *name, char *buf, size_t size);

/* The same where no file is meant: it may have slashes. */
bool name_unescape_any(const char *name, char *buf, size_t size);

#endif
