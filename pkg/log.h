/*
 * log.h - one line at a time to stderr, or to a file a configuration names.
 *
 * For programs, never for pkg/ itself: there, what went wrong is returned.
 */
#ifndef PKG_LOG_H
#define PKG_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

bool log_level_parse(const char *text, enum log_level *ret);

/* Choose what is written, and where: NULL or "" means stderr. A file that cannot be
 * opened is said on stderr, which then serves. */
void log_setup(enum log_level level, const char *file);

/* Every line starts with this: who is served, say "ADD c0ffee net1". */
void log_subject(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void log_line(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_DEBUG, __VA_ARGS__)

#endif
