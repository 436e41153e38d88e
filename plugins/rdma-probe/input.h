/* input.h - read a file that somebody names on the command line. */
#ifndef PROBE_INPUT_H
#define PROBE_INPUT_H

#include <stddef.h>

#include "pkg/err.h"

/* The whole file, "-" for standard input, of at most max bytes; NULL with *err. A NUL
 * follows the data; free() it. Follows links: a ConfigMap is made of them. */
char *input_read(const char *path, size_t max, size_t *ret_len, struct err *err);

#endif
