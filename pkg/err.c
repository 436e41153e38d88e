/* err.c - build up an error message from the inside out. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pkg/err.h"

static void append(struct err *err, int at, const char *text)
{
	if (at >= 0 && (size_t)at < sizeof(err->msg))
		snprintf(err->msg + at, sizeof(err->msg) - at, ": %s", text);
}

int err_set(struct err *err, int no, const char *fmt, ...)
{
	va_list ap;
	int n;

	*err = (struct err){ .no = no };
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);

	if (no)
		append(err, n, strerror(no));
	return -1;
}

int err_cni(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	*err = (struct err){ .code = code };
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char cause[sizeof(err->msg)];
	va_list ap;
	int n;

	memcpy(cause, err->msg, sizeof(cause));
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);

	append(err, n, cause);
	return -1;
}

int err_code(struct err *err, int code)
{
	if (!err->code)
		err->code = code;
	return -1;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (*err->hint)
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}
