/*
 * wire.h - lines over a stream, bounded in size and time, for peers nobody has to trust.
 *
 *	_autowire_ struct wire wire = WIRE_NONE;
 *
 *	if (wire_connect(&wire, &endpoint, PROTO_ANSWER_MAX, &until, err) ||
 *	    wire_send(&wire, line, &until, err))
 *		return -1;
 *	r = wire_line(&wire, &until, &answer, &len, err);
 *
 * Everything waits until a moment at most, and ends early with ECANCELED once the stop
 * descriptor becomes readable.
 */
#ifndef PROBE_WIRE_H
#define PROBE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"
#include "plugins/rdma-probe/endpoint.h"

struct until {
	int64_t deadline; /* clock_ns() clock */
	int stop;	  /* descriptor that becomes readable when all shall end; or -1 */
};

struct wire {
	int fd;
	char *buf;
	size_t room, len, used; /* size of buf, bytes in it, bytes handed out */
};
#define WIRE_NONE                                                                        \
	{                                                                                \
		.fd = -1                                                                 \
	}

/* Take over a connected socket. max: of a line, in bytes. */
int wire_open(struct wire *ret, int fd, size_t max, struct err *err);
int wire_connect(struct wire *ret, const struct endpoint *to, size_t max,
		 const struct until *until, struct err *err);
void wire_close(struct wire *wire);

/* A line with its newline added. */
int wire_send(struct wire *wire, const char *line, const struct until *until,
	      struct err *err);

/* 1: *line, valid until the next call and ended by a NUL; 0: the other side is gone;
 * -1 with err->no ETIMEDOUT, ECANCELED, or EMSGSIZE for a line above max. */
int wire_line(struct wire *wire, const struct until *until, const char **line,
	      size_t *len, struct err *err);

/* True once the other side has closed or reset, which nobody has to have read. */
bool wire_is_closed(const struct wire *wire);

/* A listening socket; an empty host means every address of both families. */
int wire_listen(const struct endpoint *at, struct err *err);

/* Wait for events on fd: 0, or -1 with err->no ETIMEDOUT or ECANCELED. */
int wire_wait(int fd, short events, const struct until *until, struct err *err);

#define _autowire_ _cleanup_(wire_close)

#endif
