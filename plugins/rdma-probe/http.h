/*
 * http.h - as much of HTTP as a scraper needs: GET of a few paths, one at a time.
 *
 *	static struct http http = { .answer = answer, .arg = &things };
 *
 *	if (http_listen(&http, &endpoint, err) || http_start(&http, stop, err))
 *		return -1;
 */
#ifndef PROBE_HTTP_H
#define PROBE_HTTP_H

#include <stdio.h>

#include "pkg/err.h"
#include "plugins/rdma-probe/endpoint.h"

/* Write the body for a path; the status, or 404. */
typedef int (*http_answer)(void *arg, const char *path, FILE *out);

/* The path of "GET /x HTTP/1.1" into ret; -1 for anything else. */
int http_parse(const char *request, char *ret, size_t size);

/* Serve one connection of a listening socket; bounded in time and size. */
void http_serve_one(int listener, http_answer answer, void *arg);

struct http {
	http_answer answer;
	void *arg;
	int listener, stop;
};

int http_listen(struct http *http, const struct endpoint *at, struct err *err);

/* Serve in a thread of its own until `stop` is readable. A struct http has to outlive the
 * program. */
int http_start(struct http *http, int stop, struct err *err);

#endif
