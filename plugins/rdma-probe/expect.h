/*
 * expect.h - what a node should have: the file of check-local's --expect.
 *
 *	{ "rails": 4, "gbps": 200, "netdev_mtu": 9000, "active_mtu": 4096, "pfc": [3] }
 *
 * Every key may be absent: then nothing in particular is expected.
 */
#ifndef PROBE_EXPECT_H
#define PROBE_EXPECT_H

#include "pkg/err.h"

struct expect {
	int rails, gbps, netdev_mtu, active_mtu; /* 0: anything */
	int pfc;				 /* bit a priority, 0: anything */
};

int expect_parse(const char *text, unsigned long len, struct expect *ret,
		 struct err *err);
int expect_read(const char *path, struct expect *ret, struct err *err);

#endif
