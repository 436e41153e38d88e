/*
 * http.h - as much of HTTP as a scraper needs: GET of a few paths, one at a time.
 */
#ifndef PROBE_HTTP_H
#define PROBE_HTTP_H

#include <stdio.h>

/* Write the body for a path; the status, or 404. */
typedef int (*http_answer)(void *arg, const char *path, FILE *out);

/* Serve one connection of a listening socket; bounded in time and size. */
void http_serve_one(int listener, http_answer answer, void *arg);

/* The path of "GET /x HTTP/1.1" into ret; false for anything else. */
int http_parse(const char *request, char *ret, size_t size);

#endif
