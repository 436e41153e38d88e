/*
 * health.h - what an ADD needs of the node: for STATUS, which asks often and wants to
 * know whether, and for `rail-sriov doctor`, which tells a person what and why.
 */
#ifndef SRIOV_HEALTH_H
#define SRIOV_HEALTH_H

#include "plugins/sriov/conf.h"
#include "plugins/sriov/node.h"

#define HEALTH_TEXT 400

struct health_check {
	const char *name;
	/* 0 with what was found in text (HEALTH_TEXT bytes), or -1: no ADD of this conf
	 * can work; err tells what is missing and, as hint, what to do. */
	int (*ask)(const struct node *node, const struct conf *conf, char *text,
		   struct err *err);
};

/* Ended by a NULL name. */
extern const struct health_check health_checks[];

#endif
