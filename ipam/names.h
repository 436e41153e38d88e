/* names.h - a list of node names as an operator gives them. */
#ifndef IPAM_NAMES_H
#define IPAM_NAMES_H

#include <stdbool.h>
#include <stdio.h>

#include "ipam/lease.h"
#include "pkg/err.h"

struct names {
	char (*list)[NODE_LEN]; /* as they stand in file names */
	int n;
};

int names_add(struct names *names, const char *name, struct err *err);

/* One that comes from a file's name. */
int names_add_escaped(struct names *names, const char *name, struct err *err);

/* A name a line, as `kubectl get nodes -o name` prints them: "node/gpu07"; empty lines
 * are nothing. */
int names_read(struct names *names, FILE *in, struct err *err);

bool names_have(const struct names *names, const char *node);
void names_clear(struct names *names);

#endif
