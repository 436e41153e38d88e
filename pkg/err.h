/*
 * err.h - one error, with the story of how we got there.
 *
 * A function that can fail takes `struct err *err` last and returns -1 after
 * filling it; on success it leaves *err alone. Callers add what they were
 * trying to do with err_wrap(), so the message reads outermost intent first:
 *
 *	"move VF 0000:03:10.0 into the pod: netlink: Device or resource busy"
 *
 * The struct lives on the caller's stack: nothing to free, and reporting an
 * out-of-memory condition does not itself need memory.
 */
#ifndef PKG_ERR_H
#define PKG_ERR_H

struct err {
	int no;		/* positive errno, or 0 if no system call was involved */
	int code;	/* CNI error code (cni.h), or 0 if nobody chose one yet */
	char msg[1024]; /* truncated, never unterminated */
	char hint[384]; /* what the reader can do about it, or "" */
};

/* All return -1, so that `return err_set(...)` is the whole error path. */

/* A new error; a non-zero errno adds its text. Forgets code and hint. */
int err_set(struct err *err, int no, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A new error of which the leaf already knows the CNI code. */
int err_cni(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put what was being tried in front of the message. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Choose the code, unless somebody nearer to the cause already did. */
int err_code(struct err *err, int code);

/* Say what to do. The hint nearest to the cause wins. */
int err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
